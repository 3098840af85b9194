import type { AppLoadContext } from '@remix-run/server-runtime';
import { customerInvoiceForfeit, customerInvoiceVoid } from '../server/contexts/customer-invoice/operations.ts';
import type { CustomerInvoice } from '../server/contexts/customer-invoice/schemas.ts';
import {
  customerPaymentProcess,
  customerPaymentRefund,
  customerPaymentTake,
  customerRefundProcess,
} from '../server/contexts/customer-payment/operations.ts';
import type { CustomerPayment } from '../server/contexts/customer-payment/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import { type FormValues, formGuards, withoutEmpty } from './forms.ts';
import { parseAmount } from './money.ts';
import { invalidFields } from './problem.ts';

export const INVOICE_FIELDS = [
  ...[
    'intent',
    'kind',
    'method',
    'amount',
    'tip',
    'card_token',
    'reason',
    'payment_id',
    'paid_on',
    'reference',
    'forfeited_on',
  ],
];

type Answer = { problem: Problem } | { data: unknown };
type Money = { amount: number; currency: string };

/** The amounts that were typed, in minor units; or what is wrong with them. */
function typedMoney(values: FormValues, names: readonly string[], currency: string, locale: string) {
  const errors: Record<string, string[]> = {};
  const amounts: Record<string, Money> = {};
  for (const name of names) {
    const typed = values[name] ?? '';
    if (typed === '') continue;
    const read = parseAmount(typed, currency, locale);
    if ('error' in read) errors[name] = [read.error];
    else amounts[name] = { amount: Number(read.amount), currency };
  }
  return { errors, amounts };
}

/** When the money came or went and what it is called elsewhere, where that was typed. */
const datedAs = ({ paid_on = '', reference = '' }: FormValues) => withoutEmpty({ paid_on, reference });

/** Takes a payment; a card is asked at once, so that the person sees what became of it. */
async function takePayment(
  context: AppLoadContext,
  invoice: CustomerInvoice,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const { errors, amounts } = typedMoney(values, ['amount', 'tip'], invoice.total.currency, context.tenant.locale);
  if (Object.keys(errors).length > 0) return { problem: invalidFields(errors, context.requestId) };
  const { deposit_due, held } = invoice;
  const asked = deposit_due.amount - held.amount;
  const isAsked = values.kind === 'deposit' && !amounts.amount && asked > 0;
  const input = {
    ...{ invoice_id: invoice.id, kind: values.kind, method: values.method },
    ...amounts,
    ...(isAsked ? { amount: { ...deposit_due, amount: asked } } : {}),
    ...(values.method === 'card' ? { card_token: values.card_token } : {}),
    ...datedAs(values),
  };
  const taken = await context.submit(customerPaymentTake, input, formGuards(form));
  return 'problem' in taken || taken.data.status !== 'pending' ? taken : askProcessor(context, taken.data.id);
}

async function askProcessor(context: AppLoadContext, id: string | undefined): Promise<Answer> {
  const asked = await context.submit(customerPaymentProcess, { id });
  return 'data' in asked && asked.data.failure ? { problem: declined(context, asked.data) } : asked;
}

function declined(context: AppLoadContext, { failure }: CustomerPayment): Problem {
  return {
    ...{ type: 'about:blank', status: 409, code: 'conflict', request_id: context.requestId },
    ...{ title: 'The card was not charged', detail: failure ?? 'The card was not charged.' },
  };
}

async function refundPayment(
  context: AppLoadContext,
  invoice: CustomerInvoice,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const { errors, amounts } = typedMoney(values, ['amount'], invoice.total.currency, context.tenant.locale);
  if (Object.keys(errors).length > 0) return { problem: invalidFields(errors, context.requestId) };
  const input = { id: values.payment_id, reason: values.reason, ...amounts, ...datedAs(values) };
  const refunded = await context.submit(customerPaymentRefund, input, formGuards(form));
  if ('problem' in refunded) return refunded;
  const waiting = refunded.data.refunds.find(({ status }) => status === 'pending');
  return waiting ? context.submit(customerRefundProcess, { id: waiting.id }) : refunded;
}

/** Does what a form of an invoice's page asks for. */
export function changeInvoice(
  context: AppLoadContext,
  invoice: CustomerInvoice,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const reasoned = { id: invoice.id, reason: values.reason };
  if (values.intent === 'pay') return takePayment(context, invoice, values, form);
  if (values.intent === 'void') return context.submit(customerInvoiceVoid, reasoned, formGuards(form));
  if (values.intent === 'forfeit') {
    const input = { ...reasoned, forfeited_on: values.forfeited_on || null };
    return context.submit(customerInvoiceForfeit, input, formGuards(form));
  }
  if (values.intent?.startsWith('process')) return askProcessor(context, values.payment_id);
  if (values.intent?.startsWith('refund')) return refundPayment(context, invoice, values, form);
  throw new Response(null, { status: 400 });
}
