import { Link } from '@remix-run/react';
import type { ImpersonationEvent } from '../../server/contexts/impersonation/schemas.ts';
import { actionLabel, humanize, resourcePath } from '../labels.ts';
import { Badge } from './badge.tsx';
import { Empty } from './empty.tsx';
import { Table } from './table.tsx';
import { Instant } from './time.tsx';

const STATES = { read: 'quiet', change: 'pending', denied: 'denied' };
const WORDS = { read: 'Seen', change: 'Changed', denied: 'Refused' };
/** Change with every change, and say nothing about it. */
const UNTOLD = ['updated_at', 'version', 'id', 'created_at'];

/** What somebody saw and changed while they viewed as another, in that order. */
export function ImpersonationEvents({ rows }: { rows: ImpersonationEvent[] }) {
  if (rows.length === 0) {
    return (
      <Empty icon="eye" title="Nothing was seen">
        They have opened no page yet.
      </Empty>
    );
  }
  return (
    <Table
      label="What was seen and changed"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        { head: 'When', from: 'medium', cell: (row) => <Instant value={row.recorded_at} exact /> },
        {
          head: 'What',
          cell: (row) => (
            <>
              <What event={row} />
              {row.changes.map((change) => (
                <span className="cell-note" key={change.row_id + change.verb}>
                  {humanize(change.table_name)}: {fieldsOf(change)}
                </span>
              ))}
            </>
          ),
        },
        { head: 'How', cell: (row) => <Badge status={STATES[row.kind]} label={WORDS[row.kind]} /> },
      ]}
    />
  );
}

function What({ event }: { event: ImpersonationEvent }) {
  const words = event.summary?.replace(/, while impersonating$/, '') ?? actionLabel(event.action);
  const page = resourcePath(event.resource_type, event.resource_id);
  return page ? <Link to={page}>{words}</Link> : words;
}

/** "name “Spa” → “Day spa”". */
function fieldsOf({ before, after }: ImpersonationEvent['changes'][number]): string {
  const names = Object.keys({ ...before, ...after }).filter((name) => !UNTOLD.includes(name));
  return names.map((name) => `${name} ${show(before?.[name])} → ${show(after?.[name])}`).join(', ');
}

function show(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}
