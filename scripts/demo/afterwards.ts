import { appointmentList } from '../../server/contexts/appointment/operations.ts';
import { customerInvoiceCreate } from '../../server/contexts/customer-invoice/operations.ts';
import { customerPaymentProcess, customerPaymentTake } from '../../server/contexts/customer-payment/operations.ts';
import { periodClose } from '../../server/contexts/period/operations.ts';
import { transactionCreate, transactionReverse } from '../../server/contexts/transaction/operations.ts';
import { endOfMonth, monthOf, plusDays } from './days.ts';
import type { Business, Run } from './workspaces.ts';

/** Months up to this many before today's are closed. */
const OPEN_MONTHS = 2;

type Options = { today: string; hasCards: boolean };

/** What happens on the last day: months are closed, a mistake is taken back, money is held, cards are charged. */
export async function seedAfterwards(run: Run, businesses: readonly Business[], options: Options): Promise<void> {
  await closeMonths(run, businesses, options.today);
  await seedExceptions(run, businesses, options.today);
  if (options.hasCards) {
    for (const business of businesses.filter(({ plan }) => plan.asksForDeposits))
      await chargeCards(run, business, options);
  }
}

/** The books of one MerchantOrg are closed month by month; the others will get round to it. */
async function closeMonths(run: Run, businesses: readonly Business[], today: string): Promise<void> {
  const [first] = businesses;
  const books = businesses.filter(({ orgId, plan }) => orgId === first!.orgId && plan.state === 'active');
  const [one, ...others] = books.map(({ bookId }) => bookId);
  for (let after = -11; after < -OPEN_MONTHS; after += 1) {
    await run(periodClose, { id: one!, book_ids: others, through: endOfMonth(monthOf(today, after)) });
  }
}

/** A hold on a card for a big day, and supplies that somebody entered twice. */
async function seedExceptions(run: Run, businesses: readonly Business[], today: string): Promise<void> {
  const [first, second] = businesses;
  await run(transactionCreate, {
    type: 'payment',
    category: 'deposit',
    from: { type: 'end_customer', id: first!.customers[0]! },
    to: { type: 'merchant', id: first!.id },
    amount: { amount: 5_000, currency: first!.plan.currency },
    description: 'Deposit for a bridal appointment, held on the card',
    status: 'pending',
  });
  const wrong = await run(transactionCreate, {
    description: `Supplies of ${second!.plan.name}`,
    effective_date: plusDays(today, -2),
    lines: [
      { account_id: second!.chart.expense, side: 'debit', amount: 17_300 },
      { account_id: second!.chart.cash, side: 'credit', amount: 17_300 },
    ],
  });
  await run(transactionReverse, { id: wrong.id, reason: 'Entered twice' });
}

/** Deposits for what is still to come, by cards of the sandbox; one of them is declined. */
async function chargeCards(run: Run, { id: merchant_id }: Business, { today }: Options): Promise<void> {
  const from = `${plusDays(today, 1)}T12:00:00Z`;
  const { data } = await run(appointmentList, { merchant_id, status: 'booked', from, sort: 'starts_at', limit: 3 });
  for (const [place, { id: appointment_id }] of data.entries()) {
    const invoice = await run(customerInvoiceCreate, { merchant_id, appointment_id });
    const amount = { amount: Math.max(1, invoice.deposit_due.amount), currency: invoice.total.currency };
    const card_token = place === 1 ? 'tok_declined' : 'tok_visa';
    const payment = { invoice_id: invoice.id, kind: 'deposit', method: 'card', amount, card_token } as const;
    await run(customerPaymentProcess, { id: (await run(customerPaymentTake, payment)).id });
  }
}
