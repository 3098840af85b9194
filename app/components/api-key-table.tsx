import type { ApiKey } from '../../server/contexts/api-key/schemas.ts';
import { reachOf } from '../api-key-form.ts';
import { ApiKeyState } from './api-key-state.tsx';
import type { Choice } from './filters.tsx';
import { RowLink, Table } from './table.tsx';
import { Instant } from './time.tsx';

/** Keys, what they may do and where, and when they were last used. */
export function ApiKeyTable({ rows, places, now }: { rows: ApiKey[]; places: Choice[]; now: string }) {
  return (
    <Table
      label="API keys"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-created_at"
      columns={[
        {
          head: 'Name',
          sort: 'name',
          cell: (row) => (
            <>
              <RowLink to={`/settings/api-keys/${row.id}`}>{row.name}</RowLink>
              <span className="cell-note mono">{row.prefix}…</span>
            </>
          ),
        },
        {
          head: 'Role',
          from: 'medium',
          cell: (row) => (
            <>
              {row.role_name}
              <span className="cell-note">{reachOf(row, places)}</span>
            </>
          ),
        },
        { head: 'State', cell: (row) => <ApiKeyState apiKey={row} now={now} /> },
        { head: 'Last used', from: 'medium', cell: (row) => <LastUse apiKey={row} /> },
        { head: 'Created', from: 'wide', sort: 'created_at', cell: (row) => <Instant value={row.created_at} /> },
      ]}
    />
  );
}

function LastUse({ apiKey }: { apiKey: ApiKey }) {
  if (apiKey.last_used_at === null) return <span className="faint">Never</span>;
  return (
    <>
      <Instant value={apiKey.last_used_at} />
      <span className="cell-note">{apiKey.last_used_address}</span>
    </>
  );
}
