import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inMerchantScope, listPage } from '../../operations/list.ts';
import { customerPayment, type customerPaymentListInput } from './schemas.ts';

const nothing = v.object({});

const select = sql.fragment`
  SELECT p.id, p.merchant_id, p.invoice_id, i.number AS invoice_number, json_build_object('id', c.id, 'name', c.name) AS end_customer,
    p.kind, p.method, p.paid_on, p.processor_reference AS reference, json_build_object('amount', p.amount, 'currency', i.currency) AS amount,
    json_build_object('amount', p.tip, 'currency', i.currency) AS tip,
    json_build_object('amount', CASE p.status WHEN 'succeeded' THEN p.amount - coalesce(r.kept, 0) ELSE 0 END,
      'currency', i.currency) AS refundable,
    p.status, p.processor, p.failure, p.transaction_id, coalesce(r.refunds, '[]') AS refunds, p.version, p.created_at, p.updated_at
  FROM customer_payments p
  JOIN customer_invoices i ON i.id = p.invoice_id
  JOIN end_customers c ON c.id = i.end_customer_id
  LEFT JOIN LATERAL (
    SELECT sum(f.amount) FILTER (WHERE f.status <> 'failed') AS kept,
      json_agg(json_build_object('id', f.id, 'payment_id', f.payment_id, 'amount', json_build_object('amount', f.amount, 'currency', i.currency),
        'reason', f.reason, 'paid_on', f.paid_on, 'reference', f.processor_reference, 'status', f.status, 'failure', f.failure, 'transaction_id', f.transaction_id,
        'created_at', rfc3339(f.created_at)) ORDER BY f.id) AS refunds
    FROM customer_refunds f WHERE f.payment_id = p.id) r ON true`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`p.merchant_id`);

export function pageOfPayments(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof customerPaymentListInput>,
) {
  return listPage(
    tx,
    {
      name: 'customer_payments',
      row: customerPayment,
      select,
      id: sql.fragment`p.id`,
      sorts: { created_at: 'id', paid_on: { column: sql.fragment`p.paid_on`, type: 'date' } },
      defaultSort: '-created_at',
      where: [
        visible(scope),
        equals(sql.fragment`p.merchant_id`, input.merchant_id),
        equals(sql.fragment`p.invoice_id`, input.invoice_id),
        equals(sql.fragment`p.status`, input.status),
        equals(sql.fragment`p.kind`, input.kind),
        equals(sql.fragment`p.method`, input.method),
      ],
    },
    input,
  );
}

export function selectPayment(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(customerPayment)`${select} WHERE ${allOf([sql.fragment`p.id = ${id}`, visible(scope)])}`);
}

type NewPayment = {
  id: string;
  merchantId: string;
  invoiceId: string;
  kind: string;
  method: string;
  amount: number;
  tip: number;
  processor: string | null;
  cardToken: string | null;
  paidOn: string | null;
  reference: string | null;
};

export async function insertPayment(tx: CommonQueryMethods, payment: NewPayment): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO customer_payments (id, merchant_id, invoice_id, kind, method, amount, tip, processor, card_token, paid_on,
      processor_reference)
    VALUES (${payment.id}, ${payment.merchantId}, ${payment.invoiceId}, ${payment.kind}, ${payment.method}, ${payment.amount},
      ${payment.tip}, ${payment.processor}, ${payment.cardToken}, ${payment.paidOn}::date, ${payment.reference})`);
}

export async function markPayment(
  tx: CommonQueryMethods,
  id: string,
  outcome: { transactionId?: string | undefined; reference?: string | undefined; failure?: string | undefined },
): Promise<void> {
  const status = outcome.transactionId ? 'succeeded' : 'failed';
  await tx.query(sql.type(nothing)`
    UPDATE customer_payments
    SET status = ${status}, transaction_id = ${outcome.transactionId ?? null},
      processor_reference = coalesce(${outcome.reference ?? null}, processor_reference), failure = ${outcome.failure ?? null}, card_token = NULL
    WHERE id = ${id}`);
}

const ageOf = (created: ReturnType<typeof sql.fragment>) =>
  sql.fragment`floor(extract(epoch FROM now() - ${created}) / 60)::integer AS age_minutes`;

const intentRow = v.object({
  status: v.string(),
  amount: v.number(),
  currency: v.string(),
  card_token: v.nullable(v.string()),
  age_minutes: v.number(),
});

/** What the processor has to be asked for a payment. */
export function selectIntent(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(intentRow)`
    SELECT p.status, p.amount, i.currency, p.card_token, ${ageOf(sql.fragment`p.created_at`)}
    FROM customer_payments p JOIN customer_invoices i ON i.id = p.invoice_id
    WHERE ${allOf([sql.fragment`p.id = ${id}`, visible(scope)])}`);
}

const refundRow = v.object({
  id: v.string(),
  payment_id: v.string(),
  status: v.string(),
  amount: v.number(),
  currency: v.string(),
  reason: v.string(),
  method: v.string(),
  kind: v.string(),
  paid_on: v.string(),
  /** The processor's name for the payment. */
  reference: v.nullable(v.string()),
  /** What of the payment is not a tip and was not given back yet. */
  rest: v.number(),
  age_minutes: v.number(),
});
export type RefundRow = v.InferOutput<typeof refundRow>;

export function selectRefund(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(refundRow)`
    SELECT f.id, f.payment_id, f.status, f.amount, i.currency, ${ageOf(sql.fragment`f.created_at`)}, f.reason, p.method, p.kind, f.paid_on,
      p.processor_reference AS reference,
      p.amount - p.tip - coalesce((SELECT sum(e.amount - e.tip) FROM customer_refunds e
        WHERE e.payment_id = p.id AND e.status = 'succeeded'), 0)::bigint AS rest
    FROM customer_refunds f
    JOIN customer_payments p ON p.id = f.payment_id
    JOIN customer_invoices i ON i.id = p.invoice_id
    WHERE ${allOf([sql.fragment`f.id = ${id}`, visible(scope)])}`);
}

export async function insertRefund(
  tx: CommonQueryMethods,
  refund: {
    id: string;
    merchantId: string;
    paymentId: string;
    amount: number;
    reason: string;
    paidOn: string | null;
    reference: string | null;
  },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO customer_refunds (id, merchant_id, payment_id, amount, reason, paid_on, processor_reference)
    VALUES (${refund.id}, ${refund.merchantId}, ${refund.paymentId}, ${refund.amount}, ${refund.reason},
      ${refund.paidOn}::date, ${refund.reference})`);
}

export async function markRefund(
  tx: CommonQueryMethods,
  id: string,
  outcome:
    | { transactionId: string; tip: number; tax: number; isRelease: boolean; reference: string | null }
    | { failure: string },
): Promise<void> {
  if ('failure' in outcome) {
    await tx.query(
      sql.type(nothing)`UPDATE customer_refunds SET status = 'failed', failure = ${outcome.failure} WHERE id = ${id}`,
    );
    return;
  }
  await tx.query(sql.type(nothing)`
    UPDATE customer_refunds
    SET status = 'succeeded', transaction_id = ${outcome.transactionId}, tip = ${outcome.tip}, tax = ${outcome.tax},
      is_release = ${outcome.isRelease}, processor_reference = coalesce(${outcome.reference}, processor_reference)
    WHERE id = ${id}`);
}

const takingsRow = v.object({
  /** What the invoice has kept or was settled by, tips and released deposits aside. */
  takings: v.number(),
  tax: v.number(),
  refunded: v.number(),
  tax_refunded: v.number(),
});

/** What an invoice was settled by, and how much of it was given back since. */
export function selectTakings(tx: CommonQueryMethods, invoiceId: string) {
  return tx.one(sql.type(takingsRow)`
    SELECT s.paid - s.released AS takings, CASE i.status WHEN 'forfeited' THEN 0 ELSE i.tax END AS tax,
      s.refunded - s.released AS refunded, s.tax_refunded
    FROM customer_invoices i JOIN customer_invoice_sums s ON s.invoice_id = i.id WHERE i.id = ${invoiceId}`);
}
