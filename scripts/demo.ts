import { randomBytes } from 'node:crypto';
import { accountList, bookList } from '../server/contexts/account/operations.ts';
import { merchantCreate } from '../server/contexts/merchant/operations.ts';
import { merchantOrgCreate } from '../server/contexts/merchant-org/operations.ts';
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
    legal: 'Tidy Home Services GmbH',
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
  const demo = systemActor('demo');
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

async function seedNetwork(
  run: Run,
  record: TenantRecord,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const next = numbers(2026);
  const total = network.reduce((sum, org) => sum + org.merchants.length, 0);
  let done = 0;
  for (const org of network) {
    const slug = org.name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    const created = await run(merchantOrgCreate, {
      name: org.name,
      legal_name: org.legal,
      email: `office@${slug}.test`,
    });
    for (const [name, vertical, timeZone, price] of org.merchants) {
      const merchant = await run(merchantCreate, {
        merchant_org_id: created.id,
        name,
        vertical,
        time_zone: timeZone,
        email: `hello@${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.test`,
      });
      await seedMonth(run, record, merchant, price, next);
      done += 1;
      onProgress(done, total);
    }
  }
}

/** A month of one business: daily takings, weekly fees to the tenant. */
async function seedMonth(
  run: Run,
  record: TenantRecord,
  merchant: { id: string; name: string },
  price: number,
  next: (limit: number) => number,
): Promise<void> {
  const [book] = (await run(bookList, { party_type: 'merchant', party_id: merchant.id })).data;
  const accounts = await run(accountList, { limit: 200, book_id: book!.id });
  const byPurpose = new Map(accounts.data.map((account) => [account.purpose, account.id]));
  const cash = byPurpose.get('cash')!;
  const revenue = byPurpose.get('revenue')!;
  const expense = byPurpose.get('operating_expense')!;
  let takings = 0;
  for (let day = DAYS - 1; day >= 0; day -= 1) {
    const date = dayBefore(day);
    const visits = next(7);
    if (visits > 0) {
      const amount = visits * price + next(price);
      takings += amount;
      await run(transactionCreate, {
        description: `Takings of ${merchant.name}, ${visits} ${visits === 1 ? 'visit' : 'visits'}`,
        effective_date: date,
        lines: [
          { account_id: cash, side: 'debit', amount },
          { account_id: revenue, side: 'credit', amount },
        ],
      });
    }
    if (day % 7 === 0 && takings > 0) {
      const fee = Math.max(1, Math.floor((takings * FEE_PERCENT) / 100));
      takings = 0;
      await run(transactionCreate, {
        type: 'transfer',
        description: `Platform fee of ${merchant.name}, ${FEE_PERCENT} % of the week's takings`,
        effective_date: date,
        from: { type: 'merchant', id: merchant.id },
        to: { type: 'tenant', id: record.id },
        amount: { amount: fee, currency: 'USD' },
      });
    }
  }
  const supplies = price * 2 + next(price);
  await run(transactionCreate, {
    description: `Supplies of ${merchant.name}`,
    effective_date: dayBefore(10),
    lines: [
      { account_id: expense, side: 'debit', amount: supplies },
      { account_id: cash, side: 'credit', amount: supplies },
    ],
  });
}
