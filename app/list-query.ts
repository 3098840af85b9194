/** The filters and paging of a list page, as they stand in its address. */
export type ListQuery = { values: Record<string, string>; input: Record<string, string | number> };

const PAGE_SIZE = 50;

/** Reads the named filters, `sort` and `cursor` from the address; empty fields of the filter form count as absent. */
export function listQuery(request: Request, filters: readonly string[]): ListQuery {
  const search = new URL(request.url).searchParams;
  const values: Record<string, string> = {};
  for (const name of [...filters, 'sort', 'cursor']) {
    const value = search.get(name)?.trim();
    if (value) values[name] = value;
  }
  return { values, input: { ...values, limit: PAGE_SIZE } };
}

/** The same page with some of its parameters changed; null removes one. */
export function withParameters(values: Record<string, string>, changes: Record<string, string | null>): string {
  const search = new URLSearchParams(values);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  return text ? `?${text}` : '?';
}

/** Whether any filter is set, which tells an empty list from an empty result. */
export function isFiltered(values: Record<string, string>): boolean {
  return Object.keys(values).some((name) => name !== 'sort' && name !== 'cursor');
}
