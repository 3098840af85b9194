import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customerInvoiceStates } from '../../server/contexts/customer-invoice/schemas.ts';
import { customerPaymentStates, customerRefundStates } from '../../server/contexts/customer-payment/schemas.ts';
import type { Answer } from '../support/door.ts';
import { statesOf, walkInSql } from '../support/states.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let merchant: string;
let customer: string;
let provider: string;
let service: string;
let visits = 0;

type Payment = {
  id: string;
  invoice_id: string;
  status: string;
  transaction_id: string | null;
  refunds: { id: string; status: string; transaction_id: string | null }[];
};
type Try = (id: string) => Promise<Answer>;

const money = (amount: number) => ({ amount, currency: 'USD' });
const card = (card_token: string) => ({ method: 'card', card_token });

async function ask<T>(path: string, body?: object): Promise<T> {
  const answer = body ? await tenant.owner.post(path, body) : await tenant.owner.get(path);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as unknown as T;
}

const post =
  (path: (id: string) => string, body: object = {}): Try =>
  (id) =>
    tenant.owner.post(path(id), body);

/** The invoice of a visit to which nobody came, so that its deposit can be kept. */
async function newInvoice(): Promise<string> {
  visits += 1;
  const visit = await ask<{ id: string }>('/api/appointments', {
    merchant_id: merchant,
    end_customer_id: customer,
    provider_id: provider,
    service_ids: [service],
    starts_at: new Date(Date.UTC(2024, 0, 1) + visits * 86_400_000).toISOString(),
    ignores_hours: true,
  });
  const { id } = await ask<{ id: string }>('/api/customer-invoices', {
    merchant_id: merchant,
    appointment_id: visit.id,
  });
  await ask(`/api/appointments/${visit.id}/no-show`, {});
  return id;
}

const take = (invoice_id: string, kind: string, more: object = { method: 'cash' }) =>
  ask<Payment>('/api/customer-payments', { invoice_id, kind, ...more });
const refund = (payment: string, amount?: number) =>
  ask<Payment>(`/api/customer-payments/${payment}/refund`, {
    reason: 'Late',
    ...(amount ? { amount: money(amount) } : {}),
  });
const process = (payment: string) => ask<Payment>(`/api/customer-payments/${payment}/process`, {});

/** Which of some steps each state takes; every other one is refused and changes nothing. */
async function stepsTaken(
  reached: Record<string, () => Promise<string>>,
  statusOf: (id: string) => Promise<string>,
  tries: Record<string, Try>,
): Promise<Record<string, string[]>> {
  const taken: Record<string, string[]> = {};
  for (const [state, reach] of Object.entries(reached)) {
    taken[state] = [];
    for (const [name, attempt] of Object.entries(tries)) {
      const id = await reach();
      expect(await statusOf(id)).toBe(state);
      const { status } = await attempt(id);
      if (status < 300) taken[state].push(name);
      else expect([state, name, [404, 409, 422].includes(status)]).toEqual([state, name, true]);
      if (status >= 300) expect([state, name, await statusOf(id)]).toEqual([state, name, state]);
    }
  }
  return taken;
}

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  const made = async (path: string, body: object) => (await ask<{ id: string }>(path, body)).id;
  const merchant_org_id = await made('/api/merchant-orgs', { name: 'Harbor' });
  merchant = await made('/api/merchants', { merchant_org_id, name: 'Pine Hair' });
  await tenant.owner.patch(`/api/merchants/${merchant}`, { status: 'active' });
  customer = await made('/api/end-customers', { merchant_id: merchant, name: 'Regular' });
  provider = await made('/api/providers', { merchant_id: merchant, name: 'Alma' });
  service = await made('/api/services', {
    merchant_id: merchant,
    name: 'Cut',
    default_duration_minutes: 30,
    default_price: money(8_000),
  });
});
afterAll(() => site?.stop());

test('every state of an invoice takes its own steps in the API and refuses the others', async () => {
  const deposit = { method: 'cash', amount: money(500) };
  const reached = {
    open: newInvoice,
    paid: async () => (await take(await newInvoice(), 'full_pay')).invoice_id,
    refunded: async () => (await refund((await take(await newInvoice(), 'full_pay')).id)).invoice_id,
    forfeited: async () => {
      const { invoice_id } = await take(await newInvoice(), 'deposit', deposit);
      await ask(`/api/customer-invoices/${invoice_id}/forfeit`, { reason: 'x' });
      return invoice_id;
    },
    void: async () => (await ask<Payment>(`/api/customer-invoices/${await newInvoice()}/void`, { reason: 'x' })).id,
  };
  expect(Object.keys(reached).sort()).toEqual(statesOf(customerInvoiceStates).sort());
  const pay = (kind: string, more: object): Try => {
    return (invoice_id) => tenant.owner.post('/api/customer-payments', { invoice_id, kind, ...more });
  };
  const taken = await stepsTaken(reached, async (id) => (await ask<Payment>(`/api/customer-invoices/${id}`)).status, {
    full_pay: pay('full_pay', { method: 'cash' }),
    balance: pay('balance', { method: 'cash' }),
    no_show: pay('no_show', { method: 'cash' }),
    deposit: pay('deposit', deposit),
    tip: pay('tip', deposit),
    void: post((id) => `/api/customer-invoices/${id}/void`, { reason: 'x' }),
    forfeit: post((id) => `/api/customer-invoices/${id}/forfeit`, { reason: 'x' }),
    refund: async (id) => {
      const { data } = await ask<{ data: Payment[] }>(`/api/customer-payments?invoice_id=${id}`);
      return tenant.owner.post(`/api/customer-payments/${data[0]?.id ?? id}/refund`, { reason: 'x' });
    },
  });
  expect(taken).toEqual({
    open: ['full_pay', 'deposit', 'void'],
    paid: ['tip', 'refund'],
    refunded: [],
    forfeited: ['refund'],
    void: [],
  });
});

test('every state of a payment is asked for and given back in the API only when it can be', async () => {
  const payment = async (more: object) => (await take(await newInvoice(), 'full_pay', more)).id;
  const reached = {
    pending: () => payment(card('tok_visa')),
    succeeded: () => payment({ method: 'cash' }),
    failed: async () => (await process(await payment(card('tok_declined')))).id,
  };
  expect(Object.keys(reached).sort()).toEqual(statesOf(customerPaymentStates).sort());
  const statusOf = async (id: string) => (await ask<Payment>(`/api/customer-payments/${id}`)).status;
  const taken = await stepsTaken(reached, statusOf, {
    refund: post((id) => `/api/customer-payments/${id}/refund`, { reason: 'x' }),
  });
  expect(taken).toEqual({ pending: [], succeeded: ['refund'], failed: [] });
  // Asking again is answered with what is known and moves only what waits.
  const after = async (state: keyof typeof reached) => (await process(await reached[state]())).status;
  expect([await after('pending'), await after('succeeded'), await after('failed')]).toEqual([
    'succeeded',
    'succeeded',
    'failed',
  ]);
});

test('every state of a refund stays what it is when it is asked for again, unless it waits', async () => {
  const ofCard = async () => {
    const { id } = await process((await take(await newInvoice(), 'full_pay', card('tok_visa'))).id);
    return (await refund(id)).refunds[0]!;
  };
  const processRefund = (id: string) => ask<{ id: string; status: string }>(`/api/customer-refunds/${id}/process`, {});
  const reached: Record<string, () => Promise<{ id: string; status: string }>> = {
    pending: ofCard,
    succeeded: async () => processRefund((await ofCard()).id),
    failed: async () => {
      const { id } = await ofCard();
      // The processor knows of nothing that it could give back.
      await tenant.rows(`UPDATE sandbox_charges SET state = 'canceled'`);
      return processRefund(id);
    },
  };
  expect(Object.keys(reached).sort()).toEqual(statesOf(customerRefundStates).sort());
  const walked: string[][] = [];
  for (const [state, reach] of Object.entries(reached)) {
    const { id, status } = await reach();
    walked.push([state, status, (await processRefund(id)).status]);
  }
  expect(walked).toEqual([
    ['pending', 'pending', 'succeeded'],
    ['succeeded', 'succeeded', 'succeeded'],
    ['failed', 'failed', 'failed'],
  ]);
});

describe('a card that nobody asks for any more', () => {
  /** As when the job has given up: hours ago, or only some minutes. */
  async function isForgotten(table: 'customer_payments' | 'customer_refunds', id: string, minutes: number) {
    await tenant.rows(`UPDATE jobs SET state = 'dead' WHERE input ->> 'id' = $1`, [id]);
    await tenant.rows('SET session_replication_role = replica');
    await tenant.rows(`UPDATE ${table} SET created_at = now() - make_interval(mins => $1) WHERE id = $2`, [
      minutes,
      id,
    ]);
    await tenant.rows('SET session_replication_role = origin');
  }
  async function housekeeping() {
    await tenant.rows(`INSERT INTO jobs (operation, run_at) VALUES ('housekeeping.sweep', now())`);
    await tenant.home.runJobs();
  }
  const payment = async (token: string) => (await take(await newInvoice(), 'full_pay', card(token))).id;
  const now = (id: string) => ask<Payment & { failure: string | null }>(`/api/customer-payments/${id}`);
  const charges = (key: string) => tenant.rows('SELECT state FROM sandbox_charges WHERE idempotency_key = $1', [key]);

  test('is asked for again by itself: what was charged is booked once, what was not is never charged later', async () => {
    const charged = await payment('tok_silent');
    const errors = console.error;
    console.error = () => {};
    expect((await tenant.owner.post(`/api/customer-payments/${charged}/process`, {})).status).toBe(500);
    console.error = errors;
    const [never, lately, unclear] = [await payment('tok_visa'), await payment('tok_visa'), await payment('tok_visa')];
    for (const [id, minutes] of [
      [charged, 180],
      [never, 180],
      [lately, 20],
      [unclear, 90],
    ] as const) {
      await isForgotten('customer_payments', id, minutes);
    }
    await housekeeping();
    expect(await Promise.all([charged, never, lately, unclear].map(async (id) => (await now(id)).status))).toEqual([
      'succeeded',
      'failed',
      'succeeded',
      'pending',
    ]);
    expect((await now(never)).failure).toBe('The processor was not reached in time: no money has moved.');
    expect([(await charges(charged)).length, (await charges(never)).length, (await charges(unclear)).length]).toEqual([
      1, 0, 0,
    ]);
    await isForgotten('customer_payments', unclear, 180);
    await housekeeping();
    const { status, invoice_id } = await now(unclear);
    expect(status).toBe('failed');
    expect((await take(invoice_id, 'full_pay')).status).toBe('succeeded');
  });

  test('of a refund too: what was not given back can be given back anew', async () => {
    const { id } = await process(await payment('tok_visa'));
    const { refunds } = await refund(id);
    await isForgotten('customer_refunds', refunds[0]!.id, 180);
    await housekeeping();
    expect((await now(id)).refunds).toMatchObject([{ status: 'failed' }]);
    expect((await refund(id)).refunds).toMatchObject([{ status: 'failed' }, { status: 'pending' }]);
  });
});

test('invoices, payments and refunds move in SQL only as their machines say, from every state to every other', async () => {
  const paid = await take(await newInvoice(), 'deposit', { method: 'cash', amount: money(10) });
  const { refunds, transaction_id } = await refund(paid.id);
  const booked = (transaction: unknown) =>
    `, transaction_id = CASE $1::text WHEN 'succeeded' THEN '${transaction}'::uuid END`;
  await walkInSql(tenant, customerRefundStates, 'customer_refunds', refunds[0]!.id, booked(refunds[0]?.transaction_id));
  await walkInSql(tenant, customerPaymentStates, 'customer_payments', paid.id, booked(transaction_id));
  // Whether the money is so is another rule; it has a test of its own.
  await tenant.rows('ALTER TABLE customer_invoices DISABLE TRIGGER guard_invoice_status');
  await walkInSql(tenant, customerInvoiceStates, 'customer_invoices', paid.invoice_id);
  await tenant.rows('ALTER TABLE customer_invoices ENABLE TRIGGER guard_invoice_status');
});

test('SQL by hand says of money only what payments, the ledger and transfers have made true', async () => {
  const database = await site.database.connectAs(tenant.record);
  await database.query(`SET search_path = ${tenant.record.schema}`);
  const work = { operation: 'test', summary: 'By hand', actor: { type: 'system', id: 'test', name: 'Test' } };
  const byHand = async (statement: string, id: string) => {
    await database.query('BEGIN');
    try {
      await database.query('SELECT work_begin($1)', [
        JSON.stringify({ ...work, request: { id: 'test', door: 'command' } }),
      ]);
      await database.query(statement, [id]);
      return 'done';
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await database.query('ROLLBACK');
    }
  };
  const [unpaid, held, kept] = [await newInvoice(), await newInvoice(), await newInvoice()];
  await take(held, 'deposit', { method: 'cash', amount: money(10) });
  const paid = await take(kept, 'full_pay', { method: 'cash' });
  await refund(paid.id, 900);
  const waiting = await take(unpaid, 'full_pay', card('tok_visa'));
  const denied = '42501';
  const conflict = 'SCP01';
  expect({
    lowerRefund: await byHand('UPDATE customer_refunds SET amount = 1 WHERE payment_id = $1', paid.id),
    lowerTotal: await byHand('UPDATE customer_invoices SET total = 1 WHERE id = $1', kept),
    otherCurrency: await byHand(`UPDATE merchants SET currency = 'EUR' WHERE id = $1`, merchant),
    otherOwner: await byHand('UPDATE merchants SET merchant_org_id = uuidv7() WHERE id = $1', merchant),
    paidByNobody: await byHand(`UPDATE customer_invoices SET status = 'paid' WHERE id = $1`, held),
    voidThough: await byHand(`UPDATE customer_invoices SET status = 'void' WHERE id = $1`, held),
    refundedThough: await byHand(`UPDATE customer_invoices SET status = 'refunded' WHERE id = $1`, kept),
    unbooked: await byHand(
      `UPDATE customer_payments SET status = 'succeeded', transaction_id = uuidv7() WHERE id = $1`,
      waiting.id,
    ),
    bookedTwice: await byHand(
      'UPDATE customer_payments SET transaction_id = NULL, status = $$failed$$ WHERE id = $1',
      paid.id,
    ),
    otherwise: await byHand(`UPDATE customer_payments SET processor_reference = 'x' WHERE id = $1`, paid.id),
  }).toEqual({
    lowerRefund: denied,
    lowerTotal: denied,
    otherCurrency: denied,
    otherOwner: denied,
    paidByNobody: conflict,
    voidThough: conflict,
    refundedThough: conflict,
    unbooked: '23503',
    bookedTwice: conflict,
    otherwise: conflict,
  });
  await database.end();
});
