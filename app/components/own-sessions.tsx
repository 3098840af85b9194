import { Form } from '@remix-run/react';
import type { OwnSession } from '../../server/contexts/session/schemas.ts';
import { Badge } from './badge.tsx';
import { Table } from './table.tsx';
import { Instant } from './time.tsx';

/** Where one is signed in, and the way to end it. */
export function OwnSessions({ sessions }: { sessions: OwnSession[] }) {
  return (
    <Table
      label="Sessions"
      rows={sessions}
      rowKey={(session) => session.id}
      columns={[
        {
          head: 'Device',
          cell: (session) => (
            <>
              <strong>{session.device}</strong>
              <span className="cell-note">{session.address ?? 'Unknown address'}</span>
            </>
          ),
        },
        { head: 'Last used', from: 'medium', cell: (session) => <Instant value={session.last_used_at} /> },
        { head: 'Since', from: 'wide', cell: (session) => <Instant value={session.created_at} /> },
        {
          head: 'End',
          end: true,
          cell: (session) =>
            session.is_current ? <Badge status="active" label="This one" /> : <EndSession session={session} />,
        },
      ]}
    />
  );
}

function EndSession({ session }: { session: OwnSession }) {
  return (
    <Form method="post">
      <input type="hidden" name="intent" value="end" />
      <input type="hidden" name="id" value={session.id} />
      <button type="submit" className="button" aria-label={`End the session of ${session.device}`}>
        End
      </button>
    </Form>
  );
}
