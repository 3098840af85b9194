import type { Prospect } from '../../server/contexts/prospect/schemas.ts';
import { humanize } from '../labels.ts';
import { Badge } from './badge.tsx';
import { Money } from './money.tsx';
import { type Column, RowLink } from './table.tsx';
import { CalendarDate, Instant } from './time.tsx';

const orDash = (text: string | null | undefined) => text ?? <span className="faint">–</span>;

export const PROSPECT_COLUMNS: Column<Prospect>[] = [
  {
    head: 'Business',
    sort: 'name',
    cell: (row) => (
      <>
        <RowLink to={`/prospects/${row.id}`}>{row.name}</RowLink>
        {row.contact_name ? <span className="cell-note">{row.contact_name}</span> : null}
      </>
    ),
  },
  { head: 'Stage', cell: (row) => <Badge status={row.status} /> },
  { head: 'A year', end: true, cell: (row) => (row.value.amount > 0 ? <Money {...row.value} /> : '–') },
  { head: 'Probability', end: true, from: 'wide', cell: (row) => `${row.probability} %` },
  { head: 'Owner', from: 'medium', cell: (row) => orDash(row.owner?.name) },
  {
    head: 'Closes',
    from: 'medium',
    cell: (row) => (row.expected_close ? <CalendarDate value={row.expected_close} /> : orDash(null)),
  },
  { head: 'Vertical', isExtra: true, cell: (row) => humanize(row.vertical) },
  { head: 'Source', isExtra: true, cell: (row) => orDash(row.source) },
  { head: 'E-mail', isExtra: true, cell: (row) => orDash(row.email) },
  { head: 'Phone', isExtra: true, cell: (row) => orDash(row.phone) },
  { head: 'Since', sort: 'created_at', from: 'wide', cell: (row) => <Instant value={row.created_at} /> },
];
