import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { type Books, credit, debit, openBooks } from '../ledger/books.ts';
import { settle } from '../ledger/sealed.ts';
import { expectProblem } from '../support/door.ts';

let books: Books;
const from = (address: string) => ({ 'cf-connecting-ip': address });

async function actions(query: string): Promise<string[]> {
  const answer = await books.owner.get(`/api/audit-logs?limit=200&${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data.map(({ action }) => String(action));
}

beforeAll(async () => {
  books = await openBooks();
  const { owner, party } = books;
  await owner.patch(`/api/merchants/${party.merchant.id}`, { name: 'Söhne & Co' }, from('203.0.113.9'));
  const lines = [debit(books.account('merchant', 'cash'), 100), credit(books.account('merchant', 'revenue'), 100)];
  await books.post(lines, { description: 'Takings' });
  await owner.patch(`/api/accounts/${books.account('merchant', 'cash')}`, { name: 'Till' });
  await owner.get(`/api/users`, { accept: 'text/csv', 'x-request-id': 'the-export' });
  expectProblem(await books.tenant.as(await books.tenant.createKey({ role: [] })).get('/api/users'), 403);
});
afterAll(() => books?.site.stop());

describe.each(['not indexed yet', 'indexed'])('events that are %s', (state) => {
  beforeAll(async () => {
    if (state === 'indexed') await settle(books.tenant);
  });

  test('are found by the merchant that they are about: itself, its accounts and its books', async () => {
    const found = await actions(`merchant_id=${books.party.merchant.id}`);
    expect(found.sort()).toEqual(['account.update', 'merchant.create', 'merchant.update', 'transaction.create']);
    expect(await actions(`merchant_id=${books.party.otherMerchant.id}`)).toEqual(['merchant.create']);
    expect(await actions(`merchant_id=${books.tenant.record.id}`)).toEqual([]);
  });

  test('are found by action, address, outcome, actor type, resource and any of them together', async () => {
    expect(await actions('address=203.0.113.9')).toEqual(['merchant.update']);
    expect(await actions('outcome=denied&resource_type=user')).toEqual(['user.list']);
    expect(await actions('action=merchant.update&address=203.0.113.9&actor_type=system')).toEqual(['merchant.update']);
    expect(await actions('action=merchant.update&address=203.0.113.8')).toEqual([]);
    expect(await actions(`resource_type=merchant&resource_id=${books.party.otherMerchant.id}`)).toEqual([
      'merchant.create',
    ]);
    expect((await actions('actor_type=staff')).length).toBe(0);
  });

  test('are found by the beginnings of words, in any case and without accents, and by ids', async () => {
    expect(await actions('q=SOHN')).toEqual(['merchant.update']);
    expect(await actions(`q=${books.party.otherMerchant.id}`)).toContain('merchant.create');
    expect(await actions('q=nobodysaidthis')).toEqual([]);
    const [event] = (await books.owner.get('/api/audit-logs?action=merchant.update')).body.data;
    expect(await actions(`q=${event!.id}`)).toEqual(['merchant.update']);
  });

  test('are found by time, page by page, each once and in order', async () => {
    const all = (await books.owner.get('/api/audit-logs?limit=200&sort=recorded_at')).body.data;
    const [first, last] = [all[1]!, all.at(-2)!];
    const range = `from=${first.recorded_at}&to=${last.recorded_at}&sort=recorded_at`;
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await books.owner.get(`/api/audit-logs?limit=2&${range}${cursor && `&cursor=${cursor}`}`);
      expect(page.status, page.text).toBe(200);
      seen.push(...page.body.data.map(({ id }) => id));
      cursor = page.body.next_cursor;
    }
    const times = all.filter(({ recorded_at: at }) => at! >= first.recorded_at! && at! < last.recorded_at!);
    expect(seen).toEqual(times.map(({ id }) => id));
  });

  test('are refused to a reader of less than the whole tenant', async () => {
    const scoped = await books.tenant.createKey({ merchant_org_id: books.party.org.id });
    for (const path of ['', '/tail', '/export']) {
      expectProblem(await books.tenant.as(scoped).get(`/api/audit-logs${path}`), 403, 'forbidden');
    }
  });
});

test('indexing again, or by two at once, changes nothing', async () => {
  const { tenant } = books;
  await passHorizon(tenant.rows);
  await tenant.rows(`INSERT INTO jobs (operation) VALUES ('ledger.settle'), ('ledger.settle'), ('ledger.settle')`);
  await Promise.all([tenant.home.runJobs(), tenant.anotherHome().runJobs()]);
  const after = await tenant.rows('SELECT count(*) FROM audit_search');
  expect(Number(after[0]?.count)).toBeGreaterThan(20);
  const [events] = await books.tenant.rows(
    `SELECT count(*) FROM audit_events e, audit_search_state s WHERE (e.epoch, e.xid) < (s.epoch, s.horizon)`,
  );
  expect(after).toEqual([events]);
});

describe('the tail', () => {
  test('answers what was recorded since the last look, and nothing to a filter that it does not meet', async () => {
    const { owner, party } = books;
    const { next } = (await owner.get('/api/audit-logs/tail')).body;
    await owner.patch(`/api/merchants/${party.merchant.id}`, { name: 'Followed' });
    const look = (query = '') => owner.get(`/api/audit-logs/tail?since=${next}${query}`);
    const { body } = await look('&action=merchant.update');
    expect(body.data.map(({ action }) => action)).toContain('merchant.update');
    expect((await look('&action=merchant.create')).body.data).toEqual([]);
    expect(String(body.next)).toMatch(/^\d+\.\d+$/);
    expectProblem(await owner.get('/api/audit-logs/tail?since=yesterday'), 422, 'invalid');
  });

  test('misses no event whose transaction committed late', async () => {
    const { tenant, owner, party } = books;
    const slow = await tenant.database.connect();
    await slow.query(`SET search_path = ${tenant.record.schema}`);
    await slow.query('BEGIN');
    await slow.query('SELECT work_begin($1)', [
      JSON.stringify({
        operation: 'test.late',
        summary: 'Late',
        actor: { type: 'system', id: 'late', name: 'Late' },
        request: { id: 'late', door: 'command' },
      }),
    ]);
    const first = (await owner.get('/api/audit-logs/tail')).body;
    await owner.patch(`/api/merchants/${party.merchant.id}`, { name: 'Meanwhile' });
    const second = (await owner.get(`/api/audit-logs/tail?since=${first.next}`)).body;
    await slow.query('COMMIT');
    await slow.end();
    const third = (await owner.get(`/api/audit-logs/tail?since=${second.next}`)).body;
    expect(second.data.map(({ action }) => action)).not.toContain('test.late');
    expect(third.data.map(({ action }) => action)).toContain('test.late');
  });
});

describe('a saved search', () => {
  const filters = { outcome: 'denied', q: 'export' };

  test('is kept, renamed and deleted by its owner, with an audit event each', async () => {
    const { owner, tenant } = books;
    const created = await owner.post('/api/saved-searches', { name: 'Denials', filters });
    expect(created.body).toMatchObject({ name: 'Denials', filters, version: 1 });
    expectProblem(await owner.post('/api/saved-searches', { name: 'Denials', filters: {} }), 409, 'conflict');
    const path = `/api/saved-searches/${created.body.id}`;
    expect((await owner.patch(path, { name: 'Refusals' })).body).toMatchObject({ name: 'Refusals', filters });
    expectProblem(await owner.patch(path, { name: 'Late' }, { 'if-match': '"1"' }), 412, 'stale');
    expect((await owner.delete(path)).status).toBe(200);
    expectProblem(await owner.get(path), 404, 'not_found');
    const events = await tenant.rows('SELECT action FROM audit_events WHERE resource_id = $1 ORDER BY id', [
      created.body.id,
    ]);
    expect(events.map(({ action }) => action)).toEqual([
      'saved_search.create',
      'saved_search.update',
      'saved_search.delete',
    ]);
  });

  test('is nobody else’s, and needs the right to read the trail', async () => {
    const { owner, tenant } = books;
    const { id } = (await owner.post('/api/saved-searches', { name: 'Mine', filters })).body;
    const other = tenant.as(await tenant.createKey());
    expect((await other.get('/api/saved-searches')).body.data).toEqual([]);
    for (const answer of [
      await other.get(`/api/saved-searches/${id}`),
      await other.delete(`/api/saved-searches/${id}`),
    ])
      expectProblem(answer, 404, 'not_found');
    const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
    expect((await auditor.post('/api/saved-searches', { name: 'Mine', filters })).status).toBe(201);
    const sales = tenant.as(await tenant.createKey({ role: 'sales' }));
    expectProblem(await sales.post('/api/saved-searches', { name: 'x', filters }), 403, 'forbidden');
    expectProblem(await tenant.as(null).get('/api/saved-searches'), 401, 'unauthenticated');
    expectProblem(await owner.post('/api/saved-searches', { name: 'x', filters: { sql: '1' } }), 422, 'invalid');
  });
});
