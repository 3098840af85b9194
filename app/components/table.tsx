import { Link, useSearchParams } from '@remix-run/react';
import { type ReactNode, useId } from 'react';
import { valuesOf, withParameters } from '../list-query.ts';
import { Icon } from './icon.tsx';
import { SelectAll } from './selection.tsx';

/** One column: how a row shows in it, which `sort` it answers to, and from which width on it is there. */
export type Column<Row> = {
  head: string;
  cell: (row: Row) => ReactNode;
  end?: boolean;
  sort?: string | undefined;
  from?: 'medium' | 'wide';
  /** Shows only to those who choose it. */
  isExtra?: true;
  /** Takes the room that the others leave, and cuts its text off rather than wrap it. */
  isOneLine?: boolean;
};

type Props<Row> = {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** The order of a list that is asked for none. */
  defaultSort?: string;
  /** Rows can be ticked, in a `Selection`. */
  isSelectable?: boolean;
};

/** Rows as a real table. A cell with a `RowLink` makes its whole row clickable. */
export function Table<Row>({ label, columns, rows, rowKey, defaultSort, isSelectable = false }: Props<Row>) {
  const tableId = useId();
  const isAllSelected = useSearchParams()[0].get('selected') === 'all';
  return (
    <TableScroll label={label}>
      <table className="rows-link">
        <thead>
          <tr>
            {isSelectable ? (
              <td className="select">
                <SelectAll />
              </td>
            ) : null}
            {columns.map((column) => (
              <Head key={column.head} column={column} defaultSort={defaultSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {isSelectable ? (
                <td className="select">
                  {/* A row is called what its first cell says. */}
                  <input
                    type="checkbox"
                    name="id"
                    value={rowKey(row)}
                    defaultChecked={isAllSelected}
                    aria-labelledby={`${tableId}-${rowKey(row)}`}
                  />
                </td>
              ) : null}
              {columns.map((column, index) => (
                <td
                  key={column.head}
                  id={isSelectable && index === 0 ? `${tableId}-${rowKey(row)}` : undefined}
                  className={cellClass(column)}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** A wide table scrolls by itself, also with the keyboard. */
export function TableScroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: neither a landmark nor a set of fields
    <div className="table-scroll" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** The link that its row answers to. */
export function RowLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} className="row-link">
      {children}
    </Link>
  );
}

function Head<Row>({ column, defaultSort }: { column: Column<Row>; defaultSort: string | undefined }) {
  const [search] = useSearchParams();
  if (!column.sort)
    return (
      <th scope="col" className={cellClass(column)}>
        {column.head}
      </th>
    );
  const current = search.get('sort') ?? defaultSort;
  const descending = current === `-${column.sort}`;
  const active = descending || current === column.sort;
  // Names begin with A, times with the latest.
  const startsDescending = !column.sort.endsWith('name');
  const isNextDescending = active ? !descending : startsDescending;
  const next = isNextDescending ? `-${column.sort}` : column.sort;
  const order = descending ? 'descending' : 'ascending';
  return (
    <th scope="col" className={cellClass(column)} aria-sort={active ? order : undefined}>
      <Link to={withParameters(valuesOf(search), { sort: next, cursor: null, selected: null })} preventScrollReset>
        {column.head}
        {active ? <Icon name={descending ? 'down' : 'up'} size={11} /> : null}
      </Link>
    </th>
  );
}

function cellClass<Row>(column: Column<Row>): string | undefined {
  const classes = [column.end && 'end', column.isOneLine && 'one-line', column.from && `${column.from}-only`].filter(
    Boolean,
  );
  return classes.length > 0 ? classes.join(' ') : undefined;
}
