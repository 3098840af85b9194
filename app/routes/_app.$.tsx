import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Nothing here');

/** Every address that no page has. */
export function loader(): never {
  throw new Response(null, { status: 404 });
}
