import { randomBytes } from 'node:crypto';
import { accountList, bookList } from '../server/contexts/account/operations.ts';
import { merchantCreate, merchantUpdate } from '../server/contexts/merchant/operations.ts';
import { merchantOrgCreate, merchantOrgUpdate } from '../server/contexts/merchant-org/operations.ts';
import { tenantUpdate } from '../server/contexts/tenant/operations.ts';
import { transactionCreate } from '../server/contexts/transaction/operations.ts';
import { acceptInvitation } from '../server/contexts/user/operations.ts';
import type { Settings } from '../server/env.ts';
import { createNodeHome } from '../server/node.ts';
import { anonymous, systemActor } from '../server/operations/actor.ts';
import { execute } from '../server/operations/execute.ts';
import type { Operation } from '../server/operations/operation.ts';
import type { TenantRecord } from '../tenants/record.ts';

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

/** The same figures at every start: a small linear congruential generator (Numerical Recipes). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % limit;
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

type Run = <I, O>(operation: Operation<I, O>, input: I) => Promise<O>;

type Chart = { cash: string; revenue: string; expense: string };

/** A business of the demo, with the accounts that its daily entries use. */
type Business = Chart & { id: string; name: string; price: number; takings: number };

async function seedNetwork(
  run: Run,
  record: TenantRecord,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const next = numbers(2026);
  const tenant = await chartOf(run, 'tenant', record.id);
  const businesses = await seedParties(run);
  for (let day = DAYS; day >= 1; day -= 1) {
    for (const business of businesses) {
      await seedDay(run, tenant, business, day, next);
    }
    onProgress(DAYS - day + 1, DAYS);
  }
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
      businesses.push({ id: merchant.id, name, price, ...(await chartOf(run, 'merchant', merchant.id)), takings: 0 });
    }
    await run(merchantOrgUpdate, { id: created.id, status: 'active' });
  }
  // One is still being set up, so that both states can be seen.
  for (const { id } of businesses.slice(0, -1)) {
    await run(merchantUpdate, { id, status: 'active' });
  }
  return businesses;
}

/** The accounts of a party that the demo posts to. */
async function chartOf(run: Run, type: 'tenant' | 'merchant', partyId: string): Promise<Chart> {
  const [book] = (await run(bookList, { party_type: type, party_id: partyId })).data;
  const accounts = (await run(accountList, { limit: 200, book_id: book!.id })).data;
  const account = (purpose: string) => accounts.find((candidate) => candidate.purpose === purpose)!.id;
  return { cash: account('cash'), revenue: account('revenue'), expense: account('operating_expense') };
}

function domainOf(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.test`;
}

/** One day of one business: its takings, every week the platform's fee, once a month supplies. */
async function seedDay(
  run: Run,
  tenant: Chart,
  business: Business,
  day: number,
  next: (limit: number) => number,
): Promise<void> {
  const { name, price, cash, revenue, expense } = business;
  const date = { effective_date: dayBefore(day) };
  const post = (description: string, debit: string, credit: string, amount: number) =>
    run(transactionCreate, {
      description,
      ...date,
      lines: [
        { account_id: debit, side: 'debit', amount },
        { account_id: credit, side: 'credit', amount },
      ],
    });
  const visits = next(7);
  if (visits > 0) {
    const amount = visits * price + next(price);
    business.takings += amount;
    await post(`Takings of ${name}, ${visits} ${visits === 1 ? 'visit' : 'visits'}`, cash, revenue, amount);
  }
  if (day === 10) {
    await post(`Supplies of ${name}`, expense, cash, price * 2 + next(price));
  }
  if (day % 7 === 1 && business.takings > 0) {
    const amount = Math.max(1, Math.floor((business.takings * FEE_PERCENT) / 100));
    business.takings = 0;
    await run(transactionCreate, {
      description: `Platform fee of ${name}, ${FEE_PERCENT} % of the week's takings`,
      ...date,
      lines: [
        { account_id: expense, side: 'debit', amount },
        { account_id: cash, side: 'credit', amount },
        { account_id: tenant.cash, side: 'debit', amount },
        { account_id: tenant.revenue, side: 'credit', amount },
      ],
    });
  }
}
