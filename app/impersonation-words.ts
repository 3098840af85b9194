import type { Impersonation } from '../server/contexts/impersonation/schemas.ts';

const REASONS: Record<NonNullable<Impersonation['ended_because']>, string> = {
  time: 'the time was up',
  impersonator: 'whoever viewed ended it',
  staff: 'other staff ended it',
  session_ended: 'the session ended',
  account_disabled: 'an account is no longer active',
  rights_changed: 'the rights of one of both changed',
};

/** Why it ended, as part of a sentence. */
export function endReason(because: string): string {
  return REASONS[because as keyof typeof REASONS] ?? because;
}

/** How long it lasted, or may last, in whole minutes. */
export function minutesOf({ started_at, ended_at, expires_at }: Impersonation): number {
  return Math.max(1, Math.round((Date.parse(ended_at ?? expires_at) - Date.parse(started_at)) / 60_000));
}

/** "3 seen, 1 changed". */
export function deedsOf({ reads, changes, denials }: Impersonation): string {
  const told = [
    [reads, 'seen'],
    [changes, 'changed'],
    [denials, 'refused'],
  ] as const;
  return (
    told
      .filter(([count]) => count > 0)
      .map(([count, what]) => `${count} ${what}`)
      .join(', ') || 'Nothing seen'
  );
}
