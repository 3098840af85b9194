import { Link } from '@remix-run/react';
import type { RoleAssignment } from '../../server/contexts/role-assignment/schemas.ts';
import { withParameters } from '../list-query.ts';
import { lastDay, WHOLE_TENANT } from '../team-places.ts';
import { Badge } from './badge.tsx';
import { type Column, RowLink, Table } from './table.tsx';
import { CalendarDate, Instant } from './time.tsx';
import { useTenant } from './use-tenant.ts';

type Props = { rows: RoleAssignment[]; values: Record<string, string>; mayTake: boolean; self: string };

/** Who holds which role where, with what tells whether they still should. */
export function ReviewTable({ rows, values, mayTake, self }: Props) {
  const take: Column<RoleAssignment> = {
    head: 'Take',
    end: true,
    cell: (row) =>
      row.user_id === self ? null : (
        <Link
          className="row-other"
          to={withParameters(values, { take: row.id })}
          aria-label={`Take ${row.role_name} from ${row.user_name}`}
        >
          Take…
        </Link>
      ),
  };
  return (
    <Table
      label="Access review"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="user_name"
      columns={mayTake ? [...COLUMNS, take] : COLUMNS}
    />
  );
}

const COLUMNS: Column<RoleAssignment>[] = [
  {
    head: 'Person',
    sort: 'user_name',
    cell: (row) => (
      <div className="person">
        <RowLink to={`/team/${row.user_id}`}>{row.user_name}</RowLink>
        <span className="cell-note">{row.user_email}</span>
        {row.user_status === 'active' ? null : <Badge status={row.user_status} />}
      </div>
    ),
  },
  {
    head: 'Role',
    sort: 'role_name',
    cell: (row) => (
      <>
        {row.role_name}
        <span className="cell-note">{row.place ?? WHOLE_TENANT}</span>
      </>
    ),
  },
  { head: 'Until', from: 'medium', cell: (row) => <Until row={row} /> },
  {
    head: 'Given',
    sort: 'created_at',
    from: 'wide',
    cell: (row) => (
      <>
        <Instant value={row.created_at} />
        <span className="cell-note">{row.granted_by_name ?? ''}</span>
      </>
    ),
  },
  { head: 'Second factor', from: 'wide', cell: (row) => (row.has_second_factor ? 'On' : <Faint>Off</Faint>) },
  {
    head: 'Last seen',
    from: 'medium',
    cell: (row) => (row.last_seen_at ? <Instant value={row.last_seen_at} /> : <Faint>Not yet</Faint>),
  },
];

function Until({ row }: { row: RoleAssignment }) {
  const { time_zone } = useTenant();
  if (!row.expires_at) return <Faint>No end</Faint>;
  const day = <CalendarDate value={lastDay(row.expires_at, time_zone)} />;
  return row.is_expired ? (
    <>
      {day}
      <span className="cell-note">Expired</span>
    </>
  ) : (
    day
  );
}

function Faint({ children }: { children: string }) {
  return <span className="faint">{children}</span>;
}
