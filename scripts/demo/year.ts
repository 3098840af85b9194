import { transactionCreateBatch } from '../../server/contexts/transaction/operations.ts';
import { endOfMonth, monthOf, plusDays } from './days.ts';
import { endMonth, owed, SHARE_PERCENT, share, type TransactionInput } from './months.ts';
import { randomFrom } from './random.ts';
import { Till } from './till.ts';
import { visitsOf } from './visits.ts';
import type { Business, Run } from './workspaces.ts';

export type YearOptions = {
  /** Everything is dated by it: the year ends here, and appointments go on for two weeks. */
  readonly today: string;
  readonly seed: number;
  /** Of the visits that each business has in an ordinary month. */
  readonly scale: number;
  readonly tenantId: string;
  /** After each month of each business. */
  readonly onMonth: () => void;
};

export const MONTHS = 12;
/** Businesses are lived through side by side, as many as the pool has connections. */
const SIDE_BY_SIDE = 4;
/** In cents, each month. */
const SUBSCRIPTION = 9_900;

/** Franchise fees in minor units, by MerchantOrg, month and currency. */
type Franchise = Map<string, number>;

/** Lives through a year of every business, and of what they owe each other. */
export async function liveThroughYear(run: Run, businesses: readonly Business[], options: YearOptions): Promise<void> {
  const franchise: Franchise = new Map();
  const waiting = businesses.map((business, place) => ({ business, seed: options.seed * 1_000 + place }));
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await liveThroughMonths(run, next.business, { ...options, seed: next.seed }, franchise);
    }
  };
  // Nobody works on any more when it fails.
  const ended = await Promise.allSettled(Array.from({ length: SIDE_BY_SIDE }, work));
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  for (const orgId of new Set(businesses.map((business) => business.orgId))) {
    await payPlatform(run, orgId, franchise, options);
  }
}

async function liveThroughMonths(
  run: Run,
  business: Business,
  options: YearOptions,
  franchise: Franchise,
): Promise<void> {
  const { today, scale } = options;
  const { plan } = business;
  const random = randomFrom(options.seed);
  const till = new Till(run, business, [monthOf(today, 1 - MONTHS), today]);
  const last = plan.state === 'active' ? 0 : -(plan.ended ?? MONTHS);
  for (let after = 1 - MONTHS; after <= last; after += 1) {
    const month = monthOf(today, after);
    const until = after === 0 ? plusDays(today, -1) : endOfMonth(month);
    const count = Math.round(plan.visits * scale * (0.8 + random.below(40) / 100));
    for (const visit of visitsOf(plan, { from: month, until, today, count }, random)) await till.play(visit);
    if (endOfMonth(month) < today && till.takings.net > 0) {
      const tenant = { type: 'tenant', id: options.tenantId } as const;
      const fee = await endMonth(run, business, till.takings, { month, today, tenant, random });
      const key = `${business.orgId} ${endOfMonth(month)} ${plan.currency}`;
      franchise.set(key, (franchise.get(key) ?? 0) + fee);
    }
    options.onMonth();
  }
  if (last < 0) return;
  const coming = { from: today, until: plusDays(today, 14), today, count: Math.round(plan.visits * scale * 1.5) };
  for (const visit of visitsOf(plan, coming, random)) await till.play(visit);
}

/** What a MerchantOrg owes the platform each month: its subscription and its share of the franchise fees, paid on the tenth. */
async function payPlatform(run: Run, orgId: string, franchise: Franchise, options: YearOptions): Promise<void> {
  const from = { type: 'merchant_org', id: orgId } as const;
  const to = { type: 'tenant', id: options.tenantId } as const;
  const owe = { from, to, today: options.today };
  const transactions: TransactionInput[] = [];
  for (const [key, fee] of [...franchise].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [of, day, currency] = key.split(' ') as [string, string, string];
    if (of !== orgId) continue;
    const amount = share(fee, SHARE_PERCENT);
    transactions.push(
      ...owed({ ...owe, type: 'franchise_fee', amount, currency, words: 'Share of franchise fees', day }),
    );
  }
  for (let after = 1 - MONTHS; after <= 0; after += 1) {
    const charge = { amount: SUBSCRIPTION, currency: 'USD', words: 'Platform subscription' };
    transactions.push(...owed({ ...owe, ...charge, type: 'subscription_charge', day: monthOf(options.today, after) }));
  }
  await run(transactionCreateBatch, { transactions });
}
