// The form of a bulk action: which rows, in which versions.
import * as v from 'valibot';
import { id } from '../server/operations/schemas.ts';

/** More than a page of a list shows. */
const AT_MOST = 100;

const notTooMany = <T>(rows: T[]): T[] => {
  if (rows.length > AT_MOST) throw new Response(null, { status: 400 });
  return rows;
};

/** The rows that were ticked, each once. @throws Response 400 for too many, or what is no id */
export function chosenIds(search: URLSearchParams): string[] {
  const ids = v.safeParse(v.array(id), [...new Set(search.getAll('id'))]);
  if (!ids.success) throw new Response(null, { status: 400 });
  return notTooMany(ids.output);
}

/** As the field `row` of the form. */
export function rowField({ id, version }: { id: string; version: number }): string {
  return `${id} ${version}`;
}

/** The rows of the form, each once. @throws Response 400 for too many, or what is no row */
export function formRows(form: FormData): { id: string; version: number }[] {
  const rows = new Map<string, number>();
  for (const field of form.getAll('row')) {
    const [, text = '', version] = /^(\S+) (\d{1,9})$/.exec(String(field)) ?? [];
    if (!v.is(id, text)) throw new Response(null, { status: 400 });
    rows.set(text, Number(version));
  }
  return notTooMany([...rows].map(([id, version]) => ({ id, version })));
}
