// Customer invoices: what an end customer owes a merchant for a visit, or for not having come. What was paid is the payments';
// what it means in the books is the ledger's.
import type * as v from 'valibot';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { requireMove } from '../../operations/require-move.ts';
import { idInput } from '../../operations/schemas.ts';
import { merchantFor, requireCurrencyOf } from '../merchant/operations.ts';
import type { Merchant } from '../merchant/schemas.ts';
import { effectiveSettings } from '../setting/operations.ts';
import type { EffectiveSettings } from '../setting/schemas.ts';
import { postWithin } from '../transaction/operations.ts';
import {
  insertInvoice,
  lockInvoice,
  type NewInvoice,
  pageOfInvoices,
  selectInvoice,
  selectLastDeposit,
  selectTakenForVisit,
  selectToday,
  selectVisit,
  updateInvoiceStatus,
} from './queries.ts';
import {
  type CustomerInvoice,
  type CustomerInvoiceStatus,
  customerInvoice,
  customerInvoiceCreateInput,
  customerInvoiceForfeitInput,
  customerInvoiceListInput,
  customerInvoiceList as customerInvoiceListSchema,
  customerInvoiceReasonInput,
  customerInvoiceStates,
} from './schemas.ts';

type Line = NewInvoice['lines'][number];
type Asked = Pick<NewInvoice, 'category' | 'lines' | 'customerId' | 'appointmentId'>;

export const customerInvoiceList = defineOperation({
  name: 'customer_invoice.list',
  kind: 'read',
  risk: 'read',
  permission: 'customer_invoice:read',
  resource: 'customer_invoice',
  summary: 'List the invoices of end customers with what was paid',
  input: customerInvoiceListInput,
  output: customerInvoiceListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/customer-invoices' },
  run: (ctx, input) => pageOfInvoices(ctx.tx, ctx.scope, input),
});

export const customerInvoiceGet = defineOperation({
  name: 'customer_invoice.get',
  kind: 'read',
  risk: 'read',
  permission: 'customer_invoice:read',
  resource: 'customer_invoice',
  summary: 'Read an invoice of an end customer',
  input: idInput,
  output: customerInvoice,
  http: { method: 'GET', path: '/api/customer-invoices/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectInvoice(ctx.tx, ctx.scope, id)),
});

/** Half away from zero, exact: a product of two amounts is beyond what a number holds. */
export function share(amount: number, part: number, of: number): number {
  return Number((BigInt(amount) * BigInt(part) * 2n + BigInt(of)) / (BigInt(of) * 2n));
}

/** Tax on top of the prices, or the tax that is in them. */
function totalsOf(lines: readonly Line[], settings: EffectiveSettings) {
  const rate = settings.tax_rate_basis_points;
  const sum = lines.reduce((total, { quantity, unit_price }) => total + quantity * unit_price, 0);
  const isTaxInclusive = settings.tax_is_inclusive;
  const tax = share(sum, rate, isTaxInclusive ? 10_000 + rate : 10_000);
  const total = isTaxInclusive ? sum : sum + tax;
  if (total < 1 || total > 9_999_999_999_999) {
    throw new DomainError(
      'amount_out_of_range',
      'An invoice asks for something, and for less than 10^13 minor units.',
      {
        errors: { lines: ['add up to an amount that is out of range'] },
      },
    );
  }
  return { taxRate: rate, isTaxInclusive, subtotal: total - tax, tax, total, depositDue: depositOf(total, settings) };
}

/** What the price tier asks for beforehand, always less than the whole. */
function depositOf(total: number, settings: EffectiveSettings): number {
  if (!settings.deposit_is_required) return 0;
  const tier = settings.deposit_tiers.find(({ up_to }) => up_to === null || total <= up_to);
  return Math.min(share(total, tier?.percent ?? 0, 100), total - 1);
}

const NO_TAX = { tax_rate_basis_points: 0, deposit_is_required: false };

/** A visit that was, or will be, costs what was booked; one that nobody came to, the fee. */
async function visitAsked(ctx: Context, merchant: Merchant, id: string, settings: EffectiveSettings): Promise<Asked> {
  const visit = await selectVisit(ctx.tx, merchant.id, id);
  if (!visit) {
    throw new DomainError('invalid', 'The merchant has no such appointment.', {
      errors: { appointment_id: ['is not an appointment of the merchant'] },
    });
  }
  const asked = { customerId: visit.end_customer_id, appointmentId: id };
  if (visit.status === 'cancelled') throw new DomainError('conflict', 'The appointment was cancelled.');
  if (visit.status !== 'no_show') {
    const booked = visit.lines.map((line) => ({ ...line, quantity: 1 }));
    const isListPrice = booked.reduce((sum, { unit_price }) => sum + unit_price, 0) === visit.price;
    const agreed = [{ description: visit.title, quantity: 1, unit_price: visit.price }];
    return { ...asked, category: 'sale', lines: isListPrice ? booked : agreed };
  }
  const { has_open, kept } = await selectTakenForVisit(ctx.tx, id);
  if (has_open)
    throw new DomainError('conflict', 'The visit has an open invoice: void it, or keep its deposit, first.');
  const fee = share(visit.price, settings.no_show_fee_percent, 100) - kept;
  if (fee < 1) throw new DomainError('conflict', 'There is no fee to ask for: what was paid for the visit covers it.');
  const words = kept > 0 ? ', less what was paid' : '';
  const description = `No-show fee, ${settings.no_show_fee_percent} % of ${visit.title}${words}`.slice(0, 200);
  return { ...asked, category: 'no_show', lines: [{ description, quantity: 1, unit_price: fee }] };
}

function saleAsked(merchant: Merchant, input: v.InferOutput<typeof customerInvoiceCreateInput>): Asked {
  const lines = input.lines!.map(({ unit_price, quantity = 1, description }, place) => {
    requireCurrencyOf(merchant, unit_price, `lines.${place}.unit_price`);
    return { description, quantity, unit_price: unit_price.amount };
  });
  return { category: 'sale', customerId: input.end_customer_id!, appointmentId: null, lines };
}

export const customerInvoiceCreate = defineOperation({
  name: 'customer_invoice.create',
  kind: 'write',
  risk: 'write',
  permission: 'customer_invoice:create',
  resource: 'customer_invoice',
  summary: 'Invoice an end customer for an appointment, for not having come, or for lines of your own',
  input: customerInvoiceCreateInput,
  output: customerInvoice,
  http: { method: 'POST', path: '/api/customer-invoices', status: 201 },
  describe: () => 'Invoiced an end customer',
  onConstraint: {
    customer_invoices_one_per_visit: () =>
      new DomainError('conflict', 'This appointment is invoiced already.', {
        errors: { appointment_id: ['is invoiced'] },
      }),
    customer_invoices_end_customer_exists: () =>
      new DomainError('invalid', 'The merchant has no such customer.', {
        errors: { end_customer_id: ['is not a customer of the merchant'] },
      }),
  },
  run: async (ctx, input) => {
    const merchant = await merchantFor(ctx, input.merchant_id);
    const settings = await effectiveSettings(ctx, merchant.id);
    const asked = input.appointment_id
      ? await visitAsked(ctx, merchant, input.appointment_id, settings)
      : saleAsked(merchant, input);
    await insertInvoice(ctx.tx, {
      id: ctx.id,
      merchantId: merchant.id,
      currency: merchant.currency,
      issuedOn: input.issued_on ?? null,
      note: input.note ?? (settings.invoice_note || null),
      ...asked,
      ...totalsOf(asked.lines, asked.category === 'no_show' ? { ...settings, ...NO_TAX } : settings),
    });
    return orNotFound(await selectInvoice(ctx.tx, ctx.scope, ctx.id));
  },
});

/** An invoice that nobody else moves money of until the commit. @throws DomainError `not_found`, `stale` */
export async function lockedInvoice(ctx: Context, id: string): Promise<CustomerInvoice> {
  const locked = await lockInvoice(ctx.tx, ctx.scope, id);
  if (!locked) throw notFound();
  return orNotFound(await selectInvoice(ctx.tx, ctx.scope, id));
}

/** What a payment or refund makes of its invoice. */
export function settleInvoice(ctx: Context, id: string, status: CustomerInvoiceStatus): Promise<void> {
  return updateInvoiceStatus(ctx.tx, id, status);
}

/** What uses deposits up has no day before they came. @throws DomainError `invalid` */
export async function requireAfterDeposits(
  ctx: Context,
  id: string,
  day: string | null | undefined,
  field: string,
): Promise<void> {
  const last = day ? await selectLastDeposit(ctx.tx, id) : null;
  if (day && last && day < last) {
    throw new DomainError('invalid', `A deposit of it came on ${last}.`, {
      errors: { [field]: [`must not be before ${last}`] },
    });
  }
}

async function lockedFor(ctx: Context, id: string, action: keyof typeof customerInvoiceStates.moves) {
  const invoice = await lockedInvoice(ctx, id);
  if (ctx.call.expectedVersion !== undefined && ctx.call.expectedVersion !== invoice.version)
    throw new DomainError('stale');
  requireMove(customerInvoiceStates, action, invoice.status);
  if (invoice.pending.amount > 0)
    throw new DomainError('conflict', 'A payment or refund of this invoice is under way.');
  return invoice;
}

export const customerInvoiceVoid = defineOperation({
  name: 'customer_invoice.void',
  kind: 'write',
  risk: 'write',
  permission: 'customer_invoice:void',
  resource: 'customer_invoice',
  summary: 'Void an invoice that holds no money',
  input: customerInvoiceReasonInput,
  output: customerInvoice,
  http: { method: 'POST', path: '/api/customer-invoices/{id}/void' },
  describe: ({ reason }) => `Voided an invoice: ${reason}`,
  run: async (ctx, { id, reason }) => {
    const invoice = await lockedFor(ctx, id, 'void');
    if (invoice.held.amount > 0) throw new DomainError('conflict', 'The invoice holds a deposit: refund it first.');
    await updateInvoiceStatus(ctx.tx, id, 'void', reason);
    return orNotFound(await selectInvoice(ctx.tx, ctx.scope, id));
  },
});

export const customerInvoiceForfeit = defineOperation({
  name: 'customer_invoice.forfeit',
  kind: 'write',
  risk: 'money',
  permission: 'customer_invoice:forfeit',
  resource: 'customer_invoice',
  summary: 'Keep the deposit of a visit that did not happen',
  input: customerInvoiceForfeitInput,
  output: customerInvoice,
  http: { method: 'POST', path: '/api/customer-invoices/{id}/forfeit' },
  describe: ({ reason }) => `Kept a deposit: ${reason}`,
  run: async (ctx, { id, reason, forfeited_on }) => {
    const invoice = await lockedFor(ctx, id, 'forfeit');
    if (invoice.held.amount === 0) throw new DomainError('conflict', 'The invoice holds no deposit.');
    const visit = invoice.appointment_id && (await selectVisit(ctx.tx, invoice.merchant_id, invoice.appointment_id));
    if (!visit || (visit.status !== 'no_show' && !visit.is_late_cancellation)) {
      throw new DomainError('conflict', 'A deposit is kept only when nobody came or the visit was cancelled late.');
    }
    const today = await selectToday(ctx.tx, invoice.merchant_id);
    if (forfeited_on && forfeited_on > today) {
      const errors = { forfeited_on: [`must not be after today, ${today}`] };
      throw new DomainError('invalid', 'That day is still to come.', { errors });
    }
    await requireAfterDeposits(ctx, id, forfeited_on, 'forfeited_on');
    await postWithin(ctx, {
      type: 'forfeiture',
      description: `Deposit kept, invoice ${invoice.number}`,
      from_type: 'end_customer',
      from_id: invoice.end_customer.id,
      to_type: 'merchant',
      to_id: invoice.merchant_id,
      ...invoice.held,
      effective_date: forfeited_on ?? today,
      on_closed_period: forfeited_on ? undefined : 'next_open',
      source: 'customer_invoice',
      external_id: `${id} forfeit`,
      metadata: { invoice: invoice.number, reason },
    });
    await updateInvoiceStatus(ctx.tx, id, 'forfeited', reason);
    return orNotFound(await selectInvoice(ctx.tx, ctx.scope, id));
  },
});
