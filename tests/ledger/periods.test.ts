import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import type { Body, Client } from '../support/door.ts';
import { expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';

let books: Books;
/** Another member of staff than the owner. */
let colleague: Client;

type Month = { month: string; status: string; closed_by: string | null; late_items: number; reopen_reason: string };
type Check = { check: string; passed: boolean; blocking: boolean; detail: string; items: Body[] };

beforeAll(async () => {
  books = await openBooks();
  colleague = books.tenant.as(await books.tenant.createKey());
});
afterAll(() => books?.site.stop());

type Party = keyof Books['book'];

const post = (party: Party, date: string, more: object = {}, amount = 100) =>
  books.post([debit(books.account(party, 'cash'), amount), credit(books.account(party, 'revenue'), amount)], {
    effective_date: date,
    ...more,
  });
const close = (party: Party, through: string, more: object = {}, who: Client = books.owner) =>
  who.post(`/api/books/${books.book[party]}/close-period`, { through, ...more });
const reopen = (party: Party, through: string | null, who: Client = colleague, reason = 'A bill came late') =>
  who.post(`/api/books/${books.book[party]}/reopen-period`, { through, reason });
const readiness = async (party: Party, through: string) =>
  (await books.owner.get(`/api/books/${books.book[party]}/readiness?through=${through}`)).body;
const check = (answer: Body, name: string) => (answer.checks as Check[]).find((each) => each.check === name)!;
/** Whether something is in flight depends on what else runs on the server. */
const certain = (answer: Body) => (answer.checks as Check[]).filter((each) => each.check !== 'in_flight');
async function months(party: Party, year: number): Promise<Month[]> {
  const answer = await books.owner.get(`/api/periods?book_id=${books.book[party]}&year=${year}`);
  return answer.body.data as unknown as Month[];
}

describe('closing a month', () => {
  test('months close in order, and the calendar says which is next', async () => {
    for (const date of ['2025-01-10', '2025-02-10', '2025-04-10']) await post('merchant', date);
    const statuses = (await months('merchant', 2025)).map(({ status }) => status);
    expect(statuses.slice(0, 5)).toEqual(['closable', 'open', 'open', 'open', 'open']);
    const early = await close('merchant', '2025-02-28');
    expectProblem(early, 409, 'period_not_ready');
    expect(early.body.detail).toContain('The month of January 2025 has entries and is open');
    expect(check(early.body, 'earlier_periods')).toMatchObject({ passed: false, blocking: true });
    const closed = await close('merchant', '2025-01-31');
    expect(closed.body).toMatchObject({
      through: '2025-01-31',
      books: [{ book_id: books.book.merchant, closed_through: '2025-01-31' }],
    });
    expect((await close('merchant', '2025-02-28')).status).toBe(200);
    // Nothing was posted in March: April closes both.
    expect((await close('merchant', '2025-04-30')).status).toBe(200);
    const after = await months('merchant', 2025);
    expect(after.map(({ status }) => status).slice(0, 6)).toEqual([...Array(4).fill('closed'), 'closable', 'open']);
    expect(after.slice(0, 5).map((each) => each.closed_by)).toEqual([...Array(4).fill('First API key'), null]);
    expectProblem(await close('merchant', '2025-04-30'), 409, 'conflict');
    const [book] = (await books.owner.get(`/api/books?party_id=${books.party.merchant.id}`)).body.data;
    expect(book).toMatchObject({ closed_through: '2025-04-30', status: 'open' });
  });

  test('nothing is dated in a closed month, alone, in a batch, as a hold, or by posting a hold or reversing', async () => {
    const refused = await post('merchant', '2025-04-30');
    expectProblem(refused, 422, 'period_closed');
    expect(refused.body).toMatchObject({ book_id: books.book.merchant, closed_through: '2025-04-30' });
    expectProblem(await post('merchant', '2025-02-01', { status: 'pending' }), 422, 'period_closed');
    const entry = (date: string) => ({
      description: 'Entry',
      effective_date: date,
      lines: [debit(books.account('merchant', 'cash'), 1), credit(books.account('merchant', 'revenue'), 1)],
    });
    const batch = await books.owner.post('/api/transactions/batch', {
      transactions: [entry('2025-05-01'), entry('2025-04-30')],
    });
    expectProblem(batch, 422, 'period_closed');
    expect(batch.body.index).toBe(1);
    const acrossBooks = [
      ...entry('').lines,
      debit(books.account('org', 'cash'), 1),
      credit(books.account('org', 'revenue'), 1),
    ];
    expectProblem(await books.post(acrossBooks, { effective_date: '2025-04-30' }), 422, 'period_closed');
    const { id } = (await post('merchant', '2025-05-02', { status: 'pending' })).body;
    const posted = await books.owner.post(`/api/transactions/${id}/post`, { effective_date: '2025-03-01' });
    expectProblem(posted, 422, 'period_closed');
    await books.owner.post(`/api/transactions/${id}/post`, {});
    const reversed = { reason: 'Wrong', effective_date: '2025-04-01' };
    expectProblem(await books.owner.post(`/api/transactions/${id}/reverse`, reversed), 422, 'period_closed');
    expect((await post('merchant', '2025-05-01')).status).toBe(201);
  });

  test('the other books stay open', async () => {
    expect((await post('otherMerchant', '2025-01-10')).status).toBe(201);
  });

  test.each(['2025-05-30', '2024-02-28', '2025-13-31', 'x'])('a period does not end on %s', async (through) => {
    expectProblem(await close('merchant', through), 422, 'invalid');
    const asked = await books.owner.get(`/api/books/${books.book.merchant}/readiness?through=${through}`);
    expectProblem(asked, 422, 'invalid');
    expectProblem(await reopen('merchant', through), 422, 'invalid');
  });

  test('several books close at once, or none', async () => {
    await post('otherOrg', '2025-02-10');
    const ids = { book_ids: [books.book.otherMerchant, books.book.otherOrg] };
    expectProblem(await close('otherOrg', '2025-02-28', ids), 409, 'period_not_ready');
    const missing = { book_ids: ['0190a0a0-0000-7000-8000-000000000000'] };
    expectProblem(await close('otherOrg', '2025-01-31', missing), 422, 'book_not_found');
    expect((await months('otherOrg', 2025))[0]!.status).toBe('open');
    const closed = await close('otherOrg', '2025-01-31', ids);
    const names = (closed.body.books as { name: string }[]).map(({ name }) => name);
    expect(names.sort()).toEqual(['Northside', 'Yoga']);
  });

  test('a replay answers the same and closes nothing again', async () => {
    const key = { 'idempotency-key': 'close-once' };
    const body = { through: '2025-02-28' };
    const path = `/api/books/${books.book.otherMerchant}/close-period`;
    const first = await books.owner.post(path, body, key);
    const again = await books.owner.post(path, body, key);
    expect([again.status, again.text]).toEqual([200, first.text]);
    const events = await books.tenant.rows('SELECT FROM period_events WHERE book_id = $1', [books.book.otherMerchant]);
    expect(events).toHaveLength(2);
  });

  test('a closing is told in the audit trail, with what it changed', async () => {
    const closed = await close('otherMerchant', '2025-03-31');
    const id = closed.headers.get('x-request-id');
    const events = await books.tenant.rows(
      `SELECT e.action, e.resource_id, e.details ->> 'summary' AS summary, c.before -> 'closed_through' AS before,
         c.after -> 'closed_through' AS after
       FROM audit_events e JOIN audit_changes c ON c.event_id = e.id AND c.table_name = 'books' WHERE e.request_id = $1`,
      [id],
    );
    expect(events).toEqual([
      {
        action: 'period.close',
        resource_id: books.book.otherMerchant,
        summary: 'Closed the month 2025-03',
        before: '2025-02-28',
        after: '2025-03-31',
      },
    ]);
  });
});

describe('the checklist', () => {
  test('a month that is not over, or has something pending, cannot be closed', async () => {
    const running = await readiness('tenant', '9998-12-31');
    expect(running.is_ready).toBe(false);
    expect(check(running, 'period_over')).toMatchObject({ passed: false, blocking: true });
    const hold = await post('tenant', '2025-01-20', { status: 'pending' });
    const held = await readiness('tenant', '2025-01-31');
    expect(check(held, 'pending_holds')).toMatchObject({ passed: false, items: [{ id: hold.body.id }] });
    expectProblem(await close('tenant', '2025-01-31'), 409, 'period_not_ready');
    // One that is dated later is in nobody's way.
    await books.owner.post(`/api/transactions/${hold.body.id}/void`, {});
    await post('tenant', '2025-02-20', { status: 'pending' });
    expect((await readiness('tenant', '2025-01-31')).is_ready).toBe(true);
  });

  test('money that still clears at the end of the month is a warning', async () => {
    const [clearing, revenue] = [books.account('org', 'processor_clearing'), books.account('org', 'revenue')];
    await books.post([debit(clearing, 500), credit(revenue, 500)], { effective_date: '2025-01-31' });
    await books.post([credit(clearing, 500), debit(revenue, 500)], { effective_date: '2025-02-01' });
    const january = await readiness('org', '2025-01-31');
    expect(january).toMatchObject({ is_ready: true, is_closed: false, closed_through: null });
    expect(check(january, 'clearing_accounts')).toMatchObject({
      passed: false,
      blocking: false,
      items: [{ type: 'account', id: clearing, amount: 500, currency: 'USD' }],
    });
    expect((await close('org', '2025-01-31')).status).toBe(200);
    const february = await readiness('org', '2025-02-28');
    expect(certain(february).filter(({ passed }) => !passed)).toEqual([]);
    expect(await readiness('org', '2025-01-31')).toMatchObject({ is_closed: true, is_ready: false });
  });

  test('entries count alike before and after they are folded', async () => {
    await post('org', '2025-03-05');
    const before = await readiness('org', '2025-04-30');
    await passHorizon(books.tenant.rows);
    await books.tenant.rows('SELECT fold_ledger()');
    expect(certain(await readiness('org', '2025-04-30'))).toEqual(certain(before));
    expect(check(before, 'earlier_periods').passed).toBe(false);
  });

  test('work elsewhere that has not finished is told, and closes nothing off', async () => {
    const other = await books.tenant.database.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT pg_current_xact_id()');
      await post('org', '2025-03-06');
      expect((await close('org', '2025-02-28')).status).toBe(200);
      expect(check(await readiness('org', '2025-03-31'), 'in_flight')).toMatchObject({
        passed: false,
        blocking: false,
      });
      expect((await close('org', '2025-03-31')).status).toBe(200);
    } finally {
      await other.end();
    }
  });
});

describe('what comes late', () => {
  test('goes to the first open day when its caller says so, and keeps the day it belongs to', async () => {
    const late = await post('merchant', '2025-02-14', { on_closed_period: 'next_open', description: 'Late bill' });
    expect(late.status, late.text).toBe(201);
    expect(late.body.journals).toMatchObject([{ effective_date: '2025-05-01', original_effective_date: '2025-02-14' }]);
    const punctual = await post('merchant', '2025-05-03', { on_closed_period: 'next_open' });
    expect(punctual.body.journals).toMatchObject([{ effective_date: '2025-05-03', original_effective_date: null }]);
    const listed = (await books.owner.get(`/api/transaction-journals?late=true&book_id=${books.book.merchant}`)).body;
    expect(listed.data.map((each) => each.transaction_id)).toEqual([late.body.id]);
    const others = await books.owner.get(`/api/transaction-journals?late=false&book_id=${books.book.merchant}`);
    expect(others.body.data.map((each) => each.id)).not.toContain(listed.data[0]!.id);
    expect((await months('merchant', 2025)).map((each) => each.late_items)).toEqual([0, 1, ...Array(10).fill(0)]);
    expectProblem(await books.owner.get('/api/transaction-journals?late=perhaps'), 422, 'invalid');
  });

  test('a hold and its posting, and a reversal, go there too', async () => {
    const next = { on_closed_period: 'next_open' };
    const hold = await post('merchant', '2025-03-03', { status: 'pending', ...next });
    const posted = await books.owner.post(`/api/transactions/${hold.body.id}/post`, next);
    const reversed = await books.owner.post(`/api/transactions/${hold.body.id}/reverse`, {
      reason: 'Wrong',
      effective_date: '2025-03-04',
      ...next,
    });
    expect(posted.status, posted.text).toBe(200);
    expect(reversed.body.journals.map((each) => [each.kind, (each as unknown as Body).effective_date])).toEqual([
      ['hold', '2025-05-01'],
      ['release', '2025-05-01'],
      ['post', '2025-05-01'],
      ['reversal', '2025-05-01'],
    ]);
  });
});

describe('reopening', () => {
  test('is for another person than who closed, with a reason', async () => {
    const own = await reopen('merchant', '2025-02-28', books.owner);
    expectProblem(own, 409, 'second_person_needed');
    expect(own.body.closed_by).toBe('First API key');
    expectProblem(await reopen('merchant', '2025-02-28', colleague, ''), 422, 'invalid');
    const reopened = await reopen('merchant', '2025-02-28');
    expect(reopened.body).toMatchObject({ id: books.book.merchant, closed_through: '2025-02-28' });
    const year = await months('merchant', 2025);
    expect(year.slice(0, 4).map(({ status }) => status)).toEqual(['closed', 'closed', 'closable', 'open']);
    expect(year[3]).toMatchObject({
      reopened_by: 'Test',
      reopen_reason: 'A bill came late',
      closed_by: 'First API key',
    });
    expect(year[1]).toMatchObject({ reopened_by: null });
    expect((await post('merchant', '2025-04-30')).status).toBe(201);
  });

  test('who closed a month again after it was reopened does not reopen it, who closed it before that may', async () => {
    expect((await close('merchant', '2025-04-30', {}, colleague)).status).toBe(200);
    expect((await months('merchant', 2025))[3]).toMatchObject({ closed_by: 'Test', reopened_by: null });
    expectProblem(await reopen('merchant', '2025-02-28'), 409, 'second_person_needed');
    expect((await reopen('merchant', '2025-02-28', books.owner)).status).toBe(200);
    // January and February are the owner's closings still.
    expectProblem(await reopen('merchant', null, books.owner), 409, 'second_person_needed');
    expect((await reopen('merchant', null)).body.closed_through).toBeNull();
    expect((await post('merchant', '2020-01-01')).status).toBe(201);
  });

  test('only what is closed is reopened', async () => {
    expectProblem(await reopen('merchant', null), 409, 'conflict');
    expectProblem(await reopen('otherMerchant', '2025-03-31'), 409, 'conflict');
    expectProblem(await reopen('otherMerchant', '2025-06-30'), 409, 'conflict');
  });

  test('what became of periods is never changed', async () => {
    for (const statement of ['UPDATE period_events SET reason = NULL', 'DELETE FROM period_events']) {
      await expect(books.tenant.arrange(statement)).rejects.toMatchObject({ code: 'SCP03' });
    }
  });
});

describe('within a scope', () => {
  test('only own books are seen and closed, and further ones are not told apart from none', async () => {
    const key = await books.tenant.createKey({ role: 'finance', merchant_org_id: books.party.org.id });
    const scoped = books.tenant.as(key);
    expect((await scoped.get('/api/periods')).body.book_id).toBe(books.book.org);
    expectProblem(await scoped.get(`/api/periods?book_id=${books.book.otherOrg}`), 404, 'not_found');
    expectProblem(await close('otherOrg', '2025-02-28', {}, scoped), 404, 'not_found');
    expectProblem(await reopen('otherOrg', null, scoped), 404, 'not_found');
    const both = { book_ids: [books.book.otherOrg] };
    expectProblem(await close('org', '2025-04-30', both, scoped), 422, 'book_not_found');
    expect((await close('org', '2025-04-30', {}, scoped)).status).toBe(200);
    const auditor = books.tenant.as(await books.tenant.createKey({ role: 'auditor' }));
    expect((await auditor.get('/api/periods')).status).toBe(200);
    expectProblem(await close('org', '2025-05-31', {}, auditor), 403, 'forbidden');
  });
});
