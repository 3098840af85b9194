// Customer payments and refunds. Money in hand is booked at once; a card is asked first: the payment waits, which is the
// intent that survives everything, the processor is asked with the payment's id as its key, and what it answers is booked.
import type * as v from 'valibot';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { newId } from '../../operations/id.ts';
import { enqueue } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput, MAXIMUM_AMOUNT } from '../../operations/schemas.ts';
import { moveOrFind } from '../../plugins/payment/ask.ts';
import type { PaymentProcessor, ProcessorAnswer } from '../../plugins/payment/processor.ts';
import { lockedInvoice, requireAfterDeposits, settleInvoice, share } from '../customer-invoice/operations.ts';
import type { CustomerInvoice } from '../customer-invoice/schemas.ts';
import { customerInvoiceStates } from '../customer-invoice/schemas.ts';
import { effectiveSettings } from '../setting/operations.ts';
import { postWithin } from '../transaction/operations.ts';
import {
  insertPayment,
  insertRefund,
  markPayment,
  markRefund,
  pageOfPayments,
  type RefundRow,
  selectIntent,
  selectPayment,
  selectRefund,
  selectTakings,
} from './queries.ts';
import {
  type CustomerPayment,
  type CustomerPaymentKind,
  customerPayment,
  customerPaymentListInput,
  customerPaymentList as customerPaymentListSchema,
  customerPaymentRefundInput,
  customerPaymentTakeInput,
  customerRefund,
} from './schemas.ts';

type Take = v.InferOutput<typeof customerPaymentTakeInput>;
type Refund = v.InferOutput<typeof customerPaymentRefundInput>;

export const customerPaymentList = defineOperation({
  name: 'customer_payment.list',
  kind: 'read',
  risk: 'read',
  permission: 'customer_payment:read',
  resource: 'customer_payment',
  summary: 'List what end customers paid, with refunds',
  input: customerPaymentListInput,
  output: customerPaymentListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/customer-payments' },
  run: (ctx, input) => pageOfPayments(ctx.tx, ctx.scope, input),
});

export const customerPaymentGet = defineOperation({
  name: 'customer_payment.get',
  kind: 'read',
  risk: 'read',
  permission: 'customer_payment:read',
  resource: 'customer_payment',
  summary: 'Read a payment of an end customer with its refunds',
  input: idInput,
  output: customerPayment,
  http: { method: 'GET', path: '/api/customer-payments/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectPayment(ctx.tx, ctx.scope, id)),
});

const refuse = (message: string) => new DomainError('conflict', message);
const wrong = (field: string, message: string) =>
  new DomainError('invalid', message, { errors: { [field]: [message] } });

/** @throws DomainError `currency_mismatch` */
function requireCurrency(currency: string, money: { currency: string } | null | undefined, field: string): void {
  if (money && money.currency !== currency) {
    throw new DomainError('currency_mismatch', `The invoice is in ${currency}.`, {
      errors: { [`${field}.currency`]: [`must be ${currency}`] },
    });
  }
}

/** The kinds that an invoice can be paid by as it is. */
export function kindsFor(invoice: Pick<CustomerInvoice, 'status' | 'category' | 'held'>): CustomerPaymentKind[] {
  if (invoice.status === 'paid') return ['tip'];
  if (invoice.status !== 'open') return [];
  if (invoice.category === 'no_show') return ['no_show'];
  return invoice.held.amount > 0 ? ['balance', 'deposit'] : ['full_pay', 'deposit'];
}

/** What is taken, tip included, in minor units. @throws DomainError `conflict`, `invalid` */
function amountOf(invoice: CustomerInvoice, input: Take): { amount: number; tip: number } {
  const kinds = kindsFor(invoice);
  if (kinds.length === 0) throw refuse(`The invoice is ${invoice.status}: nothing is paid on it.`);
  if (!kinds.includes(input.kind)) {
    throw wrong('kind', `Now this invoice takes ${kinds.map((kind) => kind.replace('_', ' ')).join(' or ')}.`);
  }
  const { currency } = invoice.total;
  requireCurrency(currency, input.amount, 'amount');
  requireCurrency(currency, input.tip, 'tip');
  const given = input.amount?.amount;
  if (input.kind === 'tip') return { amount: given!, tip: given! };
  if (invoice.pending.amount > 0) throw refuse('A payment or refund of this invoice is under way.');
  const outstanding = invoice.outstanding.amount;
  if (input.kind === 'deposit') {
    if (given! >= outstanding)
      throw wrong('amount', 'A deposit is less than what is outstanding; pay the whole instead.');
    return { amount: given!, tip: 0 };
  }
  if (given !== undefined && given !== outstanding)
    throw wrong('amount', 'This is not what the invoice still asks for.');
  const tip = input.tip?.amount ?? 0;
  if (outstanding + tip > MAXIMUM_AMOUNT) {
    throw new DomainError('amount_out_of_range', 'With the tip this is more than a payment can be.', {
      errors: { tip: ['is too much'] },
    });
  }
  return { amount: outstanding + tip, tip };
}

function processorFor(ctx: Context): PaymentProcessor {
  if (!ctx.services.paymentProcessor) {
    throw refuse('No payment processor is set up: take cash or a bank transfer.');
  }
  return ctx.services.paymentProcessor(ctx.tx);
}

/** @throws DomainError `invalid` */
async function requireMethod(ctx: Context, merchantId: string, method: Take['method']): Promise<void> {
  const { payment_methods: methods } = await effectiveSettings(ctx, merchantId);
  if (methods.includes(method)) return;
  const taken = methods.map((each) => each.replace('_', ' ')).join(' or ') || 'no payments';
  throw wrong('method', `This merchant takes ${taken}.`);
}

/** The category and the words by which the ledger knows a kind. */
const BOOKED = {
  deposit: { category: 'deposit', words: 'Deposit for' },
  balance: { category: 'balance', words: 'Balance of' },
  full_pay: { category: 'full', words: 'Payment of' },
  tip: { category: 'tip', words: 'Tip on' },
  no_show: { category: 'no_show', words: 'No-show fee,' },
} as const;

/** Where the money is: what a card gave is with its processor, or the terminal's. */
const throughOf = (method: string) => (method === 'card' || method === 'card_terminal' ? undefined : 'cash');

/** A day that somebody named has to be open; what happens today has happened, and goes to the next open day if need be. */
const datedOn = (paid_on: string, isNamed: boolean) => ({
  effective_date: paid_on,
  on_closed_period: isNamed ? undefined : 'next_open',
});

const present = (components: Record<string, number>) =>
  Object.fromEntries(Object.entries(components).filter(([, amount]) => amount > 0));

/** Books a payment and says so in it; what settles the invoice makes it paid. */
async function book(
  ctx: Context,
  invoice: CustomerInvoice,
  payment: CustomerPayment,
  { reference, isDayNamed = false }: { reference?: string; isDayNamed?: boolean } = {},
): Promise<void> {
  const settles = payment.kind !== 'deposit' && payment.kind !== 'tip';
  const held = payment.kind === 'balance' ? invoice.held.amount : 0;
  const { id: transactionId } = await postWithin(ctx, {
    type: 'payment',
    category: BOOKED[payment.kind].category,
    description: `${BOOKED[payment.kind].words} invoice ${invoice.number}`,
    from_type: 'end_customer',
    from_id: invoice.end_customer.id,
    to_type: 'merchant',
    to_id: invoice.merchant_id,
    ...payment.amount,
    components: settles ? present({ tip: payment.tip.amount, tax: invoice.tax.amount, deposit: held }) : undefined,
    through: throughOf(payment.method),
    ...datedOn(payment.paid_on, isDayNamed),
    source: 'customer_payment',
    external_id: payment.id,
    metadata: { invoice: invoice.number, method: payment.method },
  });
  await markPayment(ctx.tx, payment.id, { transactionId, reference });
  if (settles) await settleInvoice(ctx, invoice.id, customerInvoiceStates.moves.pay.to);
}

export const customerPaymentTake = defineOperation({
  name: 'customer_payment.take',
  kind: 'write',
  risk: 'money',
  permission: 'customer_payment:take',
  resource: 'customer_payment',
  summary: 'Take a payment for an invoice; a card payment is pending until its processor has answered',
  input: customerPaymentTakeInput,
  output: customerPayment,
  http: { method: 'POST', path: '/api/customer-payments', status: 201 },
  describe: ({ kind, method }) => `Took a payment: ${kind.replace('_', ' ')}, ${method.replace('_', ' ')}`,
  run: async (ctx, input) => {
    const invoice = await lockedInvoice(ctx, input.invoice_id).catch((error: unknown) => {
      throw error instanceof DomainError && error.code === 'not_found'
        ? new DomainError('invalid', 'The invoice does not exist.', { errors: { invoice_id: ['does not exist'] } })
        : error;
    });
    const { amount, tip } = amountOf(invoice, input);
    await requireMethod(ctx, invoice.merchant_id, input.method);
    if (input.kind === 'balance') await requireAfterDeposits(ctx, invoice.id, input.paid_on, 'paid_on');
    const isCard = input.method === 'card';
    await insertPayment(ctx.tx, {
      id: ctx.id,
      merchantId: invoice.merchant_id,
      invoiceId: invoice.id,
      kind: input.kind,
      method: input.method,
      amount,
      tip,
      processor: isCard ? processorFor(ctx).name : null,
      cardToken: input.card_token ?? null,
      paidOn: input.paid_on ?? null,
      reference: input.reference ?? null,
    });
    const taken = orNotFound(await selectPayment(ctx.tx, ctx.scope, ctx.id));
    if (isCard) {
      const uniqueKey = `customer_payment.process:${ctx.id}`;
      await enqueue(ctx, customerPaymentProcess.name, { id: ctx.id }, { uniqueKey });
      return taken;
    }
    await book(ctx, invoice, taken, { isDayNamed: input.paid_on != null });
    return orNotFound(await selectPayment(ctx.tx, ctx.scope, ctx.id));
  },
});

/** What the processor said; null when there is nothing to ask any more, or nothing to tell yet. */
type Asked = { readonly answer: ProcessorAnswer | null };

export const customerPaymentProcess = defineOperation({
  name: 'customer_payment.process',
  kind: 'external',
  risk: 'money',
  permission: 'customer_payment:take',
  resource: 'customer_payment',
  summary: 'Ask the processor for a card payment that is pending, and book what it answers',
  input: idInput,
  output: customerPayment,
  http: { method: 'POST', path: '/api/customer-payments/{id}/process' },
  describe: () => 'Charged a card',
  outside: async (ctx, { id }): Promise<Asked> => {
    const intent = orNotFound(await selectIntent(ctx.tx, ctx.scope, id));
    if (intent.status !== 'pending') return { answer: null };
    const money = { amount: intent.amount, currency: intent.currency };
    const processor = processorFor(ctx);
    const charge = () => processor.charge({ key: id, money, cardToken: intent.card_token ?? '' });
    return { answer: await moveOrFind(processor, { key: id, ageMinutes: intent.age_minutes }, charge) };
  },
  run: async (ctx, { id }, { answer }: Asked) => {
    const known = orNotFound(await selectPayment(ctx.tx, ctx.scope, id));
    const invoice = await lockedInvoice(ctx, known.invoice_id);
    // Somebody else may have asked at the same time: the processor answered both the same, and one of them has booked it.
    const payment = orNotFound(await selectPayment(ctx.tx, ctx.scope, id));
    if (payment.status === 'pending' && answer?.outcome === 'succeeded')
      await book(ctx, invoice, payment, { reference: answer.reference });
    if (payment.status === 'pending' && answer?.outcome === 'declined') {
      await markPayment(ctx.tx, id, { failure: answer.reason });
    }
    return orNotFound(await selectPayment(ctx.tx, ctx.scope, id));
  },
});

/**
 * How much of the tax goes back with an amount, so that the parts of a whole refund add up to the whole tax; and whether that is
 * all there was.
 */
async function shareOf(ctx: Context, invoice: CustomerInvoice, amount: number) {
  const { takings, tax, refunded, tax_refunded } = await selectTakings(ctx.tx, invoice.id);
  const after = share(tax, refunded + amount, takings);
  return { tax: amount === 0 ? 0 : after - tax_refunded, isWhole: refunded + amount >= takings };
}

/** Books a refund: of a deposit that is still held from what is held, of anything else from the takings. */
async function bookRefund(
  ctx: Context,
  invoice: CustomerInvoice,
  refund: RefundRow,
  { reference, isDayNamed = false }: { reference?: string; isDayNamed?: boolean } = {},
): Promise<void> {
  const isRelease = invoice.status === 'open';
  const untipped = Math.min(refund.amount, refund.rest);
  const tip = refund.amount - untipped;
  const { tax, isWhole } = isRelease ? { tax: 0, isWhole: false } : await shareOf(ctx, invoice, untipped);
  const { id: transactionId } = await postWithin(ctx, {
    type: 'refund',
    category: isRelease ? 'deposit' : undefined,
    description: `Refund of invoice ${invoice.number}`,
    from_type: 'merchant',
    from_id: invoice.merchant_id,
    to_type: 'end_customer',
    to_id: invoice.end_customer.id,
    amount: refund.amount,
    currency: refund.currency,
    components: isRelease ? undefined : present({ tip, tax }),
    through: throughOf(refund.method),
    ...datedOn(refund.paid_on, isDayNamed),
    source: 'customer_payment',
    external_id: refund.id,
    metadata: { invoice: invoice.number, reason: refund.reason },
  });
  await markRefund(ctx.tx, refund.id, { transactionId, tip, tax, isRelease, reference: reference ?? null });
  if (isWhole && invoice.status !== 'refunded')
    await settleInvoice(ctx, invoice.id, customerInvoiceStates.moves.refund.to);
}

/** @throws DomainError `invalid` */
function requireDayOfRefund(payment: CustomerPayment, { paid_on, reference }: Refund): void {
  if (payment.method === 'card' && (paid_on || reference)) {
    throw wrong(paid_on ? 'paid_on' : 'reference', 'A card is given back today, by its processor.');
  }
  if (paid_on && paid_on < payment.paid_on) throw wrong('paid_on', `The payment came on ${payment.paid_on}.`);
}

export const customerPaymentRefund = defineOperation({
  name: 'customer_payment.refund',
  kind: 'write',
  risk: 'money',
  permission: 'customer_payment:refund',
  resource: 'customer_payment',
  summary: 'Give back a payment or a part of it, the way it came',
  input: customerPaymentRefundInput,
  output: customerPayment,
  http: { method: 'POST', path: '/api/customer-payments/{id}/refund' },
  describe: ({ reason }) => `Refunded a payment: ${reason}`,
  run: async (ctx, input) => {
    const known = orNotFound(await selectPayment(ctx.tx, ctx.scope, input.id));
    const invoice = await lockedInvoice(ctx, known.invoice_id);
    const payment = orNotFound(await selectPayment(ctx.tx, ctx.scope, input.id));
    const { currency } = payment.amount;
    requireCurrency(currency, input.amount, 'amount');
    // What settles the invoice counts on the deposits that it holds.
    if (invoice.status === 'open' && invoice.pending.amount > 0)
      throw refuse('A payment or refund of this invoice is under way.');
    const amount = input.amount?.amount ?? payment.refundable.amount;
    if (payment.refundable.amount === 0) throw refuse('Nothing of this payment is left to give back.');
    if (amount > payment.refundable.amount) throw wrong('amount', 'This is more than is left of the payment.');
    requireDayOfRefund(payment, input);
    // No event of its own: a refund is a part of its payment.
    const refundId = newId();
    await insertRefund(ctx.tx, {
      id: refundId,
      merchantId: payment.merchant_id,
      paymentId: payment.id,
      amount,
      reason: input.reason,
      paidOn: input.paid_on ?? null,
      reference: input.reference ?? null,
    });
    if (payment.method === 'card') {
      const key = `customer_payment.process_refund:${refundId}`;
      await enqueue(ctx, customerRefundProcess.name, { id: refundId }, { uniqueKey: key });
    } else {
      const refund = orNotFound(await selectRefund(ctx.tx, ctx.scope, refundId));
      await bookRefund(ctx, invoice, refund, { isDayNamed: input.paid_on != null });
    }
    return orNotFound(await selectPayment(ctx.tx, ctx.scope, payment.id));
  },
});

type AskedRefund = { readonly answer: ProcessorAnswer | null; readonly paymentId: string };

export const customerRefundProcess = defineOperation({
  name: 'customer_payment.process_refund',
  kind: 'external',
  risk: 'money',
  permission: 'customer_payment:refund',
  resource: 'customer_refund',
  summary: 'Ask the processor for a refund that is pending, and book what it answers',
  input: idInput,
  output: customerRefund,
  http: { method: 'POST', path: '/api/customer-refunds/{id}/process' },
  describe: () => 'Refunded a card',
  outside: async (ctx, { id }): Promise<AskedRefund> => {
    const refund = orNotFound(await selectRefund(ctx.tx, ctx.scope, id));
    if (refund.status !== 'pending') return { answer: null, paymentId: refund.payment_id };
    const money = { amount: refund.amount, currency: refund.currency };
    const processor = processorFor(ctx);
    const give = () => processor.refund({ key: id, reference: refund.reference ?? '', money });
    const answer = await moveOrFind(processor, { key: id, ageMinutes: refund.age_minutes }, give);
    return { answer, paymentId: refund.payment_id };
  },
  run: async (ctx, { id }, { answer, paymentId }: AskedRefund) => {
    const payment = orNotFound(await selectPayment(ctx.tx, ctx.scope, paymentId));
    const invoice = await lockedInvoice(ctx, payment.invoice_id);
    const refund = orNotFound(await selectRefund(ctx.tx, ctx.scope, id));
    if (refund.status === 'pending' && answer?.outcome === 'succeeded')
      await bookRefund(ctx, invoice, refund, { reference: answer.reference });
    if (refund.status === 'pending' && answer?.outcome === 'declined') {
      await markRefund(ctx.tx, id, { failure: answer.reason });
    }
    const after = orNotFound(await selectPayment(ctx.tx, ctx.scope, paymentId));
    return orNotFound(after.refunds.find((each) => each.id === id) ?? null);
  },
});
