import { listQuotas, MEASURES, type Measure, type Quota, setQuota } from '../../tenants/quotas.ts';
import { CommandError } from '../command.ts';
import { type Flags, optional, required, type Verb } from './verb.ts';

function measureOf(flags: Flags): Measure | undefined {
  const wanted = optional(flags, 'measure');
  const measure = MEASURES.find((each) => each === wanted);
  if (wanted !== undefined && !measure) throw new CommandError(`--measure is one of ${MEASURES.join(', ')}.`, 2);
  return measure;
}

function limitOf(flags: Flags, name: 'soft' | 'hard'): number | null {
  const text = optional(flags, name);
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new CommandError(`--${name} takes a whole number from 1.`, 2);
  return Number(text);
}

/** The limits to set, or null to list. */
function wantedOf(flags: Flags): Omit<Quota, 'used'> | null {
  const measure = measureOf(flags);
  const [soft, hard] = [limitOf(flags, 'soft'), limitOf(flags, 'hard')];
  const isChange = soft !== null || hard !== null || flags.clear === true;
  if (!isChange) {
    if (measure) throw new CommandError('--measure needs --soft, --hard or --clear; see --help.', 2);
    return null;
  }
  if (!measure) throw new CommandError('--measure is missing; see --help.', 2);
  if (flags.clear && (soft !== null || hard !== null)) throw new CommandError('--clear takes no limits.', 2);
  return { measure, soft_limit: soft, hard_limit: hard };
}

function line({ measure, used, soft_limit: soft, hard_limit: hard }: Quota): string {
  return `${measure.padEnd(12)} used ${used}  soft ${soft ?? '–'}  hard ${hard ?? '–'}`;
}

/** tenant:quota */
export const quota: Verb = {
  usage: `npm run tenant:quota -- --slug acme [--measure api_calls [--soft 80000] [--hard 100000] | --measure api_calls --clear]

Lists what a tenant uses and may use, or sets the limits of one measure: those that are left out do not hold. At the soft
limit its owners are told; at the hard one more is refused. Takes effect within 10 seconds of the tenant's next request.

  --slug SLUG     the tenant
  --measure NAME  rows, bytes (as they are) · api_calls, worker_time (ms), messages, jobs (of a day)
  --soft N        where its owners are told
  --hard N        where more is refused
  --clear         no limits any more`,
  options: {
    slug: { type: 'string' },
    measure: { type: 'string' },
    soft: { type: 'string' },
    hard: { type: 'string' },
    clear: { type: 'boolean' },
  },
  check(flags) {
    required(flags, 'slug');
    wantedOf(flags);
  },
  async run({ flags, admin, print }) {
    const slug = required(flags, 'slug');
    const wanted = wantedOf(flags);
    if (wanted) await setQuota(admin, slug, wanted);
    const quotas = await listQuotas(admin, slug);
    print({ quotas }, quotas.map(line));
    return 0;
  },
};
