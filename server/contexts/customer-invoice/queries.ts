import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inMerchantScope, listPage } from '../../operations/list.ts';
import { type CustomerInvoiceStatus, customerInvoice, type customerInvoiceListInput } from './schemas.ts';

const nothing = v.object({});
const inCurrency = (amount: ReturnType<typeof sql.fragment>) =>
  sql.fragment`json_build_object('amount', ${amount}, 'currency', i.currency)`;

const columns = sql.fragment`
  SELECT i.id, i.merchant_id, json_build_object('id', c.id, 'name', c.name) AS end_customer, i.appointment_id, i.category, i.number,
    i.issued_on, i.status, i.status_reason,
    (SELECT json_agg(json_build_object('description', l.description, 'quantity', l.quantity,
        'unit_price', ${inCurrency(sql.fragment`l.unit_price`)}, 'amount', ${inCurrency(sql.fragment`l.amount`)}) ORDER BY l.position)
      FROM customer_invoice_lines l WHERE l.invoice_id = i.id) AS lines,
    i.tax_rate_basis_points, i.is_tax_inclusive, ${inCurrency(sql.fragment`i.subtotal`)} AS subtotal,
    ${inCurrency(sql.fragment`i.tax`)} AS tax, ${inCurrency(sql.fragment`i.total`)} AS total,
    ${inCurrency(sql.fragment`i.deposit_due`)} AS deposit_due, ${inCurrency(sql.fragment`s.paid`)} AS paid,
    ${inCurrency(sql.fragment`CASE i.status WHEN 'open' THEN s.deposits - s.released ELSE 0 END`)} AS held,
    ${inCurrency(sql.fragment`s.tips - s.tips_refunded`)} AS tips, ${inCurrency(sql.fragment`s.refunded`)} AS refunded,
    ${inCurrency(sql.fragment`s.pending + s.refunding`)} AS pending,
    ${inCurrency(sql.fragment`CASE i.status WHEN 'open' THEN greatest(i.total - s.paid + s.released, 0) ELSE 0 END`)} AS outstanding,
    i.note, i.version, i.created_at, i.updated_at
  FROM customer_invoices i
  JOIN end_customers c ON c.id = i.end_customer_id
  CROSS JOIN LATERAL (SELECT * FROM customer_invoice_sums s WHERE s.invoice_id = i.id) s`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`i.merchant_id`);

export function pageOfInvoices(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof customerInvoiceListInput>,
) {
  return listPage(
    tx,
    {
      name: 'customer_invoices',
      row: customerInvoice,
      select: columns,
      id: sql.fragment`i.id`,
      sorts: {
        created_at: 'id',
        issued_on: { column: sql.fragment`i.issued_on`, type: 'date' },
        number: { column: sql.fragment`i.number`, type: 'text' },
      },
      defaultSort: '-created_at',
      where: [
        visible(scope),
        equals(sql.fragment`i.merchant_id`, input.merchant_id),
        equals(sql.fragment`i.end_customer_id`, input.end_customer_id),
        equals(sql.fragment`i.appointment_id`, input.appointment_id),
        equals(sql.fragment`i.status`, input.status),
        contains([sql.fragment`i.number`, sql.fragment`c.name`], input.q),
      ],
    },
    input,
  );
}

export function selectInvoice(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(
    sql.type(customerInvoice)`${columns} WHERE ${allOf([sql.fragment`i.id = ${id}`, visible(scope)])}`,
  );
}

const lockedRow = v.object({ id: v.string(), version: v.number() });

/** Nobody else moves money of this invoice until the commit. What it says is read afterwards. */
export function lockInvoice(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(lockedRow)`
    SELECT i.id, i.version FROM customer_invoices i
    WHERE ${allOf([sql.fragment`i.id = ${id}`, visible(scope)])} FOR UPDATE OF i`);
}

const visitRow = v.object({
  merchant_id: v.string(),
  end_customer_id: v.string(),
  status: v.string(),
  is_late_cancellation: v.boolean(),
  title: v.string(),
  price: v.number(),
  lines: v.array(v.object({ description: v.string(), unit_price: v.number() })),
});

/** What an appointment of the merchant has to be invoiced for. */
export function selectVisit(tx: CommonQueryMethods, merchantId: string, id: string) {
  return tx.maybeOne(sql.type(visitRow)`
    SELECT a.merchant_id, a.end_customer_id, a.status, a.is_late_cancellation, a.title, a.price,
      (SELECT coalesce(json_agg(json_build_object('description', s.name, 'unit_price', s.price) ORDER BY s.position), '[]')
        FROM appointment_services s WHERE s.appointment_id = a.id) AS lines
    FROM appointments a
    WHERE a.id = ${id} AND a.merchant_id = ${merchantId}`);
}

export type NewInvoice = {
  id: string;
  merchantId: string;
  customerId: string;
  appointmentId: string | null;
  category: 'sale' | 'no_show';
  currency: string;
  taxRate: number;
  isTaxInclusive: boolean;
  subtotal: number;
  tax: number;
  total: number;
  depositDue: number;
  issuedOn: string | null;
  note: string | null;
  lines: readonly { description: string; quantity: number; unit_price: number }[];
};

export async function insertInvoice(tx: CommonQueryMethods, invoice: NewInvoice): Promise<void> {
  await tx.query(sql.type(nothing)`
    WITH created AS (
      INSERT INTO customer_invoices (id, merchant_id, end_customer_id, appointment_id, category, number, currency,
        tax_rate_basis_points, is_tax_inclusive, subtotal, tax, total, deposit_due, issued_on, note)
      VALUES (${invoice.id}, ${invoice.merchantId}, ${invoice.customerId}, ${invoice.appointmentId}, ${invoice.category},
        next_invoice_number(${invoice.merchantId}, ${invoice.issuedOn}::date), ${invoice.currency}, ${invoice.taxRate}, ${invoice.isTaxInclusive},
        ${invoice.subtotal}, ${invoice.tax}, ${invoice.total}, ${invoice.depositDue}, ${invoice.issuedOn}::date, ${invoice.note})
      RETURNING id, merchant_id)
    INSERT INTO customer_invoice_lines (merchant_id, invoice_id, position, description, quantity, unit_price, amount)
    SELECT c.merchant_id, c.id, l.position, l.description, l.quantity, l.unit_price, l.quantity * l.unit_price
    FROM created c
    CROSS JOIN ROWS FROM (jsonb_to_recordset(${sql.jsonb([...invoice.lines])}) AS (description text, quantity integer, unit_price bigint))
      WITH ORDINALITY AS l (description, quantity, unit_price, position)`);
}

export async function updateInvoiceStatus(
  tx: CommonQueryMethods,
  id: string,
  status: CustomerInvoiceStatus,
  reason: string | null = null,
): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE customer_invoices SET status = ${status}, status_reason = ${reason} WHERE id = ${id}`);
}

const takenRow = v.object({ has_open: v.boolean(), kept: v.number() });

/** What the invoices of a visit have kept of what was paid; and whether one of them is open. */
export function selectTakenForVisit(tx: CommonQueryMethods, appointmentId: string) {
  return tx.one(sql.type(takenRow)`
    SELECT coalesce(bool_or(i.status = 'open'), false) AS has_open, coalesce(sum(s.paid - s.refunded), 0)::bigint AS kept
    FROM customer_invoices i JOIN customer_invoice_sums s ON s.invoice_id = i.id
    WHERE i.appointment_id = ${appointmentId}`);
}

/** The day of the last deposit of an invoice, if it has one. */
export function selectLastDeposit(tx: CommonQueryMethods, id: string): Promise<string | null> {
  return tx.oneFirst(sql.type(v.object({ day: v.nullable(v.string()) }))`
    SELECT max(p.paid_on) AS day FROM customer_payments p
    WHERE p.invoice_id = ${id} AND p.kind = 'deposit' AND p.status = 'succeeded'`);
}

/** Today, where a merchant is. */
export function selectToday(tx: CommonQueryMethods, merchantId: string): Promise<string> {
  return tx.oneFirst(sql.type(v.object({ today: v.string() }))`SELECT merchant_today(${merchantId}) AS today`);
}
