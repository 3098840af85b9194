type Page<T> = { data: T[]; next_cursor: string | null };

/** A choice longer than this needs a search, not a list. */
const MAXIMUM_PAGES = 5;

/** All pages of a list that a form offers as choices. */
export async function wholeList<T>(load: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAXIMUM_PAGES; page += 1) {
    const { data, next_cursor } = await load(cursor);
    all.push(...data);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return all;
}
