import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let merchant: string;
let customer: string;
let provider: string;
let service: string;

type Dated = { id: string; paid_on: string; issued_on: string; number: string; transaction_id: string };
type Payment = Dated & { method: string; reference: string | null; refunds: (Dated & { reference: string | null })[] };

const money = (amount: number) => ({ amount, currency: 'USD' });
/** Far ahead of the tenant's own zone (UTC), so that the two days differ for most of the day. */
const ZONE = 'Pacific/Kiritimati';
const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(new Date());
const daysFromToday = (days: number) =>
  new Date(Date.parse(`${today()}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

async function ask<T>(path: string, body?: object): Promise<T> {
  const answer = body ? await tenant.owner.post(path, body) : await tenant.owner.get(path);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as unknown as T;
}

const bill = (more: object = {}): Promise<Answer> =>
  tenant.owner.post('/api/customer-invoices', {
    merchant_id: merchant,
    end_customer_id: customer,
    lines: [{ description: 'Cut', unit_price: money(10_000) }],
    ...more,
  });
const pay = async (more: object = {}): Promise<Answer> =>
  tenant.owner.post('/api/customer-payments', {
    invoice_id: (await bill()).body.id,
    kind: 'full_pay',
    method: 'cash',
    ...more,
  });
const bookedOn = async ({ transaction_id }: Dated) =>
  (await ask<{ effective_date: string }>(`/api/transactions/${transaction_id}`)).effective_date;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  const made = async (path: string, body: object) => (await ask<{ id: string }>(path, body)).id;
  const merchant_org_id = await made('/api/merchant-orgs', { name: 'Harbor' });
  merchant = await made('/api/merchants', { merchant_org_id, name: 'Pine Hair', time_zone: ZONE });
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

test('money that came earlier is booked on the day on which it came, a refund on the day on which it went', async () => {
  const paid = await pay({ paid_on: '2025-03-04', method: 'bank_transfer', reference: 'Statement 12' });
  expect(paid.body).toMatchObject({ paid_on: '2025-03-04', reference: 'Statement 12', status: 'succeeded' });
  const payment = paid.body as unknown as Payment;
  expect(await bookedOn(payment)).toBe('2025-03-04');
  const back = { amount: money(500), reason: 'Late', paid_on: '2025-03-06', reference: 'Out 3' };
  const { refunds } = await ask<Payment>(`/api/customer-payments/${payment.id}/refund`, back);
  expect(refunds).toMatchObject([{ paid_on: '2025-03-06', reference: 'Out 3' }]);
  expect(await bookedOn(refunds[0]!)).toBe('2025-03-06');
});

test('a day that nobody names is today where the merchant is, also for a card', async () => {
  const cash = (await pay()).body as unknown as Payment;
  expect([cash.paid_on, await bookedOn(cash)]).toEqual([today(), today()]);
  const card = (await pay({ method: 'card', card_token: 'tok_visa' })).body;
  const charged = await ask<Payment>(`/api/customer-payments/${card.id}/process`, {});
  expect([charged.paid_on, await bookedOn(charged)]).toEqual([today(), today()]);
  expect(charged.reference).toMatch(/^sandbox_/);
  const { refunds } = await ask<Payment>(`/api/customer-payments/${cash.id}/refund`, { reason: 'Late' });
  expect([refunds[0]!.paid_on, await bookedOn(refunds[0]!)]).toEqual([today(), today()]);
});

test('no day is in the future, none of a refund before its payment, and a card has no day but today', async () => {
  const paid = (await pay({ paid_on: '2025-03-04' })).body.id;
  const card = (await pay({ method: 'card', card_token: 'tok_visa' })).body.id;
  await ask(`/api/customer-payments/${card}/process`, {});
  const refund = (id: string, more: object) =>
    tenant.owner.post(`/api/customer-payments/${id}/refund`, { reason: 'x', ...more });
  const cases: [string, () => Promise<Answer>][] = [
    ['paid_on', () => pay({ paid_on: daysFromToday(1) })],
    ['paid_on', () => pay({ paid_on: '2025-02-30' })],
    ['paid_on', () => pay({ paid_on: '2025-03-04', method: 'card', card_token: 'tok_visa' })],
    ['reference', () => pay({ reference: 'mine', method: 'card', card_token: 'tok_visa' })],
    ['paid_on', () => refund(paid, { paid_on: daysFromToday(1) })],
    ['paid_on', () => refund(paid, { paid_on: '2025-03-03' })],
    ['paid_on', () => refund(card, { paid_on: daysFromToday(0) })],
    ['reference', () => refund(card, { reference: 'mine' })],
    ['issued_on', () => bill({ issued_on: daysFromToday(1) })],
  ];
  for (const [field, attempt] of cases) {
    const refused = await attempt();
    expect([field, refused.status, Object.keys(refused.body.errors ?? {})]).toEqual([field, 422, [field]]);
  }
});

test('the balance has no day before the deposits that it uses up', async () => {
  const invoice_id = (await bill()).body.id;
  const cash = { invoice_id, method: 'cash' };
  await ask('/api/customer-payments', { ...cash, kind: 'deposit', amount: money(500), paid_on: '2025-03-04' });
  const early = await tenant.owner.post('/api/customer-payments', { ...cash, kind: 'balance', paid_on: '2025-03-03' });
  expect([early.status, early.body.errors]).toEqual([422, { paid_on: ['must not be before 2025-03-04'] }]);
  await ask('/api/customer-payments', { ...cash, kind: 'balance', paid_on: '2025-03-04' });
});

test('a card that a terminal took is only written down, and lies with its processor', async () => {
  const taken = (await pay({ method: 'card_terminal', reference: 'Slip 8812', paid_on: '2025-03-04' })).body;
  expect(taken).toMatchObject({ status: 'succeeded', processor: null, reference: 'Slip 8812' });
  const { journals } = await ask<{ journals: { lines: { account_id: string; side: string }[] }[] }>(
    `/api/transactions/${taken.transaction_id}`,
  );
  const debited = journals[0]!.lines.find(({ side }) => side === 'debit')!.account_id;
  expect(await ask(`/api/accounts/${debited}`)).toMatchObject({ purpose: 'processor_clearing' });
});

test('an invoice takes the number of the year in which it is dated', async () => {
  const first = (await bill({ issued_on: '2024-12-31' })).body;
  expect(first).toMatchObject({ issued_on: '2024-12-31', number: '2024-00001' });
  expect((await bill({ issued_on: '2024-05-01' })).body.number).toBe('2024-00002');
  const now = (await bill()).body;
  expect(now).toMatchObject({ issued_on: today() });
  expect(String(now.number).slice(0, 4)).toBe(today().slice(0, 4));
});

test('a visit of long ago was cancelled in time or late by when the customer said so', async () => {
  const cancel = async (starts_at: string, cancelled_at?: string) => {
    const visit = { merchant_id: merchant, end_customer_id: customer, provider_id: provider, service_ids: [service] };
    const { id } = await ask<Dated>('/api/appointments', { ...visit, starts_at, ignores_hours: true });
    return tenant.owner.post(`/api/appointments/${id}/cancel`, cancelled_at ? { cancelled_at } : {});
  };
  const late = async (...dates: [string, string?]) => (await cancel(...dates)).body.is_late_cancellation;
  expect(await late('2025-05-05T10:00:00Z')).toBe(true);
  expect(await late('2025-05-06T10:00:00Z', '2025-05-06T01:00:00Z')).toBe(true);
  expect(await late('2025-05-07T10:00:00Z', '2025-05-03T10:00:00Z')).toBe(false);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  expectProblem(await cancel('2025-05-08T10:00:00Z', tomorrow), 422, 'invalid');
});

test('a deposit is kept on the day on which somebody decides so, never later than today', async () => {
  const visit = { merchant_id: merchant, end_customer_id: customer, provider_id: provider, service_ids: [service] };
  const starts_at = '2025-05-09T10:00:00Z';
  const { id } = await ask<Dated>('/api/appointments', { ...visit, starts_at, ignores_hours: true });
  const sale = await ask<Dated>('/api/customer-invoices', { merchant_id: merchant, appointment_id: id });
  const deposit = { invoice_id: sale.id, kind: 'deposit', method: 'cash', amount: money(500), paid_on: '2025-05-01' };
  await ask('/api/customer-payments', deposit);
  await ask(`/api/appointments/${id}/no-show`, {});
  const path = `/api/customer-invoices/${sale.id}/forfeit`;
  expectProblem(await tenant.owner.post(path, { reason: 'x', forfeited_on: daysFromToday(1) }), 422, 'invalid');
  const early = await tenant.owner.post(path, { reason: 'x', forfeited_on: '2025-04-30' });
  expect([early.status, early.body.errors]).toEqual([422, { forfeited_on: ['must not be before 2025-05-01'] }]);
  await ask(path, { reason: 'Nobody came', forfeited_on: '2025-05-10' });
  const [kept] = (await ask<{ data: object[] }>('/api/transactions?type=forfeiture')).data;
  expect(kept).toMatchObject({ effective_date: '2025-05-10', posted_amount: 500 });
});

test('a payout that left earlier is dated then, never later than today', async () => {
  await pay({ method: 'card_terminal', paid_on: '2025-03-04' });
  const send = (more: object) =>
    tenant.owner.post('/api/payouts', { merchant_id: merchant, amount: money(4_000), ...more });
  expect((await send({ effective_date: '2025-03-10' })).body).toMatchObject({
    state: 'in_transit',
    effective_date: '2025-03-10',
  });
  for (const more of [
    { effective_date: '2099-01-01' },
    { effective_date: '2025-03-10', scheduled_for: '2099-01-01' },
  ]) {
    const refused = await send(more);
    expect([refused.status, Object.keys(refused.body.errors ?? {})]).toEqual([422, ['effective_date']]);
  }
});

test('a month that is closed takes no payment by name, and what happens today finds an open day', async () => {
  const [book] = (await ask<{ data: { id: string }[] }>(`/api/books?party_id=${merchant}`)).data;
  await ask(`/api/books/${book!.id}/close-period`, { through: '2025-03-31' });
  const before = await tenant.contents();
  expectProblem(await pay({ paid_on: '2025-03-31' }), 422, 'period_closed');
  expect((await tenant.contents()).customer_payments).toEqual(before.customer_payments);
  expect((await pay({ paid_on: '2025-04-01' })).status).toBe(201);
  // As it is for a merchant whose clock is behind that of the books.
  await tenant.rows('SET session_replication_role = replica');
  await tenant.rows(
    `UPDATE books SET closed_through = (date_trunc('month', $1::date) + interval '1 month - 1 day')::date WHERE id = $2`,
    [today(), book!.id],
  );
  await tenant.rows('SET session_replication_role = origin');
  expect((await pay()).status).toBe(201);
});
