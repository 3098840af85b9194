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

type Money = { amount: number; currency: string };
type Invoice = { id: string; status: string } & Record<
  'total' | 'tax' | 'outstanding' | 'held' | 'paid' | 'refunded' | 'tips',
  Money
>;
type Payment = { id: string; status: string; refundable: Money; transaction_id: string; refunds: { id: string }[] };

const money = (amount: number) => ({ amount, currency: 'USD' });
const CARD = { method: 'card', card_token: 'tok_secret_card' };

async function ask<T>(path: string, body?: object): Promise<T> {
  const answer = body ? await tenant.owner.post(path, body) : await tenant.owner.get(path);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as unknown as T;
}

const invoiceFor = (amount: number) =>
  ask<Invoice>('/api/customer-invoices', {
    merchant_id: merchant,
    end_customer_id: customer,
    lines: [{ description: 'Cut', unit_price: money(amount) }],
  });
const invoice = (id: string) => ask<Invoice>(`/api/customer-invoices/${id}`);
const take = (invoice_id: string, kind: string, more: object = {}) =>
  ask<Payment>('/api/customer-payments', { invoice_id, kind, method: 'cash', ...more });
const process = (payment: string) => ask<Payment>(`/api/customer-payments/${payment}/process`, {});
const refund = (payment: string, amount?: number) =>
  ask<Payment>(`/api/customer-payments/${payment}/refund`, {
    reason: 'Late',
    ...(amount ? { amount: money(amount) } : {}),
  });

async function moved(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await merchantLedger(tenant, merchant);
  await work();
  const after = await merchantLedger(tenant, merchant);
  const differences = Object.keys(after).map((name) => [name, after[name]! - (before[name] ?? 0)] as const);
  return Object.fromEntries(differences.filter(([, amount]) => amount !== 0));
}

async function visit(starts: number): Promise<{ appointment: string; sale: Invoice }> {
  const { id } = await ask<{ id: string }>('/api/appointments', {
    merchant_id: merchant,
    end_customer_id: customer,
    provider_id: provider,
    service_ids: [service],
    starts_at: new Date(starts).toISOString(),
    ignores_hours: true,
  });
  return {
    appointment: id,
    sale: await ask<Invoice>('/api/customer-invoices', { merchant_id: merchant, appointment_id: id }),
  };
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
  await tenant.owner.patch(`/api/merchants/${merchant}/settings`, { values: { tax_rate_basis_points: 825 } });
});
afterAll(() => site?.stop());

describe('a deposit that was given back before the invoice was settled', () => {
  test('is asked for again, and makes neither the tax nor the state of later refunds wrong', async () => {
    const { id } = await invoiceFor(10_000);
    const deposit = await take(id, 'deposit', { amount: money(3_000) });
    expect(await moved(() => refund(deposit.id, 1_000))).toEqual({ cash: -1_000, customer_deposits: -1_000 });
    expect(await invoice(id)).toMatchObject({ held: money(2_000), outstanding: money(8_825) });
    const balance = await take(id, 'balance', { tip: money(500) });
    const tip = await take(id, 'tip', { amount: money(300) });
    expect(await moved(() => refund(tip.id))).toEqual({ cash: -300, tips_payable: -300 });
    expect(await moved(() => refund(balance.id))).toEqual({
      cash: -9_325,
      refunds: -8_152,
      tax_payable: -673,
      tips_payable: -500,
    });
    expect((await invoice(id)).status).toBe('paid');
    expect(await moved(() => refund(deposit.id))).toEqual({ cash: -2_000, refunds: -1_848, tax_payable: -152 });
    expect((await invoice(id)).status).toBe('refunded');
  });

  test('cannot be while a card is asked for the balance: the invoice would read as paid without it', async () => {
    const { id } = await invoiceFor(10_000);
    const deposit = await take(id, 'deposit', { amount: money(3_000) });
    const balance = await take(id, 'balance', CARD);
    const path = `/api/customer-payments/${deposit.id}/refund`;
    expectProblem(await tenant.owner.post(path, { reason: 'x' }), 409, 'conflict');
    await process(balance.id);
    expect(await invoice(id)).toMatchObject({ status: 'paid', paid: money(10_825) });
  });
});

test('a transaction that an invoice counts on is not reversed behind its back', async () => {
  const { id } = await invoiceFor(10_000);
  const { transaction_id } = await take(id, 'full_pay');
  const before = await tenant.contents();
  const refused = await tenant.owner.post(`/api/transactions/${transaction_id}/reverse`, { reason: 'Mistake' });
  expectProblem(refused, 409, 'conflict');
  expect(await tenant.contents()).toEqual(before);
});

test('an amount beyond what the ledger takes is refused, not broken', async () => {
  const { id } = await invoiceFor(10_000);
  const full = { invoice_id: id, kind: 'full_pay', method: 'cash', tip: money(9_999_999_999_999) };
  expectProblem(await tenant.owner.post('/api/customer-payments', full), 422, 'amount_out_of_range');
});

test('what a card is called to its processor stands in no trail', async () => {
  const { id } = await invoiceFor(10_000);
  await take(id, 'full_pay', CARD);
  const [found] = await tenant.rows(
    `SELECT (SELECT count(*) FROM audit_events e WHERE e::text LIKE '%tok_secret_card%')::integer AS events,
       (SELECT count(*) FROM jobs j WHERE j::text LIKE '%tok_secret_card%')::integer AS jobs`,
  );
  expect(found).toEqual({ events: 0, jobs: 0 });
});

describe('of a visit that did not happen', () => {
  const DAY = 86_400_000;

  test('a deposit is kept when it was cancelled late, not when it was cancelled in time', async () => {
    for (const [starts, status] of [
      [Date.now() + 10 * DAY, 409],
      [Date.now() + 2 * 3_600_000, 200],
    ] as const) {
      const { appointment, sale } = await visit(starts);
      await take(sale.id, 'deposit', { amount: money(1_500) });
      await ask(`/api/appointments/${appointment}/cancel`, {});
      const kept = await tenant.owner.post(`/api/customer-invoices/${sale.id}/forfeit`, { reason: 'Late' });
      expect(kept.status).toBe(status);
    }
  });

  test('the fee is asked for only beyond what was paid already; a deposit given back after all reads as refunded', async () => {
    const prepaid = await visit(Date.UTC(2024, 0, 1));
    await take(prepaid.sale.id, 'full_pay');
    await ask(`/api/appointments/${prepaid.appointment}/no-show`, {});
    const fee = { merchant_id: merchant, appointment_id: prepaid.appointment };
    expectProblem(await tenant.owner.post('/api/customer-invoices', fee), 409, 'conflict');

    const { appointment, sale } = await visit(Date.UTC(2024, 0, 2));
    const deposit = await take(sale.id, 'deposit', { amount: money(1_500) });
    await ask(`/api/appointments/${appointment}/no-show`, {});
    await ask(`/api/customer-invoices/${sale.id}/forfeit`, { reason: 'Nobody came' });
    expect(await moved(() => refund(deposit.id))).toEqual({ cash: -1_500, refunds: -1_500 });
    expect((await invoice(sale.id)).status).toBe('refunded');
    const after = await ask<Invoice>('/api/customer-invoices', { merchant_id: merchant, appointment_id: appointment });
    expect(after.total).toEqual(money(4_000));
  });
});

/** The same numbers for the same seed, so that a failure can be seen again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One step that an invoice allows, chosen by chance. */
async function step(random: (below: number) => number, id: string): Promise<void> {
  const now = await invoice(id);
  const { data } = await ask<{ data: Payment[] }>(`/api/customer-payments?invoice_id=${id}`);
  const refundable = data.filter((payment) => payment.refundable.amount > 0);
  const method = random(3) === 0 ? CARD : { method: random(2) === 0 ? 'cash' : 'bank_transfer' };
  if (refundable.length > 0 && random(2) === 0) {
    const payment = refundable[random(refundable.length)]!;
    const amount = random(3) === 0 ? undefined : 1 + random(payment.refundable.amount);
    const { refunds } = await refund(payment.id, amount);
    await ask(`/api/customer-refunds/${refunds.at(-1)!.id}/process`, {});
    return;
  }
  const tip = random(2) === 0 ? { tip: money(1 + random(900)) } : {};
  const taken =
    now.status === 'paid'
      ? await take(id, 'tip', { ...method, amount: money(1 + random(900)) })
      : now.status !== 'open'
        ? null
        : now.outstanding.amount > 1 && random(2) === 0
          ? await take(id, 'deposit', { ...method, amount: money(1 + random(now.outstanding.amount - 1)) })
          : await take(id, now.held.amount > 0 ? 'balance' : 'full_pay', { ...method, ...tip });
  if (taken) await process(taken.id);
}

async function giveAllBack(invoices: string[]): Promise<void> {
  for (const id of invoices) {
    const { data } = await ask<{ data: Payment[] }>(`/api/customer-payments?invoice_id=${id}`);
    for (const payment of data.filter(({ refundable }) => refundable.amount > 0)) {
      const { refunds } = await refund(payment.id);
      await ask(`/api/customer-refunds/${refunds.at(-1)!.id}/process`, {});
    }
  }
}

test('whatever is paid and given back by chance, the books balance and say what the invoices say', async () => {
  const random = randomOf(20_261);
  const before = await merchantLedger(tenant, merchant);
  const ids: string[] = [];
  for (let each = 0; each < 8; each += 1) {
    const { id } = await invoiceFor(1 + random(30_000));
    ids.push(id);
    for (let move = 0; move < 9; move += 1) await step(random, id);
  }
  const { balanced } = await ask<{ balanced: boolean }>('/api/ledger/integrity');
  expect(balanced).toBe(true);
  const after = await merchantLedger(tenant, merchant);
  const grown = (purpose: string) => (after[purpose] ?? 0) - (before[purpose] ?? 0);
  const invoices = await Promise.all(ids.map(invoice));
  const sum = (amount: (each: Invoice) => number) => invoices.reduce((total, each) => total + amount(each), 0);
  const settled = ({ status }: Invoice) => status === 'paid' || status === 'refunded';
  expect({
    money: grown('cash') + grown('processor_clearing'),
    deposits: grown('customer_deposits'),
    tips: grown('tips_payable'),
    revenue: grown('revenue'),
    takings: grown('revenue') + grown('refunds') + grown('tax_payable') + grown('customer_deposits'),
  }).toEqual({
    money: sum(({ paid, tips, refunded }) => paid.amount + tips.amount - refunded.amount),
    deposits: sum(({ held }) => held.amount),
    tips: sum(({ tips }) => tips.amount),
    revenue: sum((each) => (settled(each) ? each.total.amount - each.tax.amount : 0)),
    takings: sum(({ paid, refunded }) => paid.amount - refunded.amount),
  });
  await giveAllBack(ids);
  const last = await merchantLedger(tenant, merchant);
  const left = (...purposes: string[]) =>
    purposes.reduce((total, purpose) => total + (last[purpose] ?? 0) - (before[purpose] ?? 0), 0);
  expect({
    money: left('cash', 'processor_clearing'),
    revenue: left('revenue', 'refunds'),
    others: ['tax_payable', 'tips_payable', 'customer_deposits'].map((purpose) => left(purpose)),
  }).toEqual({ money: 0, revenue: 0, others: [0, 0, 0] });
  expect((await Promise.all(ids.map(invoice))).filter(({ status }) => status === 'paid')).toEqual([]);
});
