import type { TimelineEntry } from '../../server/contexts/prospect-activity/schemas.ts';
import { humanize } from '../labels.ts';
import { DoneForm } from './done-form.tsx';
import { CalendarDate, Instant } from './time.tsx';

type Props = {
  entries: TimelineEntry[];
  /** Whether it is worked on; its tasks ended with it. */
  isOpen: boolean;
  /** For those who may tick a task off. */
  formKey: string | null;
};

/** What happened to a prospect, newest first. */
export function ProspectTimeline({ entries, isOpen, formKey }: Props) {
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
          {entry.due_on ? <TaskLine {...{ entry, isOpen, formKey }} /> : null}
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

function TaskLine({ entry, isOpen, formKey }: Omit<Props, 'entries'> & { entry: TimelineEntry }) {
  if (entry.done_at) {
    return (
      <span className="faint">
        Done <Instant value={entry.done_at} />
      </span>
    );
  }
  if (!isOpen) return <span className="faint">Not done</span>;
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
