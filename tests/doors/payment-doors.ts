import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';
import { booking } from './workspace-doors.ts';
import type { World } from './world.ts';

const THINGS = ['customer_invoice', 'customer_payment', 'customer_refund'] as const;
type Thing = (typeof THINGS)[number];
export type PaymentKind = Thing | `outside_${Thing}`;

type Party = { merchant: string; end_customer: string };

const money = (amount: number) => ({ amount, currency: 'USD' });
const invoiceOf = ({ merchant, end_customer }: Party) => ({
  merchant_id: merchant,
  end_customer_id: end_customer,
  lines: [{ description: 'Cut', quantity: 2, unit_price: money(2_500) }],
});

async function made({ owner }: TestTenant, path: string, body: object): Promise<string> {
  const answer = await owner.post(path, body);
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.text}`);
  return answer.body.id;
}

const newInvoice = (tenant: TestTenant, party: Party) => made(tenant, '/api/customer-invoices', invoiceOf(party));

const payment = (invoice_id: string, more: object = { method: 'cash' }) => ({ invoice_id, kind: 'full_pay', ...more });

async function newPayment(tenant: TestTenant, party: Party, more?: object): Promise<string> {
  return made(tenant, '/api/customer-payments', payment(await newInvoice(tenant, party), more));
}

const CARD = { method: 'card', card_token: 'tok_visa' };

async function newRefund(tenant: TestTenant, party: Party): Promise<string> {
  const id = await newPayment(tenant, party, CARD);
  await made(tenant, `/api/customer-payments/${id}/process`, {});
  const refunded = await tenant.owner.post(`/api/customer-payments/${id}/refund`, { reason: 'Late' });
  return (refunded.body as unknown as { refunds: { id: string }[] }).refunds[0]!.id;
}

/** An open invoice that holds the deposit of a visit that was cancelled. */
async function newForfeit({ tenant, id }: World): Promise<string> {
  const appointment = await made(tenant, '/api/appointments', booking(id));
  const invoice = await made(tenant, '/api/customer-invoices', {
    merchant_id: id.merchant,
    appointment_id: appointment,
  });
  await made(tenant, '/api/customer-payments', {
    invoice_id: invoice,
    kind: 'deposit',
    method: 'cash',
    amount: money(100),
  });
  await made(tenant, `/api/appointments/${appointment}/cancel`, {});
  return invoice;
}

/** An invoice, a payment and a refund of a merchant's customer. */
export async function newPayments(tenant: TestTenant, party: Party): Promise<Record<Thing, string>> {
  return {
    customer_invoice: await newInvoice(tenant, party),
    customer_payment: await newPayment(tenant, party),
    customer_refund: await newRefund(tenant, party),
  };
}

export function paymentsOutside(ids: Record<Thing, string>): Record<`outside_${Thing}`, string> {
  return Object.fromEntries(THINGS.map((thing) => [`outside_${thing}`, ids[thing]])) as Record<
    `outside_${Thing}`,
    string
  >;
}

const list: DoorRow = { valid: ({ id }) => ({ query: { limit: '2', merchant_id: id.merchant } }) };

const about = (kind: Thing, make?: (world: World) => Promise<string>, body?: object): DoorRow => ({
  kind,
  outside: `outside_${kind}`,
  valid: async (world) => ({
    params: { id: make ? await make(world) : world.id[kind] },
    ...(body ? { body: { ...body } } : {}),
  }),
});

/** The doors of what end customers owe and pay. */
export const paymentDoors: Readonly<Record<string, DoorRow>> = {
  'customer_invoice.list': list,
  'customer_invoice.get': about('customer_invoice'),
  'customer_invoice.create': { texts: ['note'], valid: ({ id }) => ({ body: { ...invoiceOf(id), note: 'Thanks' } }) },
  'customer_invoice.void': about('customer_invoice', ({ tenant, id }) => newInvoice(tenant, id), {
    reason: 'Typed wrong',
  }),
  'customer_invoice.forfeit': about('customer_invoice', newForfeit, { reason: 'Late' }),
  'customer_payment.list': list,
  'customer_payment.get': about('customer_payment'),
  'customer_payment.take': { valid: async ({ tenant, id }) => ({ body: payment(await newInvoice(tenant, id)) }) },
  'customer_payment.process': about('customer_payment', ({ tenant, id }) => newPayment(tenant, id, CARD)),
  'customer_payment.refund': about('customer_payment', ({ tenant, id }) => newPayment(tenant, id), { reason: 'Late' }),
  'customer_payment.process_refund': about('customer_refund', ({ tenant, id }) => newRefund(tenant, id)),
};
