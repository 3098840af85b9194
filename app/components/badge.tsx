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

type Props = { status: string; label?: string; tone?: Tone };

/** A state in words, with a tone for those who see colour: the usual one of its name, unless another is given. */
export function Badge({ status, label, tone = TONES[status] ?? 'quiet' }: Props) {
  return <span className={`badge badge-${tone}`}>{label ?? humanize(status)}</span>;
}
