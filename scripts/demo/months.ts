import type * as v from 'valibot';
import { payoutCreate, payoutSettle } from '../../server/contexts/payout/operations.ts';
import { transactionCreateBatch } from '../../server/contexts/transaction/operations.ts';
import type { transactionCreateInput } from '../../server/contexts/transaction/schemas.ts';
import { endOfMonth, plusDays } from './days.ts';
import type { Random } from './random.ts';
import type { Takings } from './till.ts';
import type { Business, Run } from './workspaces.ts';

export type TransactionInput = v.InferOutput<typeof transactionCreateInput>;
type Party = { type: 'tenant' | 'merchant_org'; id: string };

const COMMISSION_PERCENT = 3;
const FRANCHISE_PERCENT = 5;
/** What of its franchise fees a MerchantOrg owes the platform. */
export const SHARE_PERCENT = 20;
const CARD_FEE_PERCENT = 2.9;

export const share = (amount: number, percent: number) => Math.floor((amount * percent) / 100);

type MonthEnd = { month: string; today: string; tenant: Party; random: Random };

/**
 * What a month of a merchant ends with: the processor's fee, the platform's commission, the franchise fee, supplies; what is
 * due is settled on the tenth of the next month, and what the processor holds is paid out.
 * @returns the franchise fee, in minor units
 */
export async function endMonth(run: Run, business: Business, takings: Takings, end: MonthEnd): Promise<number> {
  const { plan } = business;
  const day = endOfMonth(end.month);
  const from = { type: 'merchant', id: business.id } as const;
  const cardFee = Math.round((takings.byCard * CARD_FEE_PERCENT) / 100);
  const franchise = share(takings.net, FRANCHISE_PERCENT);
  const commission = share(takings.net, COMMISSION_PERCENT);
  const org: Party = { type: 'merchant_org', id: business.orgId };
  const owe = { from, currency: plan.currency, day, today: end.today };
  const transactions = [
    ...owed({ ...owe, type: 'commission', to: end.tenant, amount: commission, words: `Commission of ${plan.name}` }),
    ...owed({ ...owe, type: 'franchise_fee', to: org, amount: franchise, words: `Franchise fee of ${plan.name}` }),
    suppliesOf(business, day, Math.max(1, share(takings.net, 8 + end.random.below(6)))),
  ];
  if (cardFee > 0) {
    const amount = { amount: cardFee, currency: plan.currency };
    const description = `Card fees of ${plan.name}`;
    transactions.push({ type: 'processor_fee', from, amount, description, effective_date: day });
  }
  await run(transactionCreateBatch, { transactions });
  takings.inClearing -= cardFee;
  await payOut(run, business, takings, plusDays(day, 1), end.today);
  Object.assign(takings, { net: 0, byCard: 0 });
  return franchise;
}

type Owed = {
  type: 'commission' | 'franchise_fee' | 'subscription_charge';
  from: { type: 'merchant' | 'merchant_org'; id: string };
  to: Party;
  amount: number;
  currency: string;
  words: string;
  day: string;
  today: string;
};

/** A debt of a day, and that it is paid ten days later where that is past. */
export function owed({ type, from, to, amount: minor, currency, words, day, today }: Owed): TransactionInput[] {
  if (minor === 0) return [];
  const amount = { amount: minor, currency };
  const debt: TransactionInput = { type, from, to, amount, description: words, effective_date: day };
  const paidOn = plusDays(day, 10);
  if (paidOn > today) return [debt];
  return [debt, { type: 'settlement', from, to, amount, description: `${words}, paid`, effective_date: paidOn }];
}

function suppliesOf({ plan, chart }: Business, effective_date: string, amount: number): TransactionInput {
  return {
    description: `Supplies of ${plan.name}`,
    effective_date,
    lines: [
      { account_id: chart.expense, side: 'debit', amount },
      { account_id: chart.cash, side: 'credit', amount },
    ],
  };
}

/** What the processor holds leaves on a day and arrives three days later; the last is still on its way. */
async function payOut(run: Run, business: Business, takings: Takings, day: string, today: string): Promise<void> {
  if (takings.inClearing < 1 || day > today) return;
  const { id } = await run(payoutCreate, {
    merchant_id: business.id,
    amount: { amount: takings.inClearing, currency: business.plan.currency },
    destination: 'Bank account ending in 4242',
    effective_date: day,
  });
  takings.inClearing = 0;
  const arrival = plusDays(day, 3);
  const isLast = endOfMonth(day) >= today;
  if (arrival <= today && !isLast) await run(payoutSettle, { id, effective_date: arrival });
}
