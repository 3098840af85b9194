import type { Operation } from '../server/operations/operation.ts';

/** The filters and paging of a list page, as they stand in its address, and the input that they make. */
export type ListQuery<Input> = { values: Record<string, string>; input: Input };

/** Rows of one page of a list. */
export const PAGE_SIZE = 50;

/** What an address says beside the filters: these are the page's own affair, or the order and place of its rows. */
export const SHOWN_BY = ['columns', 'view'] as const;
const NO_FILTER: readonly string[] = ['sort', 'cursor', ...SHOWN_BY];

/**
 * Reads the named filters of a list operation, `sort` and `cursor` from the address; empty fields of the filter form
 * count as absent. The values are only text here: the operation itself refuses what it does not know.
 */
export function listQuery<Input>(
  request: Request,
  _operation: Operation<Input, unknown>,
  filters: readonly (keyof Input & string)[],
): ListQuery<Input> {
  const values = addressValues(request, [...filters, 'sort', 'cursor']);
  return { values, input: { ...values, limit: PAGE_SIZE } as Input };
}

/** Those of the named parameters that the address has, trimmed; one that is there several times is a list. */
export function addressValues(request: Request, names: readonly string[]): Record<string, string> {
  const given = valuesOf(new URL(request.url).searchParams);
  const found = names.map((name) => [name, given[name]?.trim() ?? ''] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== ''));
}

/** The parameters of an address; the boxes of one form field count as one list. */
export function valuesOf(search: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => [
      name,
      name === 'columns' ? search.getAll(name).join(',') : (search.get(name) ?? ''),
    ]),
  );
}

/** The same page with some of its parameters changed; null removes one. */
export function withParameters(values: Record<string, string>, changes: Record<string, string | null>): string {
  const search = new URLSearchParams(values);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  return `?${search}`;
}

/** Whether any filter is set, which tells an empty list from an empty result. */
export function isFiltered(values: Record<string, string>): boolean {
  return Object.keys(values).some((name) => !NO_FILTER.includes(name));
}

/** What of an address a view keeps: all but the place in the list. */
export function keptOf(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => name !== 'cursor' && name !== 'view' && value !== ''),
  );
}
