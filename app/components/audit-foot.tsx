import { withParameters } from '../list-query.ts';
import { ListFoot } from './list-foot.tsx';

type Props = { shown: number; nextCursor: string | null; filters: Record<string, string> };

/** Below the audit log: the way on, and the whole range as a file that its receiver can verify. */
export function AuditFoot({ shown, nextCursor, filters }: Props) {
  const href = (format: string) => `/api/audit-logs/export${withParameters(filters, { format })}`;
  return (
    <>
      <ListFoot shown={shown} nextCursor={nextCursor} />
      {shown === 0 ? null : (
        <p className="audit-export">
          Export all of it as{' '}
          <a href={href('csv')} download>
            CSV
          </a>{' '}
          or{' '}
          <a href={href('jsonl')} download>
            JSON Lines
          </a>
          . The last line holds the SHA-256 of all lines before it: <code>head -n -1 FILE | sha256sum</code>
        </p>
      )}
    </>
  );
}
