import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { merchantTransferStates } from '../../server/contexts/merchant-transfer/schemas.ts';
import { movesFrom, type StateMachine } from '../../server/operations/states.ts';
import { type Answer, type Client, expectProblem } from '../support/door.ts';
import { forceState, statesOf, walkInSql } from '../support/states.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let second: Client;
const missing = '0190a0a0-0000-7000-8000-000000000000';

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  second = tenant.as(await tenant.createKey());
  await tenant.createUser({ email: 'ada@owners.test', password: 'correct horse battery' });
});
afterAll(() => site?.stop());

const newOrg = async (name: string) => (await owner.post('/api/merchant-orgs', { name })).body.id;
const newMerchant = async (merchant_org_id: string) =>
  (await owner.post('/api/merchants', { merchant_org_id, name: 'Pine Hair' })).body.id;
const preview = (id: string, merchant_org_id: string, as = owner) =>
  as.post(`/api/merchants/${id}/transfer-preview`, { merchant_org_id });
const transfer = (id: string, merchant_org_id: string, digest: unknown, as = owner) =>
  as.post(`/api/merchants/${id}/transfer`, { merchant_org_id, digest, reason: 'Sold to Cove' });

test('a transfer is reviewed and carried out: scope, books and keys follow, past postings stay', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const amount = { amount: 5_000, currency: 'USD' };
  const ends = { from: { type: 'merchant', id }, to: { type: 'merchant_org', id: from } };
  await owner.post('/api/transactions', { type: 'franchise_fee', ...ends, amount });
  const [old, next] = await Promise.all(
    [from, to].map(async (merchant_org_id) => tenant.as(await tenant.createKey({ merchant_org_id }))),
  );
  const seen = (await preview(id, to)).body;
  expect(seen).toMatchObject({
    from: { id: from, name: 'Harbor' },
    to: { id: to, name: 'Cove' },
    loses_access: [{ type: 'api_key', name: 'Test', role: 'Owner' }],
    gains_access: [{ type: 'api_key', name: 'Test', role: 'Owner' }],
    open_items: [{ name: 'Due to related parties', balance: -5_000, currency: 'USD' }],
  });
  expect((await old!.get(`/api/merchants/${id}`)).status).toBe(200);
  const before = (await owner.get('/api/transactions?limit=200')).body.data;
  const done = await transfer(id, to, seen.digest);
  expect(done.body).toMatchObject({ id, merchant_org_id: to });
  expect((await owner.get(`/api/merchants/${id}`)).body.merchant_org_id).toBe(to);
  expectProblem(await old!.get(`/api/merchants/${id}`), 404, 'not_found');
  expect((await next!.get(`/api/merchants/${id}`)).status).toBe(200);
  expect((await old!.get(`/api/books?party_id=${id}`)).body.data).toEqual([]);
  expect((await next!.get(`/api/books?party_id=${id}`)).body.data).toHaveLength(1);
  expect((await owner.get('/api/transactions?limit=200')).body.data).toEqual(before);
  expect((await owner.get('/api/ledger/integrity')).body.balanced).toBe(true);
  expect((await owner.get(`/api/merchant-transfers?merchant_id=${id}`)).body.data).toMatchObject([
    { id: done.body.transfer_id, from_merchant_org_id: from, to_merchant_org_id: to, reason: 'Sold to Cove' },
  ]);
  const [event] = (await owner.get(`/api/audit-logs?resource_id=${id}&action=merchant_transfer.create`)).body.data;
  expect(event).toMatchObject({ summary: 'Moved a merchant to another MerchantOrg: Sold to Cove', outcome: 'success' });
});

test('rights that were read before a transfer are of no use after it', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const [before] = await tenant.rows('SELECT version FROM access_state');
  await transfer(id, to, (await preview(id, to)).body.digest);
  const [after] = await tenant.rows('SELECT version FROM access_state');
  expect(Number(after?.version)).toBeGreaterThan(Number(before?.version));
});

test('what changed since the review is not carried out', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const { digest } = (await preview(id, to)).body;
  await tenant.createKey({ merchant_org_id: from });
  const { data: keys } = (await owner.get('/api/api-keys')).body;
  const another = (await preview(id, to)).body.digest;
  // One key for another of the same name and role.
  await owner.post(`/api/api-keys/${keys.find((key) => key.merchant_org_id === from)!.id}/revoke`, {});
  await tenant.createKey({ merchant_org_id: from });
  expectProblem(await transfer(id, to, another), 409, 'conflict');
  const contents = await tenant.contents();
  expectProblem(await transfer(id, to, digest), 409, 'conflict');
  expectProblem(await transfer(id, to, '0'.repeat(64)), 409, 'conflict');
  expectProblem(await transfer(id, to, 'seen'), 422, 'invalid');
  expect(await tenant.contents()).toEqual(contents);
});

test('a merchant goes only where it can work, and stays when it is closed', async () => {
  const [from, gone, paused] = [await newOrg('Harbor'), await newOrg('Gone'), await newOrg('Paused')];
  const id = await newMerchant(from);
  await owner.patch(`/api/merchants/${id}`, { status: 'active' });
  await owner.patch(`/api/merchant-orgs/${gone}`, { status: 'closed' });
  for (const status of ['active', 'suspended']) await owner.patch(`/api/merchant-orgs/${paused}`, { status });
  const archived = await newOrg('Archived');
  await owner.post(`/api/merchant-orgs/${archived}/archive`, {});
  const foreign = (await site.tenants[1]!.owner.post('/api/merchant-orgs', { name: 'Foreign' })).body.id;
  for (const [org, why] of [
    [from, 'is where the merchant is already'],
    [gone, 'is closed'],
    [paused, 'is suspended'],
    [archived, 'is archived'],
    [foreign, 'does not exist'],
    [missing, 'does not exist'],
  ] as const) {
    for (const refused of [await preview(id, org), await transfer(id, org, '0'.repeat(64))]) {
      expectProblem(refused, 422, 'invalid');
      expect(refused.body.errors).toEqual({ merchant_org_id: [why] });
    }
  }
  await owner.patch(`/api/merchants/${id}`, { status: 'closed' });
  expectProblem(await preview(id, await newOrg('Cove')), 409, 'conflict');
  expectProblem(await preview(missing, from), 404, 'not_found');
});

test('it takes the permission for the whole tenant', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const { digest } = (await preview(id, to)).body;
  const within = tenant.as(await tenant.createKey({ role: 'admin', merchant_org_id: from }));
  const sales = tenant.as(await tenant.createKey({ role: 'sales' }));
  const waiting = `/api/merchant-transfers/${(await propose()).transfer}`;
  for (const client of [within, sales]) {
    expectProblem(await preview(id, to, client), 403, 'forbidden');
    expectProblem(await transfer(id, to, digest, client), 403, 'forbidden');
    expectProblem(await client.get('/api/merchant-transfers'), 403, 'forbidden');
    expectProblem(await client.get(waiting), 403, 'forbidden');
    expectProblem(await client.post(`${waiting}/approve`, { digest }), 403, 'forbidden');
    expectProblem(await client.post(`${waiting}/cancel`, { reason: 'x' }), 403, 'forbidden');
  }
  const stranger = site.tenants[1]!.owner;
  expectProblem(await stranger.post(`${waiting}/approve`, { digest }), 404, 'not_found');
  expectProblem(await stranger.post(`${waiting}/cancel`, { reason: 'x' }), 404, 'not_found');
});

type Waiting = { merchant: string; from: string; to: string; transfer: string; digest: unknown };

/** Days from today, as the tenant counts them. */
async function inDays(days: number): Promise<string> {
  const [row] = await tenant.rows('SELECT (tenant_today() + $1::integer)::text AS day', [days]);
  return String(row?.day);
}

/** A transfer of a later day that waits for a second person. */
async function propose(days = 10, merchantStatus?: string): Promise<Waiting> {
  const [from, to, effective_date] = [await newOrg('Harbor'), await newOrg('Cove'), await inDays(days)];
  const merchant = await newMerchant(from);
  if (merchantStatus) await owner.patch(`/api/merchants/${merchant}`, { status: merchantStatus });
  const body = { merchant_org_id: to, effective_date };
  const { digest } = (await owner.post(`/api/merchants/${merchant}/transfer-preview`, body)).body;
  const made = await owner.post(`/api/merchants/${merchant}/transfer`, { ...body, digest, reason: 'Sold to Cove' });
  expect(made.body).toMatchObject({ merchant_org_id: from, effective_date, status: 'proposed' });
  return { merchant, from, to, transfer: String(made.body.transfer_id), digest };
}

const approve = ({ transfer, digest }: Waiting, as = second) =>
  as.post(`/api/merchant-transfers/${transfer}/approve`, { digest });
const cancel = ({ transfer }: Waiting) =>
  owner.post(`/api/merchant-transfers/${transfer}/cancel`, { reason: 'Not sold after all' });
const read = async ({ transfer }: Waiting) => (await owner.get(`/api/merchant-transfers/${transfer}`)).body;
const orgOf = async ({ merchant }: Waiting) => (await owner.get(`/api/merchants/${merchant}`)).body.merchant_org_id;
const jobsOf = ({ transfer }: Waiting) =>
  tenant.rows(
    `SELECT state, run_at = (t.effective_date::timestamp AT TIME ZONE z.time_zone) AS at_its_start
     FROM jobs j JOIN merchant_transfers t ON t.id::text = j.input ->> 'transfer_id' CROSS JOIN tenant z WHERE t.id = $1`,
    [transfer],
  );
const mails = async (start: string) =>
  (await tenant.rows('SELECT subject, body FROM mailbox WHERE subject LIKE $1', [`${start}%`])).map(({ body }) => body);

async function scheduled(days = 10, merchantStatus?: string): Promise<Waiting> {
  const waiting = await propose(days, merchantStatus);
  expect((await approve(waiting)).body.status).toBe('scheduled');
  return waiting;
}

/** Its day is today now, or so many days ago; whatever waits for it is due. */
async function dayComes({ transfer }: Waiting, daysAgo = 0): Promise<void> {
  await tenant.rows('SET session_replication_role = replica');
  await tenant.rows('UPDATE merchant_transfers SET effective_date = tenant_today() - $1::integer WHERE id = $2', [
    daysAgo,
    transfer,
  ]);
  await tenant.rows('SET session_replication_role = origin');
  await tenant.rows(`UPDATE jobs SET run_at = now() WHERE input ->> 'transfer_id' = $1 AND state = 'queued'`, [
    transfer,
  ]);
}

describe('a transfer of a later day', () => {
  test('waits for a second person, then for its day, and then moves scope, books and keys', async () => {
    const waiting = await propose();
    const { merchant, from, to, transfer: id } = waiting;
    expect(await read(waiting)).toMatchObject({
      status: 'proposed',
      approved_by: null,
      created_by: { name: 'First API key' },
    });
    expectProblem(await approve(waiting, owner), 409, 'second_person_needed');
    expectProblem(await approve({ ...waiting, digest: '0'.repeat(64) }), 409, 'conflict');
    const [old, next] = await Promise.all(
      [from, to].map(async (merchant_org_id) => tenant.as(await tenant.createKey({ merchant_org_id }))),
    );
    // Those keys came after the review.
    expectProblem(await approve(waiting), 409, 'conflict');
    const body = { merchant_org_id: to, effective_date: await inDays(10) };
    const seen = (await second.post(`/api/merchants/${merchant}/transfer-preview`, body)).body;
    const stale = { 'if-match': '"7"' };
    const path = `/api/merchant-transfers/${id}`;
    expectProblem(await second.post(`${path}/approve`, { digest: seen.digest }, stale), 412, 'stale');
    const approved = await approve({ ...waiting, digest: seen.digest });
    expect(approved.body).toMatchObject({ status: 'scheduled', approved_by: { name: 'Test' }, preview: seen });
    expect(await jobsOf(waiting)).toEqual([{ state: 'queued', at_its_start: true }]);
    await tenant.home.runJobs();
    expect(await mails('To approve: Pine Hair moves to Cove')).toContainEqual(expect.stringContaining(id));
    expect([(await read(waiting)).status, await orgOf(waiting)]).toEqual(['scheduled', from]);
    // What changes now is no reason to stay.
    await tenant.createKey({ merchant_org_id: from });
    const [before] = await tenant.rows('SELECT version FROM access_state');
    await dayComes(waiting);
    await tenant.home.runJobs();
    const done = await read(waiting);
    expect(done).toMatchObject({ status: 'done', effective_date: await inDays(0), ended_because: null });
    expect(done.preview).toEqual(seen);
    expect((done.outcome as { loses_access: unknown[] }).loses_access).toHaveLength(2);
    expect(await orgOf(waiting)).toBe(to);
    expectProblem(await old!.get(`/api/merchants/${merchant}`), 404, 'not_found');
    expect((await next!.get(`/api/books?party_id=${merchant}`)).body.data).toHaveLength(1);
    const [after] = await tenant.rows('SELECT version FROM access_state');
    expect(Number(after?.version)).toBe(Number(before?.version) + 1);
    const [event] = (await owner.get(`/api/audit-logs?resource_id=${merchant}&action=merchant_transfer.carry_out`)).body
      .data;
    expect(event).toMatchObject({ actor_name: 'Test', delegator: { id: 'jobs' }, outcome: 'success' });
    expect((await owner.get('/api/merchant-transfers?status=done&limit=1')).body.data[0]).toMatchObject({ id });
  });

  test('is carried out once, however many runners try, and by the sweep when its job is gone', async () => {
    const waiting = await scheduled();
    await dayComes(waiting, 2);
    await tenant.rows(`DELETE FROM jobs WHERE input ->> 'transfer_id' = $1`, [waiting.transfer]);
    await tenant.rows(`INSERT INTO jobs (operation) VALUES ('housekeeping.sweep')`);
    await vi.waitFor(() => tenant.home.runJobs());
    // Of one that comes late, the day on which it did.
    expect(await read(waiting)).toMatchObject({ status: 'done', effective_date: await inDays(0) });
    const twice = await scheduled();
    // As when the tenant's zone has changed since: its day begins earlier than the job knows.
    await tenant.rows(`UPDATE jobs SET run_at = run_at + interval '5 hours' WHERE input ->> 'transfer_id' = $1`, [
      twice.transfer,
    ]);
    await tenant.rows('SELECT queue_transfers()');
    expect(await jobsOf(twice)).toEqual([{ state: 'queued', at_its_start: true }]);
    await dayComes(twice);
    await tenant.rows(
      `INSERT INTO jobs (operation, input) SELECT operation, input FROM jobs CROSS JOIN generate_series(1, 3) WHERE input ->> 'transfer_id' = $1`,
      [twice.transfer],
    );
    await Promise.all([tenant.home, tenant.anotherHome(), tenant.anotherHome()].map((home) => home.runJobs()));
    expect(await jobsOf(twice)).toEqual(Array(4).fill(expect.objectContaining({ state: 'succeeded' })));
    const [moves] = await tenant.rows(
      `SELECT count(*)::integer AS count FROM audit_changes WHERE row_id = $1 AND table_name = 'merchants' AND after ? 'merchant_org_id' AND verb = 'update'`,
      [twice.merchant],
    );
    expect([moves?.count, await orgOf(twice)]).toEqual([1, twice.to]);
  });

  const patch = (path: string, status: string) => owner.patch(path, { status });
  test.each<[string, string | undefined, (waiting: Waiting) => Promise<unknown>, string]>([
    [
      'its merchant is closed',
      undefined,
      ({ merchant }) => patch(`/api/merchants/${merchant}`, 'closed'),
      'A merchant that is closed stays where it is.',
    ],
    [
      'its merchant is archived',
      undefined,
      ({ merchant }) => owner.post(`/api/merchants/${merchant}/archive`, {}),
      'A merchant that is archived stays where it is.',
    ],
    ['the other is closed', undefined, ({ to }) => patch(`/api/merchant-orgs/${to}`, 'closed'), 'Cove is closed.'],
    [
      'the other is archived',
      undefined,
      ({ to }) => owner.post(`/api/merchant-orgs/${to}/archive`, {}),
      'Cove is archived.',
    ],
    [
      'the other is suspended while it is active',
      'active',
      async ({ to }) => {
        for (const status of ['active', 'suspended']) await patch(`/api/merchant-orgs/${to}`, status);
      },
      'Cove is suspended.',
    ],
  ])('fails when by its day %s, and the owners are told', async (_what, merchantStatus, happens, why) => {
    const waiting = await scheduled(10, merchantStatus);
    await happens(waiting);
    await dayComes(waiting);
    await vi.waitFor(() => tenant.home.runJobs());
    expect(await read(waiting)).toMatchObject({ status: 'failed', ended_because: why });
    expect(await orgOf(waiting)).toBe(waiting.from);
    expect(await mails('Pine Hair did not move to Cove')).toContainEqual(expect.stringContaining(why));
  });

  test('fails when nobody approved it, once its day is over', async () => {
    const waiting = await propose();
    await owner.patch(`/api/merchant-orgs/${waiting.to}`, { status: 'closed' });
    expectProblem(await approve(waiting), 422, 'invalid');
    await dayComes(waiting);
    await tenant.home.runJobs();
    expect((await read(waiting)).status).toBe('proposed');
    await dayComes(waiting, 1);
    expectProblem(await approve(waiting), 409, 'conflict');
    await tenant.rows(`INSERT INTO jobs (operation) VALUES ('housekeeping.sweep')`);
    await vi.waitFor(() => tenant.home.runJobs());
    expect(await read(waiting)).toMatchObject({
      status: 'failed',
      ended_because: 'Nobody else approved it before its day was over.',
    });
  });

  test('is the only one of its merchant, and can be cancelled until its day', async () => {
    for (const waiting of [await propose(), await scheduled()]) {
      const { merchant, to } = waiting;
      expectProblem(await transfer(merchant, to, (await preview(merchant, to)).body.digest), 409, 'conflict');
      expect((await cancel(waiting)).body).toMatchObject({ status: 'cancelled', ended_because: 'Not sold after all' });
      await dayComes(waiting);
      await tenant.home.runJobs();
      expect([(await read(waiting)).status, await orgOf(waiting)]).toEqual(['cancelled', waiting.from]);
      expect((await transfer(merchant, to, (await preview(merchant, to)).body.digest)).body.status).toBe('done');
    }
  });

  test('names a day of today or later, within a year', async () => {
    const to = await newOrg('Cove');
    const merchant = await newMerchant(await newOrg('Harbor'));
    const at = (effective_date: string) =>
      owner.post(`/api/merchants/${merchant}/transfer-preview`, { merchant_org_id: to, effective_date });
    for (const day of [await inDays(-1), await inDays(367), '2026-02-30', 'soon']) {
      const refused = await at(day);
      expectProblem(refused, 422, 'invalid');
      expect(Object.keys(refused.body.errors)).toEqual(['effective_date']);
    }
    const today = { merchant_org_id: to, effective_date: await inDays(0) };
    const { digest } = (await preview(merchant, to)).body;
    const done = await owner.post(`/api/merchants/${merchant}/transfer`, { ...today, digest, reason: 'Sold' });
    expect(done.body).toMatchObject({ status: 'done', merchant_org_id: to });
  });

  const ends = `ended_at = CASE WHEN $1::text IN ('done', 'failed', 'cancelled') THEN created_at END,
    outcome = CASE WHEN $1::text = 'done' THEN preview END,
    ended_because = CASE WHEN $1::text IN ('failed', 'cancelled') THEN 'x' END`;

  test('moves in SQL only as its machine says, past a second person never, and its terms never change', async () => {
    const { transfer: id } = await propose();
    const by = `approved_by = '{"id": "x"}', approved_at = created_at`;
    await walkInSql(tenant, merchantTransferStates, 'merchant_transfers', id, `, ${by}, ${ends}`);
    const { transfer: alone } = await propose();
    for (const [set, code] of [
      [`status = 'done', ended_at = now(), outcome = preview`, 'SCP01'],
      [`status = 'scheduled'`, '23514'],
      [`status = 'scheduled', approved_at = now(), approved_by = created_by`, '23514'],
      [`to_merchant_org_id = from_merchant_org_id`, 'SCP03'],
    ] as const) {
      const tried = tenant.arrange(`UPDATE merchant_transfers SET ${set} WHERE id = $1`, [alone]);
      await expect(tried, set).rejects.toMatchObject({ code });
    }
    await expect(tenant.arrange('DELETE FROM merchant_transfers')).rejects.toMatchObject({ code: 'SCP03' });
  });

  test('takes in every state exactly the steps that leave it', async () => {
    const steps: Record<string, (waiting: Waiting) => Promise<Answer>> = { approve, cancel };
    for (const state of statesOf(merchantTransferStates as StateMachine)) {
      for (const step of ['approve', 'cancel', 'carry_out']) {
        const waiting = await propose();
        const by = `approved_by = CASE WHEN $1 <> 'proposed' THEN '{"type": "staff", "id": "x", "name": "X"}'::jsonb END, approved_at = created_at`;
        await forceState(tenant, 'merchant_transfers', waiting.transfer, state, `, ${by}, ${ends}`);
        if (step === 'carry_out') {
          await dayComes(waiting);
          await vi.waitFor(() => tenant.home.runJobs());
          const status = state === 'scheduled' ? 'done' : state;
          expect([state, step, (await read(waiting)).status]).toEqual([state, step, status]);
        } else {
          const answer = await steps[step]!(waiting);
          const isMove = movesFrom(merchantTransferStates as StateMachine, state).includes(step);
          expect([state, step, answer.status]).toEqual([state, step, isMove ? 200 : 409]);
          if (!isMove) expect((await read(waiting)).status).toBe(state);
        }
      }
    }
  });
});
