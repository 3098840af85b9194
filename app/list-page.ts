// What the loader of a list page does: one page of the list, the views of it that its reader keeps, and what may be done to
// many of its rows at once.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { savedSearchList } from '../server/contexts/saved-search/operations.ts';
import type { SavedList, SavedSearch } from '../server/contexts/saved-search/schemas.ts';
import type { Operation } from '../server/operations/operation.ts';
import { type BulkChoice, bulkChoices } from './bulk-actions.ts';
import { addressValues, PAGE_SIZE, SHOWN_BY } from './list-query.ts';

type Page<Row> = { data: Row[]; next_cursor: string | null };

export type ListPage<Row> = {
  /** What its views and bulk actions go by. */
  name: SavedList;
  values: Record<string, string>;
  page: Page<Row>;
  views: SavedSearch[];
  bulk: BulkChoice[];
  /** The filters as the operation takes them, where they differ from those of the address. */
  asked: Record<string, string>;
};

type Asking<Input> = {
  /** Turns what people type into what the operation takes. */
  ask?: (values: Record<string, string>) => Record<string, string>;
  /** What narrows or types the list beside its filters, as the merchant of a workspace. */
  also?: (asked: Record<string, string>) => Partial<Input>;
};

/** Opens a list as its address says. The values are only text here: the operation itself refuses what it does not know. */
export async function openList<Input, Row>(
  context: AppLoadContext,
  request: Request,
  name: SavedList,
  operation: Operation<Input, Page<Row>>,
  filters: readonly string[],
  { ask = (values) => values, also = () => ({}) }: Asking<Input> = {},
): Promise<ListPage<Row>> {
  const values = addressValues(request, [...filters, 'sort', 'cursor', ...SHOWN_BY]);
  const { columns: _columns, view: _view, ...typed } = values;
  const asked = ask(typed);
  const [page, views] = await Promise.all([
    context.run(operation, { ...asked, ...also(asked), limit: PAGE_SIZE } as Input),
    context.run(savedSearchList, { list: name, limit: 200 }),
  ]);
  return { name, values, page, views: views.data, bulk: bulkChoices(context, name), asked };
}
