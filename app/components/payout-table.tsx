import type { Payout } from '../../server/contexts/payout/schemas.ts';
import { Badge } from './badge.tsx';
import { Money } from './money.tsx';
import { type Column, RowLink } from './table.tsx';
import { CalendarDate, Instant } from './time.tsx';

export const PAYOUT_COLUMNS: Column<Payout>[] = [
  {
    head: 'To',
    cell: (row) => (
      <div className="clamp">
        <RowLink to={`/payouts/${row.id}`}>{row.party.name}</RowLink>
        {noteOf(row) ? <span className="cell-note">{noteOf(row)}</span> : null}
      </div>
    ),
  },
  { head: 'State', cell: (row) => <Badge status={row.state} /> },
  { head: 'Day', from: 'medium', sort: 'effective_date', cell: (row) => <CalendarDate value={row.effective_date} /> },
  { head: 'Recorded', from: 'wide', sort: 'recorded_at', cell: (row) => <Instant value={row.recorded_at} /> },
  { head: 'External id', isExtra: true, cell: (row) => row.external_id ?? <span className="faint">–</span> },
  { head: 'Destination', isExtra: true, cell: (row) => row.destination ?? <span className="faint">–</span> },
  { head: 'Amount', end: true, cell: (row) => <Money {...row.amount} /> },
];

/** What tells it from others of the party; the description only where somebody wrote one. */
function noteOf({ destination, external_id, description, party }: Payout): string | null {
  return destination ?? external_id ?? (description === `Payout to ${party.name}` ? null : description);
}
