import { Form, Link, useLocation } from '@remix-run/react';
import { chosenNames, columnName, shownColumns } from '../columns.ts';
import type { ListPage } from '../list-page.ts';
import { keptOf } from '../list-query.ts';
import { viewValues } from '../saved-views.ts';
import type { Column } from './table.tsx';

type Props<Row> = { list: ListPage<Row>; columns: Column<Row>[] };

/** The views of a list that one keeps, and the columns that show. */
export function ViewBar<Row>({ list, columns }: Props<Row>) {
  const { name, values, views } = list;
  const { pathname } = useLocation();
  const current = views.find(({ id }) => id === values.view);
  const kept = keptOf(values);
  const isChanged = current ? !isSame(kept, keptOf(viewValues(current))) : Object.keys(kept).length > 0;
  const shown = new URLSearchParams({ query: String(new URLSearchParams(kept)), back: pathname });
  return (
    <div className="views">
      {views.length > 0 ? (
        <nav className="views-kept" aria-label="Views">
          <Link to={pathname} aria-current={!current && !isChanged ? 'page' : undefined}>
            All
          </Link>
          {views.map((view) => (
            <Link
              key={view.id}
              to={`?${new URLSearchParams(viewValues(view))}`}
              aria-current={view.id === current?.id ? 'page' : undefined}
            >
              {view.name}
            </Link>
          ))}
        </nav>
      ) : null}
      <div className="views-ways">
        {current ? <Link to={`/views/${current.id}?${shown}`}>Change this view</Link> : null}
        {isChanged ? <Link to={`/views/new?list=${name}&${shown}`}>Save as a view</Link> : null}
        <ColumnChoice columns={columns} values={values} />
      </div>
    </div>
  );
}

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

type ChoiceProps<Row> = { columns: Column<Row>[]; values: Record<string, string> };

/** Which columns show: boxes in a form, so that the choice is part of the address. */
function ColumnChoice<Row>({ columns, values }: ChoiceProps<Row>) {
  const { key } = useLocation();
  const shown = shownColumns(columns, chosenNames(values)).map(columnName);
  const [first, ...others] = columns;
  const { columns: _, ...kept } = keptOf(values);
  return (
    <details className="columns-choice" key={key}>
      <summary>Columns</summary>
      <Form method="get" aria-label="Columns">
        {Object.entries({ ...kept, ...(values.view ? { view: values.view } : {}) }).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {first ? <input type="hidden" name="columns" value={columnName(first)} /> : null}
        {others.map((column) => (
          <label key={column.head} className="columns-one">
            <input
              type="checkbox"
              name="columns"
              value={columnName(column)}
              defaultChecked={shown.includes(columnName(column))}
            />
            {column.head}
          </label>
        ))}
        <button type="submit" className="button">
          Show these
        </button>
      </Form>
    </details>
  );
}
