import * as v from 'valibot';
import {
  calendarDate,
  id,
  instant,
  listInput,
  listOf,
  money,
  moneySum,
  optional,
  price,
  text,
  version,
} from '../../operations/schemas.ts';
import { defineStates } from '../../operations/states.ts';

export const customerInvoiceStatus = v.picklist(['open', 'paid', 'refunded', 'forfeited', 'void']);
export type CustomerInvoiceStatus = v.InferOutput<typeof customerInvoiceStatus>;

/** A fully refunded invoice does not read as paid; one whose deposit was kept for a visit that never was is forfeited. */
export const customerInvoiceStates = defineStates({
  name: 'customer_invoice',
  initial: 'open',
  moves: {
    pay: { from: ['open'], to: 'paid' },
    void: { from: ['open'], to: 'void' },
    forfeit: { from: ['open'], to: 'forfeited' },
    refund: { from: ['paid', 'forfeited'], to: 'refunded' },
  },
} as const);

const line = v.object({ description: v.string(), quantity: v.number(), unit_price: price, amount: price });

/**
 * `total` is what is asked for, tax included; `paid` and `refunded` are without tips; `held` is what deposits hold until it is
 * settled; `outstanding` is what is still asked for; `deposit_due` is what the price tier of the merchant asks for beforehand.
 */
export const customerInvoice = v.object({
  id,
  merchant_id: id,
  end_customer: v.object({ id, name: v.string() }),
  appointment_id: v.nullable(id),
  category: v.picklist(['sale', 'no_show']),
  number: v.string(),
  issued_on: calendarDate,
  status: customerInvoiceStatus,
  status_reason: v.nullable(v.string()),
  lines: v.array(line),
  tax_rate_basis_points: v.number(),
  is_tax_inclusive: v.boolean(),
  subtotal: price,
  tax: price,
  total: money,
  deposit_due: price,
  paid: moneySum,
  held: moneySum,
  tips: moneySum,
  refunded: moneySum,
  pending: moneySum,
  outstanding: moneySum,
  note: v.nullable(v.string()),
  version,
  created_at: instant,
  updated_at: instant,
});
export type CustomerInvoice = v.InferOutput<typeof customerInvoice>;

const newLine = v.strictObject({
  description: text(200),
  quantity: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9_999))),
  unit_price: price,
});

/** For an appointment (what was booked, or the fee when nobody came), or for lines of one's own. Dated today, or earlier. */
export const customerInvoiceCreateInput = v.pipe(
  v.strictObject({
    merchant_id: id,
    appointment_id: v.optional(id),
    end_customer_id: v.optional(id),
    lines: v.optional(v.pipe(v.array(newLine), v.minLength(1, 'must have at least one line'), v.maxLength(100))),
    issued_on: optional(calendarDate),
    note: optional(text(500)),
  }),
  v.forward(
    v.check(
      ({ appointment_id, lines, end_customer_id }) =>
        appointment_id !== undefined
          ? lines === undefined && end_customer_id === undefined
          : lines !== undefined && end_customer_id !== undefined,
      'either an appointment, or a customer and lines',
    ),
    ['appointment_id'],
  ),
);
export const customerInvoiceListInput = v.strictObject({
  ...listInput,
  merchant_id: v.optional(id),
  end_customer_id: v.optional(id),
  appointment_id: v.optional(id),
  status: v.optional(customerInvoiceStatus),
  q: v.optional(text(200)),
});
export const customerInvoiceList = listOf(customerInvoice);
export const customerInvoiceReasonInput = v.strictObject({ id, reason: text(500) });
/** `forfeited_on` (today) is the day of the merchant on which the deposit becomes its own. */
export const customerInvoiceForfeitInput = v.strictObject({
  ...customerInvoiceReasonInput.entries,
  forfeited_on: optional(calendarDate),
});
