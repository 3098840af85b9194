import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDueJobs } from '../../server/operations/jobs.ts';
import { type Books, openBooks } from '../ledger/books.ts';
import { type Answer, expectProblem } from '../support/door.ts';

let books: Books;

const usd = (amount: number) => ({ amount, currency: 'USD' });

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.site.stop());

/** A merchant of its own for a test, with takings that wait in clearing. */
async function earner(takings: number): Promise<string> {
  const name = `Earner ${takings}`;
  const { id } = (await books.owner.post('/api/merchants', { merchant_org_id: books.party.org.id, name })).body;
  const payment = { type: 'payment', category: 'full', to: { type: 'merchant', id }, amount: usd(takings) };
  expect((await books.owner.post('/api/transactions', payment)).status).toBe(201);
  return id;
}

const pay = (merchant_id: string, amount: number, more: object = {}): Promise<Answer> =>
  books.owner.post('/api/payouts', { merchant_id, amount: usd(amount), ...more });
const step = (id: string, name: string, body: object = {}, headers: Record<string, string> = {}) =>
  books.owner.post(`/api/payouts/${id}/${name}`, body, headers);
const stateOf = async (id: string) => (await books.owner.get(`/api/payouts/${id}`)).body.state;
const stepsOf = async (id: string) =>
  ((await books.owner.get(`/api/payouts/${id}`)).body.timeline as { step: string }[]).map((each) => each.step);

async function fundsOf(merchantId: string) {
  const { data } = (await books.owner.get(`/api/payout-balances?merchant_id=${merchantId}&currency=USD`)).body;
  const { posted, pending, available, in_transit } = data[0]!;
  return { posted, pending, available, in_transit };
}

describe('a payout', () => {
  test('goes from clearing into transit, and into cash when it arrives', async () => {
    const merchant = await earner(1000);
    const created = await pay(merchant, 600, { destination: 'Bank ••42', external_id: 'po-1' });
    expect([created.status, created.headers.get('location')], created.text).toEqual([
      201,
      `/api/payouts/${created.body.id}`,
    ]);
    expect(created.body).toMatchObject({
      state: 'in_transit',
      party: { type: 'merchant', id: merchant, name: 'Earner 1000' },
      amount: usd(600),
      description: 'Payout to Earner 1000',
      destination: 'Bank ••42',
      external_id: 'po-1',
      ended_at: null,
      reason: null,
    });
    expect(await fundsOf(merchant)).toEqual({ posted: 400, pending: 0, available: 400, in_transit: 600 });
    const settled = await step(created.body.id, 'settle');
    expect([settled.status, settled.body.state]).toEqual([200, 'paid']);
    expect(await fundsOf(merchant)).toEqual({ posted: 400, pending: 0, available: 400, in_transit: 0 });
    const { body } = await books.owner.get(`/api/payouts/${created.body.id}`);
    expect((body.timeline as { step: string }[]).map((each) => each.step)).toEqual(['sent', 'settled']);
    expect((body.transactions as { category: string; caused_by: string }[]).map((each) => each.caused_by)).toEqual([
      null,
      created.body.id,
    ]);
  });

  test('that comes back says why, and its money can be paid out again', async () => {
    const merchant = await earner(500);
    const { id } = (await pay(merchant, 500)).body;
    expectProblem(await pay(merchant, 1), 422, 'insufficient_funds');
    const failed = await step(id, 'fail', { reason: 'The account is closed' });
    expect(failed.body).toMatchObject({ state: 'returned', reason: 'The account is closed' });
    expect(await fundsOf(merchant)).toEqual({ posted: 500, pending: 0, available: 500, in_transit: 0 });
    expect((await pay(merchant, 500)).status).toBe(201);
  });

  test('ends once', async () => {
    const merchant = await earner(500);
    const paid = (await pay(merchant, 10)).body.id;
    await step(paid, 'settle');
    const returned = (await pay(merchant, 10)).body.id;
    await step(returned, 'fail', { reason: 'Refused' });
    for (const [name, body] of [
      ['settle', {}],
      ['fail', { reason: 'Again' }],
    ] as const) {
      expectProblem(await step(paid, name, body), 409, 'already_settled');
      expectProblem(await step(returned, name, body), 409, 'already_returned');
    }
    for (const id of [paid, returned]) expectProblem(await step(id, 'cancel'), 409, 'already_posted');
  });

  test('goes by what the ledger says: a reversed settlement puts it back on its way, and then it may come back', async () => {
    const merchant = await earner(500);
    const { id } = (await pay(merchant, 100)).body;
    await step(id, 'settle');
    const transactions = (await books.owner.get(`/api/payouts/${id}`)).body.transactions as { id: string }[];
    const settlement = transactions[1]!.id;
    expectProblem(
      await books.owner.post(`/api/transactions/${id}/reverse`, { reason: 'Wrong' }),
      409,
      'already_settled',
    );
    await books.owner.post(`/api/transactions/${settlement}/reverse`, { reason: 'The bank took it back' });
    expect(await stateOf(id)).toBe('in_transit');
    expect((await step(id, 'fail', { reason: 'Returned by the bank' })).body.state).toBe('returned');
    expect(await stepsOf(id)).toEqual(['sent', 'settled', 'settlement_reversed', 'returned']);
    expect(await fundsOf(merchant)).toMatchObject({ available: 500, in_transit: 0 });
  });

  test('that is reversed as a transaction is canceled', async () => {
    const merchant = await earner(500);
    const { id } = (await pay(merchant, 100)).body;
    await books.owner.post(`/api/transactions/${id}/reverse`, { reason: 'Never sent' });
    expect(await stateOf(id)).toBe('canceled');
    expectProblem(await step(id, 'settle'), 409, 'already_reversed');
  });

  test('posted as a typed transaction is a payout like any other, and ends once also that way', async () => {
    const merchant = await earner(500);
    const to = { type: 'merchant', id: merchant };
    const post = (more: object) =>
      books.owner.post('/api/transactions', { type: 'payout', to, amount: usd(40), ...more });
    const { id } = (await post({})).body;
    expect(await stateOf(id)).toBe('in_transit');
    const answers = await Promise.all(
      ['settled', 'returned', 'settled', 'returned'].map((category) => post({ category, caused_by: id })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(await stateOf(id)).toBe(
      answers.find(({ status }) => status === 201)?.body.category === 'settled' ? 'paid' : 'returned',
    );
  });
});

describe('a scheduled payout', () => {
  test('holds its money until its day, and can be canceled until then', async () => {
    const merchant = await earner(300);
    const { id, state, effective_date } = (await pay(merchant, 200, { scheduled_for: '2999-01-01' })).body;
    expect([state, effective_date]).toEqual(['scheduled', '2999-01-01']);
    expect(await fundsOf(merchant)).toEqual({ posted: 300, pending: 200, available: 100, in_transit: 0 });
    expectProblem(await pay(merchant, 101), 422, 'insufficient_funds');
    expectProblem(await step(id, 'settle'), 409, 'not_posted');
    expectProblem(await step(id, 'fail', { reason: 'Early' }), 409, 'not_posted');
    const canceled = await step(id, 'cancel', { reason: 'Not now' });
    expect(canceled.body).toMatchObject({ state: 'canceled', reason: 'Not now' });
    expect(await fundsOf(merchant)).toMatchObject({ available: 300 });
    expectProblem(await step(id, 'cancel'), 409, 'already_voided');
    expect(await stepsOf(id)).toEqual(['scheduled', 'canceled']);
  });

  test('is sent when its day comes; one that cannot be holds up no other', async () => {
    const [first, second] = [await earner(300), await earner(400)];
    const scheduled_for = '2999-06-01';
    const sent = (await pay(first, 200, { scheduled_for })).body.id;
    const held = (await pay(second, 200, { scheduled_for })).body.id;
    const [job] = await books.tenant.rows(
      `SELECT run_at::text FROM jobs WHERE operation = 'payout.send_due' AND state = 'queued' ORDER BY run_at DESC LIMIT 1`,
    );
    expect(job?.run_at).toBe('2999-06-01 00:00:00+00');
    await books.tenant.arrange(`UPDATE transactions SET effective_date = CURRENT_DATE WHERE id = ANY ($1)`, [
      [sent, held],
    ]);
    await books.tenant.arrange(
      `UPDATE accounts SET status = 'closed' WHERE purpose = 'payouts_in_transit' AND book_id = (SELECT id FROM books WHERE party_id = $1)`,
      [second],
    );
    await books.tenant.rows(`UPDATE jobs SET run_at = now() WHERE operation = 'payout.send_due'`);
    await runDueJobs(books.tenant.home.runtime);
    expect(await stateOf(sent)).toBe('in_transit');
    expect(await stateOf(held)).toBe('scheduled');
    expect(await stepsOf(sent)).toEqual(['scheduled', 'sent']);
    const again = await books.tenant.rows(
      `SELECT FROM jobs WHERE operation = 'payout.send_due' AND state = 'queued' AND run_at < now() + interval '2 hours'`,
    );
    expect(again).toHaveLength(1);
  });

  test('is for a day to come', async () => {
    const merchant = await earner(300);
    const answer = await pay(merchant, 1, { scheduled_for: '2020-01-01' });
    expectProblem(answer, 422, 'invalid');
    expect(answer.body.errors).toEqual({ scheduled_for: ['must be a later day than today'] });
  });
});

describe('what is refused', () => {
  test('more than the party has, in the currency that it has it in', async () => {
    const merchant = await earner(300);
    const answer = await pay(merchant, 301);
    expectProblem(answer, 422, 'insufficient_funds');
    expect(answer.body).toMatchObject({ available: 300, currency: 'USD' });
    const before = await books.tenant.contents();
    const euros = { merchant_id: merchant, amount: { amount: 1, currency: 'EUR' } };
    expectProblem(await books.owner.post('/api/payouts', euros), 422, 'insufficient_funds');
    const unknown = { merchant_id: merchant, amount: { amount: 1, currency: 'XXQ' } };
    expectProblem(await books.owner.post('/api/payouts', unknown), 422, 'invalid');
    expect(await books.tenant.contents()).toEqual(before);
  });

  test('nobody, somebody unknown, or two at once', async () => {
    const { merchant, org } = books.party;
    const missing = '0190a0a0-0000-7000-8000-000000000000';
    expectProblem(await pay(missing, 1), 422, 'party_not_found');
    expectProblem(await books.owner.post('/api/payouts', { amount: usd(1) }), 422, 'invalid');
    expectProblem(await pay(merchant.id, 1, { party: org }), 422, 'invalid');
    expectProblem(
      await books.owner.post('/api/payouts', { amount: usd(1), party: books.party.tenant }),
      422,
      'invalid',
    );
  });

  test('what lies outside the scope of the caller, like what is not there', async () => {
    const merchant = await earner(300);
    const { id } = (await pay(merchant, 10)).body;
    const other = books.tenant.as(
      await books.tenant.createKey({ role: 'owner', merchant_org_id: books.party.otherOrg.id }),
    );
    expectProblem(await other.post('/api/payouts', { merchant_id: merchant, amount: usd(1) }), 422, 'party_not_found');
    for (const name of ['settle', 'cancel']) expectProblem(await other.post(`/api/payouts/${id}/${name}`, {}), 404);
    expectProblem(await other.post(`/api/payouts/${id}/fail`, { reason: 'Mine' }), 404);
    expectProblem(await other.get(`/api/payouts/${id}`), 404);
    expect((await other.get('/api/payouts')).body.data).toEqual([]);
    const seen = (await other.get('/api/payout-balances')).body.data.map(({ name }) => name);
    expect(seen).toEqual(['Northside', 'Yoga']);
    expect(await stateOf(id)).toBe('in_transit');
  });
});

describe('an end that comes as a typed transaction', () => {
  const end = (merchant: string, amount: number, caused_by: string) =>
    books.owner.post('/api/transactions', {
      type: 'payout',
      category: 'settled',
      to: { type: 'merchant', id: merchant },
      amount: usd(amount),
      caused_by,
    });

  test('is of the whole payout, to its own party, while it is on its way', async () => {
    const [merchant, stranger] = [await earner(1000), await earner(1001)];
    const { id } = (await pay(merchant, 500)).body;
    expectProblem(await end(stranger, 500, id), 422, 'rule_violation');
    expectProblem(await end(merchant, 499, id), 422, 'rule_violation');
    expect(await stateOf(id)).toBe('in_transit');
    const scheduled = (await pay(merchant, 5, { scheduled_for: '2999-01-01' })).body.id;
    expectProblem(await end(merchant, 5, scheduled), 409, 'not_posted');
    await step(scheduled, 'cancel');
    expectProblem(await end(merchant, 5, scheduled), 409, 'already_voided');
    expect((await end(merchant, 500, id)).status).toBe(201);
    expect(await stateOf(id)).toBe('paid');
  });

  test('and a reversal never both succeed', async () => {
    const merchant = await earner(1000);
    for (let round = 0; round < 10; round += 1) {
      const { id } = (await pay(merchant, 10)).body;
      const answers = await Promise.all([
        books.owner.post(`/api/transactions/${id}/reverse`, { reason: 'Mistake' }),
        end(merchant, 10, id),
        step(id, 'settle'),
      ]);
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status < 300).length, JSON.stringify(answers)).toBe(1);
      expect(statuses.filter((status) => status === 409).length, JSON.stringify(answers)).toBe(2);
    }
    expect((await fundsOf(merchant)).in_transit).toBe(0);
  });
});

describe('many callers at once', () => {
  test('never pay out more than there is', async () => {
    const merchant = await earner(1000);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => pay(merchant, 300, index % 2 ? { scheduled_for: '2999-01-01' } : {})),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array(5).fill(422)]);
    expect((await fundsOf(merchant)).available).toBe(100);
  });

  test('end a payout one way only', async () => {
    const merchant = await earner(1000);
    for (let round = 0; round < 5; round += 1) {
      const { id } = (await pay(merchant, 10)).body;
      const answers = await Promise.all([
        step(id, 'settle'),
        step(id, 'fail', { reason: 'Refused' }),
        step(id, 'settle'),
        books.owner.post(`/api/transactions/${id}/reverse`, { reason: 'Mistake' }),
        step(id, 'fail', { reason: 'Refused' }),
      ]);
      expect(answers.map(({ status }) => status).sort(), JSON.stringify(answers.map(({ text }) => text))).toEqual([
        200, 409, 409, 409, 409,
      ]);
    }
    expect((await fundsOf(merchant)).in_transit).toBe(0);
  });

  test('with one key are one payout, and a settlement sent again changes nothing', async () => {
    const merchant = await earner(1000);
    const key = { 'idempotency-key': 'payout-once' };
    const send = () => books.owner.post('/api/payouts', { merchant_id: merchant, amount: usd(700) }, key);
    const answers = await Promise.all([send(), send(), send()]);
    expect(new Set(answers.map(({ text }) => text)).size, answers[1]!.text).toBe(1);
    expect((await fundsOf(merchant)).available).toBe(300);
    const { id } = answers[0]!.body;
    const settle = () => step(id, 'settle', {}, { 'idempotency-key': 'settle-once' });
    const [first, second] = [await settle(), await settle()];
    expect([second.status, second.text]).toEqual([200, first.text]);
  });
});

test('the list is filtered by state, merchant, MerchantOrg and day', async () => {
  const merchant = await earner(1000);
  const ids = [(await pay(merchant, 1)).body.id, (await pay(merchant, 2)).body.id];
  const later = (await pay(merchant, 3, { scheduled_for: '2999-01-02' })).body.id;
  await step(ids[0]!, 'settle');
  const listed = async (query: string) =>
    (await books.owner.get(`/api/payouts?merchant_id=${merchant}&${query}`)).body.data.map(({ id }) => id);
  expect(await listed('')).toEqual([later, ids[1], ids[0]]);
  expect(await listed('state=paid')).toEqual([ids[0]]);
  expect(await listed('state=in_transit')).toEqual([ids[1]]);
  expect(await listed('from=2999-01-01')).toEqual([later]);
  expect(await listed(`merchant_org_id=${books.party.otherOrg.id}`)).toEqual([]);
  expect(await listed('sort=-effective_date&limit=1')).toEqual([later]);
});
