import * as v from 'valibot';
import { id } from '../server/operations/schemas.ts';

/** The id in a page's address. What cannot be an id is nothing that exists. */
export function idParam(params: { id?: string | undefined }): string {
  const found = v.safeParse(id, params.id);
  if (!found.success) throw new Response(null, { status: 404 });
  return found.output;
}
