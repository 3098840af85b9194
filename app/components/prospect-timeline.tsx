import type { TimelineEntry } from '../../server/contexts/prospect-activity/schemas.ts';
import { humanize } from '../labels.ts';
import { DoneForm } from './done-form.tsx';
import { CalendarDate, Instant } from './time.tsx';

/** What happened to a prospect, newest first. `formKey` is there for those who may tick a task off. */
export function ProspectTimeline({ entries, formKey }: { entries: TimelineEntry[]; formKey: string | null }) {
  return (
    <ol className="timeline-list">
      {entries.map((entry) => (
        <li key={entry.id} className={`timeline-entry timeline-${entry.kind}`}>
          <span className="timeline-head">
            <strong>{headOf(entry)}</strong>
            <span className="faint">
              {entry.by ? `${entry.by} · ` : null}
              <Instant value={entry.at} />
            </span>
          </span>
          {entry.kind === 'stage' ? null : <span>{entry.subject}</span>}
          {entry.body ? <span className="timeline-body">{entry.body}</span> : null}
          {entry.due_on ? <TaskLine entry={entry} formKey={formKey} /> : null}
        </li>
      ))}
    </ol>
  );
}

function headOf({ kind, from_status, to_status, subject }: TimelineEntry): string {
  if (kind !== 'stage') return humanize(kind);
  if (!from_status) return 'Came in as a lead';
  const why = to_status === 'lost' && subject ? `: ${humanize(subject).toLowerCase()}` : '';
  return `${humanize(from_status)} → ${humanize(to_status ?? '')}${why}`;
}

function TaskLine({ entry, formKey }: { entry: TimelineEntry; formKey: string | null }) {
  if (entry.done_at) {
    return (
      <span className="faint">
        Done <Instant value={entry.done_at} />
      </span>
    );
  }
  return (
    <span className="timeline-due">
      <span>
        Due <CalendarDate value={entry.due_on ?? ''} />
      </span>
      {formKey ? (
        <DoneForm
          fields={{ intent: 'done', activity_id: entry.id }}
          formKey={`${formKey}-${entry.id}`}
          what={entry.subject ?? 'the task'}
        />
      ) : null}
    </span>
  );
}
