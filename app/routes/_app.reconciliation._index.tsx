import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { sourceList, statementList } from '../../server/contexts/statement/operations.ts';
import type { Source } from '../../server/contexts/statement/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { StatementTable } from '../components/statement-table.tsx';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle('Reconciliation');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const query = listQuery(request, statementList, ['source_id', 'status']);
  const [sources, statements] = await Promise.all([
    wholeList((cursor) => context.run(sourceList, { limit: 200, ...(cursor ? { cursor } : {}) })),
    context.run(statementList, query.input),
  ]);
  return {
    sources,
    statements,
    values: query.values,
    may: { configure: context.can('reconciliation:configure'), match: context.can('reconciliation:match') },
  };
}

const STATUSES = [
  { value: 'open', label: 'Open' },
  { value: 'signed_off', label: 'Signed off' },
];

export default function Reconciliation() {
  const { sources, statements, values, may } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Reconciliation" lead="What banks and processors say, held against the ledger.">
        {may.configure ? (
          <Link className="button button-primary" to="/reconciliation/sources/new">
            <Icon name="plus" size={14} />
            New source
          </Link>
        ) : null}
      </PageHeader>
      <div className="stack">
        <Card title="Sources">
          {sources.length > 0 ? (
            <Sources rows={sources} may={may} />
          ) : (
            <Empty icon="book" title="No sources yet">
              A source is an account at a bank or processor: which account of the ledger it is, and how its files read.
            </Empty>
          )}
        </Card>
        {sources.length > 0 ? (
          <Filters values={values}>
            <SelectFilter
              name="source_id"
              label="Source"
              values={values}
              choices={sources.map(({ id, name }) => ({ value: id, label: name }))}
            />
            <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
          </Filters>
        ) : null}
        {sources.length > 0 ? (
          <Card title="Statements">
            {statements.data.length > 0 ? (
              <StatementTable rows={statements.data} />
            ) : isFiltered(values) ? (
              <EmptyResult href="/reconciliation" />
            ) : (
              <Empty icon="download" title="No statements yet">
                Download a statement as CSV from the bank or processor and import it at its source.
              </Empty>
            )}
            <ListFoot
              shown={statements.data.length}
              nextCursor={statements.next_cursor}
              download="/api/reconciliation/statements"
            />
          </Card>
        ) : null}
      </div>
    </>
  );
}

function Sources({ rows, may }: { rows: Source[]; may: { configure: boolean; match: boolean } }) {
  return (
    <ul className="feed source-list">
      {rows.map((source) => (
        <li key={source.id}>
          <span>
            <b>{source.name}</b>
            <span className="cell-note">
              <Link to={`/accounts/${source.account_id}`}>
                {source.account_code} {source.account_name}
              </Link>{' '}
              · {source.currency}
            </span>
          </span>
          <span className="links">
            {may.configure ? (
              <Link className="button button-plain" to={`/reconciliation/sources/${source.id}/edit`}>
                Edit<span className="visually-hidden"> {source.name}</span>
              </Link>
            ) : null}
            {may.match ? (
              <Link className="button" to={`/reconciliation/sources/${source.id}/import`}>
                Import<span className="visually-hidden"> a statement of {source.name}</span>
              </Link>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
