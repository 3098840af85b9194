import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { merchantLedger } from '../support/merchant-ledger.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let merchant: string;
let customer: string;
let provider: string;
let service: string;
let visits = 0;

type Money = { amount: number; currency: string };
type Invoice = {
  id: string;
  status: string;
  number: string;
  total: Money;
  tax: Money;
  outstanding: Money;
  held: Money;
  paid: Money;
  refunded: Money;
  tips: Money;
  deposit_due: Money;
};
type Payment = {
  id: string;
  status: string;
  amount: Money;
  refundable: Money;
  failure: string | null;
  transaction_id: string | null;
  refunds: { id: string; status: string }[];
};

const money = (amount: number) => ({ amount, currency: 'USD' });

async function ask<T>(path: string, body?: object): Promise<T> {
  const answer = body ? await tenant.owner.post(path, body) : await tenant.owner.get(path);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as unknown as T;
}

/** An open invoice of $100 and the tax that is set. */
const newInvoice = (amount = 10_000) =>
  ask<Invoice>('/api/customer-invoices', {
    merchant_id: merchant,
    end_customer_id: customer,
    lines: [{ description: 'Cut', unit_price: money(amount) }],
  });
const take = (invoice: string, kind: string, more: object = {}) =>
  ask<Payment>('/api/customer-payments', { invoice_id: invoice, kind, method: 'cash', ...more });
const refund = (payment: string, amount?: number) =>
  ask<Payment>(`/api/customer-payments/${payment}/refund`, {
    reason: 'Late',
    ...(amount ? { amount: money(amount) } : {}),
  });
const invoice = (id: string) => ask<Invoice>(`/api/customer-invoices/${id}`);
const set = (values: object) => tenant.owner.patch(`/api/merchants/${merchant}/settings`, { values });

async function visit(): Promise<string> {
  visits += 1;
  const booked = await ask<{ id: string }>('/api/appointments', {
    merchant_id: merchant,
    end_customer_id: customer,
    provider_id: provider,
    service_ids: [service],
    starts_at: new Date(Date.UTC(2024, 0, 1) + visits * 86_400_000).toISOString(),
    ignores_hours: true,
  });
  return booked.id;
}

const ledger = () => merchantLedger(tenant, merchant);

/** What some work moved in the merchant's books; accounts that did not move are left out. */
async function moved(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await ledger();
  await work();
  const after = await ledger();
  const differences = Object.keys(after).map((name) => [name, after[name]! - (before[name] ?? 0)] as const);
  return Object.fromEntries(differences.filter(([, amount]) => amount !== 0));
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
  await set({ tax_rate_basis_points: 825 });
});
afterAll(() => site?.stop());

describe('an invoice', () => {
  test('adds tax to the prices, or finds it in them, to the minor unit; numbers have no gap', async () => {
    const first = await newInvoice(9_999);
    expect(first).toMatchObject({ tax: money(825), total: money(10_824), status: 'open', outstanding: money(10_824) });
    await set({ tax_is_inclusive: true });
    expect(await newInvoice(10_824)).toMatchObject({ subtotal: money(9_999), tax: money(825), total: money(10_824) });
    await set({ tax_is_inclusive: null });
    expectProblem(
      await tenant.owner.post('/api/customer-invoices', {
        merchant_id: merchant,
        end_customer_id: merchant,
        lines: [{ description: 'x', unit_price: money(1) }],
      }),
      422,
      'invalid',
    );
    const numbers = await Promise.all(Array.from({ length: 10 }, () => newInvoice()));
    const last = Number(first.number.slice(5)) + 1;
    expect(numbers.map(({ number }) => Number(number.slice(5))).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, place) => last + 1 + place),
    );
  });

  test.each([
    [4_000, 50],
    [10_000, 35],
    [20_000, 25],
  ])('of %i asks for a deposit of %i percent of it', async (price, percent) => {
    await set({ deposit_is_required: true, tax_rate_basis_points: 0 });
    expect((await newInvoice(price)).deposit_due).toEqual(money((price * percent) / 100));
    await set({ deposit_is_required: null, tax_rate_basis_points: 825 });
  });

  test('of an appointment is one, and is voided only while it holds nothing', async () => {
    const appointment_id = await visit();
    const body = { merchant_id: merchant, appointment_id };
    const made = await ask<Invoice>('/api/customer-invoices', body);
    expect(made).toMatchObject({ total: money(8_660), lines: [{ description: 'Cut', amount: money(8_000) }] });
    expectProblem(await tenant.owner.post('/api/customer-invoices', body), 409, 'conflict');
    const deposit = await take(made.id, 'deposit', { amount: money(1_000) });
    const path = `/api/customer-invoices/${made.id}/void`;
    expectProblem(await tenant.owner.post(path, { reason: 'Wrong' }), 409, 'conflict');
    await refund(deposit.id);
    expect(await ask<Invoice>(path, { reason: 'Wrong' })).toMatchObject({ status: 'void', outstanding: money(0) });
    expect((await ask<Invoice>('/api/customer-invoices', body)).status).toBe('open');
  });
});

describe('a payment', () => {
  test('in cash is booked at once, into cash; tips and tax are not the merchant’s', async () => {
    const { id } = await newInvoice();
    expect(await moved(() => take(id, 'full_pay', { tip: money(1_500) }))).toEqual({
      cash: 12_325,
      revenue: 10_000,
      tax_payable: 825,
      tips_payable: 1_500,
    });
    expect(await invoice(id)).toMatchObject({
      status: 'paid',
      paid: money(10_825),
      tips: money(1_500),
      outstanding: money(0),
    });
    expect(await moved(() => take(id, 'tip', { amount: money(200) }))).toEqual({ cash: 200, tips_payable: 200 });
  });

  test('of a deposit is held until the balance settles the invoice', async () => {
    const { id } = await newInvoice();
    expect(await moved(() => take(id, 'deposit', { amount: money(3_000), method: 'bank_transfer' }))).toEqual({
      cash: 3_000,
      customer_deposits: 3_000,
    });
    expect(await invoice(id)).toMatchObject({ status: 'open', held: money(3_000), outstanding: money(7_825) });
    expect(await moved(() => take(id, 'balance'))).toEqual({
      cash: 7_825,
      customer_deposits: -3_000,
      revenue: 10_000,
      tax_payable: 825,
    });
    expect(await invoice(id)).toMatchObject({ status: 'paid', held: money(0) });
  });

  test('by card waits for its processor, is asked once whatever happens, and its job would ask too', async () => {
    const { id } = await newInvoice();
    const taken = await take(id, 'full_pay', { method: 'card', card_token: 'tok_silent' });
    expect(taken).toMatchObject({ status: 'pending', transaction_id: null });
    expectProblem(
      await tenant.owner.post('/api/customer-payments', { invoice_id: id, kind: 'full_pay', method: 'cash' }),
      409,
      'conflict',
    );
    const process = () => tenant.owner.post(`/api/customer-payments/${taken.id}/process`, {});
    // The processor takes the money and is not heard; asked again, it tells.
    const errors = console.error;
    console.error = () => {};
    expect((await process()).status).toBe(500);
    console.error = errors;
    expect(await moved(() => Promise.all([process(), process(), process()]))).toEqual({
      processor_clearing: 10_825,
      revenue: 10_000,
      tax_payable: 825,
    });
    expect(
      await tenant.rows(`SELECT count(*)::integer AS count FROM sandbox_charges WHERE idempotency_key = $1`, [
        taken.id,
      ]),
    ).toEqual([{ count: 1 }]);
    const [row] = await tenant.rows('SELECT card_token FROM customer_payments WHERE id = $1', [taken.id]);
    expect(row).toEqual({ card_token: null });
  });

  test('that is declined moves nothing and says why; another one may follow', async () => {
    const { id } = await newInvoice();
    const taken = await take(id, 'full_pay', { method: 'card', card_token: 'tok_insufficient_funds' });
    expect(await moved(() => ask(`/api/customer-payments/${taken.id}/process`, {}))).toEqual({});
    expect(await ask<Payment>(`/api/customer-payments/${taken.id}`)).toMatchObject({
      status: 'failed',
      failure: 'The card has not enough money.',
    });
    await take(id, 'full_pay');
    expect((await invoice(id)).status).toBe('paid');
  });

  test('is done by its job when nobody asks', async () => {
    const { id } = await newInvoice();
    await take(id, 'full_pay', { method: 'card', card_token: 'tok_visa' });
    await tenant.home.runJobs();
    expect((await invoice(id)).status).toBe('paid');
  });

  test('is refused with the field that is wrong, and changes nothing', async () => {
    const { id } = await newInvoice();
    const before = await tenant.contents();
    const cases: [object, string][] = [
      [{ kind: 'balance', method: 'cash' }, 'kind'],
      [{ kind: 'tip', method: 'cash', amount: money(5) }, 'kind'],
      [{ kind: 'deposit', method: 'cash' }, 'amount'],
      [{ kind: 'deposit', method: 'cash', amount: money(10_825) }, 'amount'],
      [{ kind: 'full_pay', method: 'cash', amount: money(1) }, 'amount'],
      [{ kind: 'full_pay', method: 'cash', amount: { amount: 10_825, currency: 'EUR' } }, 'amount.currency'],
      [{ kind: 'full_pay', method: 'card' }, 'card_token'],
      [{ kind: 'full_pay', method: 'cash', card_token: 'tok_visa' }, 'card_token'],
      [{ kind: 'deposit', method: 'cash', amount: money(1), tip: money(1) }, 'tip'],
      [{ invoice_id: merchant, kind: 'full_pay', method: 'cash' }, 'invoice_id'],
    ];
    for (const [body, field] of cases) {
      const refused = await tenant.owner.post('/api/customer-payments', { invoice_id: id, ...body });
      expect([field, refused.status, Object.keys(refused.body.errors ?? {})]).toEqual([field, 422, [field]]);
    }
    expect(await tenant.contents()).toEqual(before);
  });
});

describe('a refund', () => {
  test('in parts gives back exactly what came, tax and tip included, and then reads as refunded', async () => {
    const { id } = await newInvoice(9_999);
    const paid = await take(id, 'full_pay', { tip: money(1_001) });
    const backwards = await moved(async () => {
      for (const amount of [1, 3_333, 5_000, 2_490]) await refund(paid.id, amount);
      expect((await invoice(id)).status).toBe('refunded');
      await refund(paid.id);
    });
    expect(backwards).toEqual({ cash: -11_825, refunds: -9_999, tax_payable: -825, tips_payable: -1_001 });
    expect(await invoice(id)).toMatchObject({ status: 'refunded', refunded: money(10_824), tips: money(0) });
    expectProblem(
      await tenant.owner.post(`/api/customer-payments/${paid.id}/refund`, { reason: 'x' }),
      409,
      'conflict',
    );
  });

  test('of a card goes through its processor, and never beyond what it took', async () => {
    const { id } = await newInvoice();
    const paid = await take(id, 'full_pay', { method: 'card', card_token: 'tok_visa' });
    await ask(`/api/customer-payments/${paid.id}/process`, {});
    const asked = await refund(paid.id, 825);
    expect(asked.refunds).toMatchObject([{ status: 'pending' }]);
    expect(asked.refundable).toEqual(money(10_000));
    const process = () => tenant.owner.post(`/api/customer-refunds/${asked.refunds[0]!.id}/process`, {});
    expect(await moved(() => Promise.all([process(), process()]))).toEqual({
      processor_clearing: -825,
      refunds: -762,
      tax_payable: -63,
    });
    expectProblem(
      await tenant.owner.post(`/api/customer-payments/${paid.id}/refund`, { reason: 'x', amount: money(10_001) }),
      422,
      'invalid',
    );
  });

  test('fifty at once never give back more than there is, nor do fifty payments take more than is asked for', async () => {
    const { id } = await newInvoice();
    const pay = () => tenant.owner.post('/api/customer-payments', { invoice_id: id, kind: 'full_pay', method: 'cash' });
    const payments = await Promise.all(Array.from({ length: 50 }, pay));
    expect(payments.filter(({ status }) => status === 201)).toHaveLength(1);
    const paid = payments.find(({ status }) => status === 201)!.body.id;
    const give = () =>
      tenant.owner.post(`/api/customer-payments/${paid}/refund`, { reason: 'x', amount: money(1_000) });
    const refunds = await Promise.all(Array.from({ length: 50 }, give));
    expect(refunds.filter(({ status }) => status === 200)).toHaveLength(10);
    expect((await invoice(id)).refunded).toEqual(money(10_000));
  }, 60_000);

  test('the database itself refuses to pay or give back more than there is', async () => {
    const { id } = await newInvoice();
    const paid = await take(id, 'full_pay');
    const twice = tenant.arrange(
      `INSERT INTO customer_payments (merchant_id, invoice_id, kind, method, amount) VALUES ($1, $2, 'full_pay', 'cash', 1)`,
      [merchant, id],
    );
    await expect(twice).rejects.toMatchObject({ code: 'SCP01' });
    const beyond = tenant.arrange(
      `INSERT INTO customer_refunds (merchant_id, payment_id, amount, reason) VALUES ($1, $2, 10826, 'x')`,
      [merchant, paid.id],
    );
    await expect(beyond).rejects.toMatchObject({ code: 'SCP01' });
  });
});

test('what is paid in all may be more than one amount can be, and is read all the same', async () => {
  const { id } = await newInvoice();
  await take(id, 'full_pay');
  const most = { amount: money(9_999_999_999_999) };
  const tips = [await take(id, 'tip', most), await take(id, 'tip', most)];
  expect((await invoice(id)).tips).toEqual(money(19_999_999_999_998));
  for (const tip of tips) await refund(tip.id);
  expect((await invoice(id)).tips).toEqual(money(0));
});

test('nobody else names a transaction as payments and invoices name theirs', async () => {
  const waiting = await take((await newInvoice()).id, 'full_pay', { method: 'card', card_token: 'tok_visa' });
  const typed = {
    ...{ type: 'payment', category: 'full', to: { type: 'merchant', id: merchant }, amount: money(1) },
    external_id: waiting.id,
  };
  for (const source of ['customer_payment', 'customer_invoice', 'payout', 'reconciliation']) {
    const refused = await tenant.owner.post('/api/transactions', { ...typed, source });
    expect([refused.status, Object.keys(refused.body.errors ?? {})]).toEqual([422, ['source']]);
  }
  expect((await ask<Payment>(`/api/customer-payments/${waiting.id}/process`, {})).status).toBe('succeeded');
});

test('a visit that did not happen keeps its deposit, and asks for the rest of the fee', async () => {
  const appointment_id = await visit();
  const body = { merchant_id: merchant, appointment_id };
  const sale = await ask<Invoice>('/api/customer-invoices', body);
  await take(sale.id, 'deposit', { amount: money(1_500) });
  const forfeit = `/api/customer-invoices/${sale.id}/forfeit`;
  expectProblem(await tenant.owner.post(forfeit, { reason: 'x' }), 409, 'conflict');
  await ask(`/api/appointments/${appointment_id}/no-show`, {});
  expectProblem(await tenant.owner.post('/api/customer-invoices', body), 409, 'conflict');
  expect(await moved(() => ask(forfeit, { reason: 'Nobody came' }))).toEqual({
    customer_deposits: -1_500,
    no_show_income: 1_500,
  });
  const fee = await ask<Invoice>('/api/customer-invoices', body);
  expect(fee).toMatchObject({ category: 'no_show', total: money(2_500), tax: money(0) });
  await ask(`/api/customer-invoices/${fee.id}/void`, { reason: 'Mistyped' });
  const again = await ask<Invoice>('/api/customer-invoices', body);
  expect(again.total).toEqual(fee.total);
  expect(await moved(() => take(again.id, 'no_show'))).toEqual({ cash: 2_500, no_show_income: 2_500 });
  expect((await invoice(sale.id)).status).toBe('forfeited');
});

test('after all that every book balances, and what the invoices say is what the ledger holds', async () => {
  const { balanced } = await ask<{ balanced: boolean }>('/api/ledger/integrity');
  expect(balanced).toBe(true);
  const [told] = await tenant.rows(`
    SELECT
      sum(s.deposits - s.released) FILTER (WHERE i.status = 'open')::text AS customer_deposits,
      sum(i.subtotal) FILTER (WHERE i.category = 'sale' AND i.status IN ('paid', 'refunded'))::text AS revenue,
      sum(s.tips - s.tips_refunded)::text AS tips_payable,
      (sum(i.tax) FILTER (WHERE i.status IN ('paid', 'refunded')) - sum(s.tax_refunded))::text AS tax_payable,
      (sum(s.paid + s.tips - s.refunded - s.tips_refunded))::text AS money
    FROM customer_invoices i JOIN customer_invoice_sums s ON s.invoice_id = i.id`);
  const books = await ledger();
  expect({
    customer_deposits: Number(told?.customer_deposits),
    revenue: Number(told?.revenue),
    tips_payable: Number(told?.tips_payable),
    tax_payable: Number(told?.tax_payable),
    money: Number(told?.money),
  }).toEqual({
    customer_deposits: books.customer_deposits,
    revenue: books.revenue,
    tips_payable: books.tips_payable,
    tax_payable: books.tax_payable,
    money: books.cash! + books.processor_clearing!,
  });
});
