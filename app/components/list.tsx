import { useLocation } from '@remix-run/react';
import type { ReactNode } from 'react';
import { chosenNames, shownColumns } from '../columns.ts';
import type { ListPage } from '../list-page.ts';
import { isFiltered } from '../list-query.ts';
import { Card } from './card.tsx';
import { EmptyResult } from './empty.tsx';
import { Filters } from './filters.tsx';
import { ListFoot } from './list-foot.tsx';
import { Selection } from './selection.tsx';
import { type Column, Table } from './table.tsx';
import { ViewBar } from './view-bar.tsx';

type Props<Row> = {
  /** From `openList`. */
  list: ListPage<Row>;
  label: string;
  columns: Column<Row>[];
  defaultSort: string;
  /** The path of its API, for downloads of exactly what is filtered. */
  download: string;
  /** What narrows the downloads beside the filters. */
  within?: Record<string, string>;
  filters: ReactNode;
  /** What stands there when there is nothing, without any filter. */
  empty: ReactNode;
};

/** A list with everything that lists have: views, filters, columns, order, selection, pages and downloads. */
export function List<Row extends { id: string }>(props: Props<Row>) {
  const { list, columns, download, within = {}, filters, empty } = props;
  const { values, page, asked } = list;
  const { pathname } = useLocation();
  return (
    <div>
      <ViewBar list={list} columns={columns} />
      <Filters values={values}>{filters}</Filters>
      <Card>
        {page.data.length > 0 ? <Rows {...props} /> : isFiltered(values) ? <EmptyResult href={pathname} /> : empty}
        <ListFoot
          shown={page.data.length}
          nextCursor={page.next_cursor}
          download={download}
          filters={{ ...asked, ...within }}
        />
      </Card>
    </div>
  );
}

function Rows<Row extends { id: string }>({ list, label, columns, defaultSort }: Props<Row>) {
  const shown = shownColumns(columns, chosenNames(list.values));
  const table = { label, columns: shown, rows: list.page.data, rowKey: (row: Row) => row.id, defaultSort };
  if (list.bulk.length === 0) return <Table {...table} />;
  return (
    <Selection list={list.name} choices={list.bulk}>
      <Table {...table} isSelectable />
    </Selection>
  );
}
