import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';
import { bundleOf, postMix, runJob, settle, verify, verifyBundle } from './sealed.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks(2);
});
afterAll(() => books?.site.stop());

const chain = () =>
  books.tenant.rows(`
    SELECT b.number, b.hash = a.hash AS is_anchored, b.previous_hash = lag(b.hash, 1, no_hash()) OVER (ORDER BY b.number) AS follows,
      b.from_xid = lag(b.to_xid, 1, '0') OVER (ORDER BY b.number) AS is_seamless, b.journals + b.events AS entries
    FROM seal_blocks b
    LEFT JOIN platform.anchors a ON a.block = b.number AND a.tenant_id = '${books.tenant.record.id}'
    ORDER BY b.number`);

test('what was posted and done is sealed in blocks that follow each other and are anchored, and everything fits', async () => {
  await postMix(books);
  await settle(books.tenant);
  await postMix({ ...books, post: (lines, more) => books.post(lines, { ...more, external_id: null }) });
  await settle(books.tenant);
  const blocks = await chain();
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  for (const block of blocks) expect(block).toMatchObject({ is_anchored: true, follows: true, is_seamless: true });
  const [counted] = await books.tenant.rows(
    'SELECT (SELECT count(*) FROM transaction_journals) AS journals, (SELECT count(*) FROM audit_events) AS events',
  );
  const found = await verify(books.tenant);
  expect(found).toMatchObject({ problems: 0, findings: [], erased: 0, journals: Number(counted?.journals) });
  expect(found.events).toBe(Number(counted?.events));
  const offline = await verifyBundle(await bundleOf(books.tenant));
  expect(offline).toMatchObject({ code: 0, output: expect.stringContaining('Everything fits.') });
});

test('sealing again when nothing is new makes no block', async () => {
  await settle(books.tenant);
  const before = await chain();
  expect(await runJob(books.tenant, 'ledger.settle')).toMatchObject({ folded: 0, sealed: 0 });
  expect(await chain()).toEqual(before);
});

test('many entries make many blocks, and a batch stays in one', async () => {
  const { tenant, account } = books;
  const lines = [debit(account('tenant', 'cash'), 1), credit(account('tenant', 'equity'), 1)];
  await settle(tenant);
  const before = (await chain()).length;
  for (let count = 0; count < 7; count += 1) await books.post(lines);
  await books.owner.post('/api/transactions/batch', {
    transactions: Array.from({ length: 12 }, () => ({ description: 'Batch', lines })),
  });
  const client = await tenant.database.connectAs(tenant.record);
  try {
    await passHorizon(tenant.rows);
    for (let step = { has_more: true, entries: 1 }; step.has_more; ) {
      await client.query('SELECT fold_ledger()');
      step = (await client.query('SELECT seal_ledger(5) AS step')).rows[0].step;
    }
  } finally {
    await client.end();
  }
  await settle(tenant);
  const sizes = (await chain()).slice(before).map(({ entries }) => Number(entries));
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBe(13);
  expect(await verify(tenant)).toMatchObject({ problems: 0 });
});

test('several sealers at once make one chain', async () => {
  const { account, tenant } = books;
  const lines = [debit(account('tenant', 'cash'), 1), credit(account('tenant', 'equity'), 1)];
  const clients = await Promise.all([1, 2, 3].map(() => tenant.database.connectAs(tenant.record)));
  await Promise.all([
    ...Array.from({ length: 30 }, () => books.post(lines)),
    ...clients.map(async (client) => {
      for (let count = 0; count < 10; count += 1) {
        await client.query('SELECT fold_ledger()');
        await client.query('SELECT seal_ledger(7)');
      }
    }),
  ]);
  await Promise.all(clients.map((client) => client.end()));
  await settle(tenant);
  for (const block of await chain())
    expect(block).toMatchObject({ is_anchored: true, follows: true, is_seamless: true });
  expect(await verify(tenant)).toMatchObject({ problems: 0 });
});

describe('a writing transaction that is held open elsewhere', () => {
  test('lets postings go on and balances stay exact; nothing is sealed past it, the lag shows, and then it is sealed itself', async () => {
    const { tenant, account } = books;
    const [cash, equity] = [account('tenant', 'cash'), account('tenant', 'equity')];
    await settle(tenant);
    const before = await books.balanceOf(cash);
    const held = await tenant.database.connect();
    await held.query(`SET search_path = ${tenant.record.schema}`);
    await held.query('BEGIN');
    const work = {
      operation: 'test.hold',
      summary: 'Held open',
      actor: { type: 'system', id: 'test', name: 'Test' },
      request: { id: 'held-open', door: 'command' },
    };
    await held.query('SELECT work_begin($1)', [JSON.stringify(work)]);
    await held.query(
      `SELECT post_transactions(NULL, '{"description": "Late"}', '{1,1}', $1, '{debit,credit}', '{5000,5000}', '{NULL,NULL}')`,
      [[cash, equity]],
    );
    for (let count = 0; count < 5; count += 1) await books.post([debit(cash, 10), credit(equity, 10)]);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(await runJob(tenant, 'ledger.settle')).toMatchObject({ folded: 0 });
    expect(await books.balanceOf(cash)).toBe(before + 50);
    const { body } = await books.owner.get('/api/ledger/integrity');
    const lag = (part: unknown) => Number((part as { lag_seconds: number }).lag_seconds);
    expect(lag(body.horizon)).toBeGreaterThanOrEqual(1);
    expect(lag(body.seal)).toBeGreaterThanOrEqual(1);
    expect(body.balanced).toBe(true);
    expect(await verify(tenant)).toMatchObject({ problems: 0 });

    await held.query('COMMIT');
    await held.end();
    expect(await books.balanceOf(cash)).toBe(before + 5_050);
    await settle(tenant);
    const [sealed] = await tenant.rows(`
      SELECT count(l.id) AS n FROM transactions t JOIN transaction_journals j ON j.transaction_id = t.id
      LEFT JOIN seal_leaves l ON l.id = j.id WHERE t.description = 'Late'`);
    expect(Number(sealed?.n)).toBe(1);
    expect(await verify(tenant)).toMatchObject({ problems: 0 });
    expect((await verifyBundle(await bundleOf(tenant))).code).toBe(0);
  });
});

test('the next epoch is sealed after the one before', async () => {
  const { tenant, account } = books;
  await settle(tenant);
  await tenant.arrange('SELECT begin_epoch()');
  await settle(tenant);
  await books.post([debit(account('tenant', 'cash'), 3), credit(account('tenant', 'equity'), 3)]);
  await settle(tenant);
  const rows = await tenant.rows('SELECT to_epoch FROM seal_blocks ORDER BY number DESC LIMIT 1');
  expect(rows).toEqual([{ to_epoch: 1 }]);
  expect(await verify(tenant)).toMatchObject({ problems: 0 });
  expect((await verifyBundle(await bundleOf(tenant))).code).toBe(0);
});

describe('a verification', () => {
  test('is asked for over the API, runs as a job with its result, and shows on the integrity page', async () => {
    const { owner, tenant } = books;
    const asked = await owner.post('/api/ledger/verify', {});
    expect(asked.status).toBe(202);
    const again = await owner.post('/api/ledger/verify', {});
    expect(again.body.job_id).toBe(asked.body.job_id);
    await tenant.home.runJobs();
    const job = (await owner.get(`/api/jobs/${asked.body.job_id}`)).body;
    expect(job).toMatchObject({ state: 'succeeded', result: { problems: 0, findings: [] } });
    const { body } = await owner.get('/api/ledger/integrity');
    expect(body).toMatchObject({
      seal: { last_block: expect.any(Number), verified_at: expect.any(String) },
      chain: { verification: { problems: 0 }, running: null },
    });
  });

  test('and the chain are for the whole tenant; a tenant sees its own anchors alone', async () => {
    const { tenant, party, site } = books;
    const scoped = tenant.as(await tenant.createKey({ role: 'finance', merchant_org_id: party.org.id }));
    expectProblem(await scoped.post('/api/ledger/verify', {}), 403, 'forbidden');
    expect((await scoped.get('/api/ledger/integrity')).body.chain).toBeNull();
    const other = await site.tenants[1]!.database.connectAs(site.tenants[1]!.record);
    try {
      const { rows } = await other.query('SELECT * FROM platform.anchors_between(0, 1000)');
      expect(rows).toEqual([]);
      await expect(other.query('SELECT * FROM platform.anchors')).rejects.toMatchObject({ code: '42501' });
      await expect(other.query('INSERT INTO platform.anchors DEFAULT VALUES')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await other.end();
    }
  });
});

test.each(['seal_blocks', 'seal_leaves', 'ledger_verifications', 'platform.anchors'])(
  '%s is append-only, even for its owner',
  async (table) => {
    await verify(books.tenant);
    const column = (await books.tenant.rows(`SELECT * FROM ${table} LIMIT 1`)).map((row) => Object.keys(row)[0]!)[0];
    for (const statement of [
      `UPDATE ${table} SET ${column} = ${column}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ]) {
      await expect(books.tenant.rows(statement)).rejects.toThrow('what is written there never changes');
    }
  },
);
