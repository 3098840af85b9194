import { humanize } from '../labels.ts';

type Tone = 'good' | 'warn' | 'bad' | 'quiet';

const TONES: Record<string, Tone> = {
  active: 'good',
  posted: 'good',
  success: 'good',
  open: 'good',
  succeeded: 'good',
  ready: 'good',
  paid: 'good',
  won: 'good',
  done: 'good',
  onboarding: 'warn',
  pending: 'warn',
  invited: 'warn',
  scheduled: 'warn',
  proposal: 'warn',
  proposed: 'warn',
  in_transit: 'warn',
  uploading: 'warn',
  checking: 'warn',
  applying: 'warn',
  bad: 'bad',
  returned: 'bad',
  suspended: 'bad',
  failed: 'bad',
  lost: 'bad',
  failure: 'bad',
  denied: 'bad',
};

/** A state in words, with a tone for those who see colour. */
export function Badge({ status, label }: { status: string; label?: string }) {
  return <span className={`badge badge-${TONES[status] ?? 'quiet'}`}>{label ?? humanize(status)}</span>;
}
