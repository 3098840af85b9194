import { Link } from '@remix-run/react';
import type { AuditEvent } from '../../server/contexts/audit/schemas.ts';
import { actionLabel, doerOf } from '../labels.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { Instant } from './time.tsx';

type Props = { title: string; events: AuditEvent[]; more?: string };

/** The latest audit events of something; `more` is the list that they come from. */
export function AuditFeed({ title, events, more }: Props) {
  const link = more && events.length > 0 ? <Link to={more}>See all</Link> : null;
  return (
    <Card title={title} action={link}>
      {events.length === 0 ? (
        <p className="card-body faint">Nothing recorded yet.</p>
      ) : (
        <ul className="feed">
          {events.map((event) => (
            <li key={event.id}>
              <Link to={`/audit/${event.id}`}>{event.summary ?? actionLabel(event.action)}</Link>
              {event.outcome === 'success' ? null : <Badge status={event.outcome} />}
              <span className="feed-note">
                {doerOf(event)} · <Instant value={event.recorded_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
