import { randomBytes } from 'node:crypto';
import type * as v from 'valibot';
import { accountList, bookList } from '../server/contexts/account/operations.ts';
import { merchantCreate, merchantUpdate } from '../server/contexts/merchant/operations.ts';
import { merchantOrgCreate, merchantOrgUpdate } from '../server/contexts/merchant-org/operations.ts';
import { payoutCreate, payoutSettle } from '../server/contexts/payout/operations.ts';
import { tenantUpdate } from '../server/contexts/tenant/operations.ts';
import {
  transactionCreate,
  transactionCreateBatch,
  transactionReverse,
} from '../server/contexts/transaction/operations.ts';
import type { transactionCreateInput } from '../server/contexts/transaction/schemas.ts';
import { acceptInvitation } from '../server/contexts/user/operations.ts';
import type { Settings } from '../server/env.ts';
import { createNodeHome } from '../server/node.ts';
import { anonymous, systemActor } from '../server/operations/actor.ts';
import { execute } from '../server/operations/execute.ts';
import { newId } from '../server/operations/id.ts';
import type { Operation } from '../server/operations/operation.ts';
import type { TenantRecord } from '../tenants/record.ts';
import { type Run, seedWorkspace } from './demo/workspaces.ts';

type Vertical = 'beauty_and_wellness' | 'healthcare' | 'fitness' | 'professional_services' | 'home_services';

/** The network that the demo shows: holding companies, their businesses, and what a visit costs there in cents. */
const network: readonly { name: string; legal: string; merchants: readonly [string, Vertical, string, number][] }[] = [
  {
    name: 'Harbor & Pine',
    legal: 'Harbor & Pine Holdings LLC',
    merchants: [
      ['Pine Street Hair', 'beauty_and_wellness', 'America/New_York', 8_500],
      ['Harbor Day Spa', 'beauty_and_wellness', 'America/New_York', 14_000],
      ['Lighthouse Barbers', 'beauty_and_wellness', 'America/New_York', 4_200],
    ],
  },
  {
    name: 'Northside Movement',
    legal: 'Northside Movement Inc.',
    merchants: [
      ['Northside Yoga', 'fitness', 'America/Chicago', 2_400],
      ['Northside Physio', 'healthcare', 'America/Chicago', 11_500],
    ],
  },
  {
    name: 'Tidy Home Services',
    legal: 'Tidy Home Services LLC',
    merchants: [
      ['Tidy Cleaning', 'home_services', 'America/Denver', 13_000],
      ['Tidy Garden Care', 'home_services', 'America/Denver', 9_800],
      ['Ledger & Line Bookkeeping', 'professional_services', 'America/Denver', 22_000],
    ],
  },
];

const DAYS = 30;
const FEE_PERCENT = 3;
const FRANCHISE_PERCENT = 5;
const TAX_PERCENT = 8;

/** The same figures at every start: a small linear congruential generator (Numerical Recipes). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // The high bits: the low ones come round every few numbers.
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function dayBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * Fills a new tenant with a believable network and a month of its books, all through operations, and turns the owner's
 * invitation into an account. Call it once, on a tenant that has nothing yet.
 * @returns the owner's password
 */
export async function seedDemo(
  settings: Settings,
  record: TenantRecord,
  invitationToken: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<{ password: string }> {
  const home = createNodeHome(settings, record);
  const demo = systemActor('demo', 'Demo data');
  let calls = 0;
  const run = async <I, O>(operation: Operation<I, O>, input: I): Promise<O> => {
    calls += 1;
    return (await execute(home.runtime, operation, demo, input, { requestId: `demo-${calls}`, door: 'command' })).data;
  };
  try {
    const password = randomBytes(12).toString('base64url');
    await run(tenantUpdate, {
      legal_name: `${record.name} Platform Inc.`,
      support_email: `support@${record.slug}.test`,
      time_zone: 'America/New_York',
    });
    await seedNetwork(run, record, onProgress);
    // Last, so that an interrupted seeding leaves the invitation unused and can be seen.
    const owner = { token: invitationToken, name: 'Owner', password };
    await execute(home.runtime, acceptInvitation, anonymous, owner, { requestId: 'demo-owner', door: 'command' });
    return { password };
  } finally {
    await home.close();
  }
}

type TransactionInput = v.InferOutput<typeof transactionCreateInput>;

/** A business of the demo. `takings` and `clearing` are in cents: of the week, and what the processor still holds. */
type Business = {
  id: string;
  orgId: string;
  name: string;
  price: number;
  chart: { expense: string; cash: string };
  takings: number;
  clearing: number;
};

async function seedNetwork(
  run: Run,
  record: TenantRecord,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const next = numbers(2026);
  const businesses = await seedParties(run);
  const tenant = { type: 'tenant', id: record.id } as const;
  for (let day = DAYS; day >= 1; day -= 1) {
    const transactions = businesses.flatMap((business) => [
      ...visitsOf(business, day, next),
      ...(day === 10 ? [suppliesOf(business, day, next)] : []),
      ...(day % 7 === 1 ? feesOf(business, tenant, day) : []),
    ]);
    if (day === 5) transactions.push(...subscriptionsOf(businesses, tenant, day));
    await run(transactionCreateBatch, { transactions });
    if (day === 8 || day === 1) await payOut(run, businesses, day);
    onProgress(DAYS - day + 1, DAYS);
  }
  await seedExceptions(run, businesses);
  for (const business of businesses) await seedWorkspace(run, business, business !== businesses.at(-1));
}

async function seedParties(run: Run): Promise<Business[]> {
  const businesses: Business[] = [];
  for (const org of network) {
    const created = await run(merchantOrgCreate, {
      name: org.name,
      legal_name: org.legal,
      email: `office@${domainOf(org.name)}`,
    });
    for (const [name, vertical, timeZone, price] of org.merchants) {
      const merchant = await run(merchantCreate, {
        merchant_org_id: created.id,
        name,
        vertical,
        time_zone: timeZone,
        email: `hello@${domainOf(name)}`,
      });
      const chart = await chartOf(run, merchant.id);
      businesses.push({ id: merchant.id, orgId: created.id, name, price, chart, takings: 0, clearing: 0 });
    }
    await run(merchantOrgUpdate, { id: created.id, status: 'active' });
  }
  // One is still being set up, so that both states can be seen.
  for (const { id } of businesses.slice(0, -1)) {
    await run(merchantUpdate, { id, status: 'active' });
  }
  return businesses;
}

/** The accounts that the demo posts to by hand. */
async function chartOf(run: Run, merchantId: string): Promise<Business['chart']> {
  const [book] = (await run(bookList, { party_type: 'merchant', party_id: merchantId })).data;
  const accounts = (await run(accountList, { limit: 200, book_id: book!.id })).data;
  const account = (purpose: string) => accounts.find((candidate) => candidate.purpose === purpose)!.id;
  return { expense: account('operating_expense'), cash: account('cash') };
}

function domainOf(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.test`;
}

function money(amount: number) {
  return { amount, currency: 'USD' };
}

/** The visits of a day, paid by card with tax and now and then a tip, and what the processor keeps of them. */
function visitsOf(business: Business, day: number, next: (limit: number) => number): TransactionInput[] {
  const { id, name, price } = business;
  const merchant = { type: 'merchant', id } as const;
  const effective_date = dayBefore(day);
  const visits = Array.from({ length: next(4) }, (_, visit): TransactionInput => {
    const net = price + next(price);
    const tax = Math.round((net * TAX_PERCENT) / 100);
    const tip = next(3) === 0 ? Math.round(net / 10) : 0;
    const amount = net + tax + tip;
    business.takings += net;
    business.clearing += amount;
    return {
      type: 'payment',
      category: 'full',
      from: { type: 'end_customer', id: newId() },
      to: merchant,
      amount: money(amount),
      components: { tax, ...(tip > 0 ? { tip } : {}) },
      description: `Visit at ${name}`,
      effective_date,
      external_id: `visit-${id.slice(-6)}-${day}-${visit + 1}`,
      source: 'demo',
    };
  });
  if (visits.length === 0) return [];
  const fee = visits.length * (30 + Math.round(price * 0.029));
  business.clearing -= fee;
  const description = `Card fees of ${name}, ${visits.length} ${visits.length === 1 ? 'visit' : 'visits'}`;
  return [...visits, { type: 'processor_fee', from: merchant, amount: money(fee), description, effective_date }];
}

function suppliesOf({ name, price, chart }: Business, day: number, next: (limit: number) => number): TransactionInput {
  const amount = price * 2 + next(price);
  return {
    description: `Supplies of ${name}`,
    effective_date: dayBefore(day),
    lines: [
      { account_id: chart.expense, side: 'debit', amount },
      { account_id: chart.cash, side: 'credit', amount },
    ],
  };
}

/** Every week: the platform's commission, and the franchise fee of the MerchantOrg. */
function feesOf(business: Business, tenant: { type: 'tenant'; id: string }, day: number): TransactionInput[] {
  const { id, orgId, name, takings } = business;
  const from = { type: 'merchant', id } as const;
  const effective_date = dayBefore(day);
  const part = (percent: number) => money(Math.max(1, Math.floor((takings * percent) / 100)));
  business.takings = 0;
  return takings === 0
    ? []
    : [
        {
          type: 'commission',
          from,
          to: tenant,
          amount: part(FEE_PERCENT),
          description: `Commission of ${name}, ${FEE_PERCENT} % of the week's takings`,
          effective_date,
        },
        {
          type: 'franchise_fee',
          from,
          to: { type: 'merchant_org', id: orgId },
          amount: part(FRANCHISE_PERCENT),
          description: `Franchise fee of ${name}`,
          effective_date,
        },
      ];
}

/** Once a month, each MerchantOrg pays for the platform. */
function subscriptionsOf(
  businesses: readonly Business[],
  tenant: { type: 'tenant'; id: string },
  day: number,
): TransactionInput[] {
  return [...new Set(businesses.map(({ orgId }) => orgId))].map((id) => ({
    type: 'subscription_charge',
    from: { type: 'merchant_org', id },
    to: tenant,
    amount: money(9_900),
    description: 'Platform subscription',
    effective_date: dayBefore(day),
  }));
}

/** Most of what the processor holds goes to the merchants' banks; the last payouts are still under way. */
async function payOut(run: Run, businesses: readonly Business[], day: number): Promise<void> {
  for (const business of businesses) {
    const amount = Math.floor(business.clearing * 0.8);
    if (amount < 1_000) continue;
    business.clearing -= amount;
    const payout = await run(payoutCreate, {
      merchant_id: business.id,
      amount: money(amount),
      destination: 'Bank account ending in 4242',
      description: `Payout to ${business.name}`,
    });
    if (day > 1) await run(payoutSettle, { id: payout.id });
  }
}

/** What does not go as planned: a deposit that is held, a refund, an entry that was typed wrong. */
async function seedExceptions(run: Run, businesses: readonly Business[]): Promise<void> {
  const [first, second] = businesses;
  const merchant = { type: 'merchant', id: first!.id } as const;
  const customer = { type: 'end_customer', id: newId() } as const;
  await run(transactionCreate, {
    type: 'payment',
    category: 'deposit',
    from: customer,
    to: merchant,
    amount: money(5_000),
    description: 'Deposit for a bridal appointment, held on the card',
    status: 'pending',
  });
  await run(transactionCreate, {
    type: 'refund',
    from: merchant,
    to: customer,
    amount: money(1_500),
    description: 'Refund: the customer was kept waiting',
  });
  const wrong = await run(
    transactionCreate,
    suppliesOf(second!, 2, () => 0),
  );
  await run(transactionReverse, { id: wrong.id, reason: 'Entered twice' });
}
