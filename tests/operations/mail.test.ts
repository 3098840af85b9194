import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Health } from '../../server/contexts/health/schemas.ts';
import { housekeepingSweep, outboxDeliver } from '../../server/contexts/job/operations.ts';
import type { Home } from '../../server/home.ts';
import { systemActor } from '../../server/operations/actor.ts';
import { execute } from '../../server/operations/execute.ts';
import { expectProblem } from '../support/door.ts';
import { tablesWith } from '../support/tables-with.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
let site: Site;
let tenant: TestTenant;
let local: Home;

beforeAll(async () => {
  site = await startSite({ settings: { LOCAL_MAILBOX: '' } });
  tenant = site.tenants[0]!;
  local = tenant.anotherHome({ LOCAL_MAILBOX: 'on' });
  await tenant.createUser({ email: 'forgot@acme.test', password });
});
afterAll(() => site?.stop());

const run = (home: Home, operation: typeof outboxDeliver | typeof housekeepingSweep) =>
  execute<object, unknown>(home.runtime, operation, systemActor('jobs'), {}, { requestId: 'mail', door: 'job' });

async function waitingBody(subject: string): Promise<string> {
  const [row] = await tenant.rows(`SELECT payload FROM outbox WHERE payload ->> 'subject' LIKE $1`, [`${subject}%`]);
  if (!row) throw new Error('There is no such mail');
  const { recipient, sealed_body: sealed } = row.payload as { recipient: string; sealed_body: string };
  return tenant.home.runtime.services.sealer.open(`mail ${recipient}`, sealed);
}

test('tokens of invitations, resets and sessions stand in no table, and links only in the mailbox until they end', async () => {
  const signIn = (agent: string) =>
    tenant.as(null).post('/api/sessions', { email: 'forgot@acme.test', password }, { 'user-agent': agent });
  await signIn('curl/8');
  const signedIn = await signIn('Firefox/130');
  const cookie = /=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1] ?? '';
  await tenant.as(null).post('/api/password-resets', { email: 'forgot@acme.test' });
  await tenant.home.runJobs();
  const token = /\/reset\/(\S+)/.exec(await waitingBody('Reset'))?.[1] ?? '';
  const notice = 'Somebody signed in to your account';
  expect(await waitingBody('New sign-in')).toContain(notice);
  for (const secret of [tenant.invitationToken, tenant.apiKey, cookie, token]) {
    expect(secret.length).toBeGreaterThan(20);
    expect(await tablesWith(tenant, secret)).toEqual([]);
  }
  expect(await tablesWith(tenant, notice)).toEqual([]);

  await run(local, outboxDeliver);
  for (const text of [token, notice]) expect(await tablesWith(tenant, text)).toEqual(['mailbox']);
  expect(await tenant.rows(`SELECT FROM outbox WHERE payload ? 'sealed_body'`)).toEqual([]);

  await tenant.rows(`UPDATE mailbox SET expires_at = now() - interval '1 second' WHERE subject LIKE 'Reset%'`);
  const listed = await local.fetch(
    new Request(`${tenant.origin}/api/mailbox`, { headers: { authorization: `Bearer ${tenant.apiKey}` } }),
  );
  expect(await listed.text()).not.toContain(token);
  await run(local, housekeepingSweep);
  expect(await tablesWith(tenant, token)).toEqual([]);
  expect(await tablesWith(tenant, notice)).toEqual(['mailbox']);
});

test('without a way out mail waits, the health of the system says so, and it leaves when there is one', async () => {
  await tenant.as(null).post('/api/password-resets', { email: 'forgot@acme.test' });
  await tenant.home.runJobs();
  const [job] = await tenant.rows(`SELECT state, result FROM jobs WHERE operation = 'outbox.deliver' ORDER BY id DESC`);
  expect(job).toEqual({ state: 'succeeded', result: { delivered: 0 } });
  const waiting = await tenant.owner.get('/api/health');
  const { mail } = waiting.body as unknown as Health;
  expect(mail.can_leave).toBe(false);
  expect(mail.waiting).toBeGreaterThan(0);
  expect(waiting.body.reasons).toContain('Mail waits: no e-mail provider is connected.');
  expect(await run(local, outboxDeliver)).toMatchObject({ data: { delivered: mail.waiting } });
  expect((await tenant.owner.get('/api/health')).body).toMatchObject({ mail: { waiting: 0 } });
});

test('mail that waited until its link ended is never delivered and loses its text', async () => {
  await tenant.as(null).post('/api/password-resets', { email: 'forgot@acme.test' });
  await tenant.home.runJobs();
  const [late] = await tenant.rows(
    `UPDATE outbox SET expires_at = now() - interval '1 second' WHERE delivered_at IS NULL RETURNING id,
       expires_at < created_at + interval '1 hour' AS is_short`,
  );
  expect(late).toMatchObject({ is_short: true });
  expect(await run(local, outboxDeliver)).toMatchObject({ data: { delivered: 0 } });
  await run(local, housekeepingSweep);
  expect(await tenant.rows('SELECT payload, delivered_at FROM outbox WHERE id = $1', [late?.id])).toEqual([
    {
      payload: { recipient: 'forgot@acme.test', subject: expect.stringMatching(/^Reset/), origin: expect.any(String) },
      delivered_at: null,
    },
  ]);
  await tenant.rows(`UPDATE outbox SET created_at = now() - interval '31 days' WHERE id = $1`, [late?.id]);
  await run(local, housekeepingSweep);
  expect(await tenant.rows('SELECT FROM outbox WHERE id = $1', [late?.id])).toEqual([]);
});

test('elsewhere than on a local system there is no mailbox, not even for owners', async () => {
  const answer = await tenant.owner.get('/api/mailbox');
  expectProblem(answer, 404, 'not_found');
  expect(answer.body.detail).toContain('no mailbox here');
  expectProblem(await tenant.as(await tenant.createKey({ role: 'auditor' })).get('/api/mailbox'), 403, 'forbidden');
});

test('what is over is kept as many days as the tenant says, and goes in batches; the books and the trail stay', async () => {
  const set = (retention_days: unknown) => tenant.owner.patch('/api/tenants/current', { retention_days });
  for (const wrong of [6, 3651, 7.5, '30', null]) expectProblem(await set(wrong), 422, 'invalid');
  await tenant.rows(
    `INSERT INTO jobs (operation, state, finished_at) SELECT 'old', 'succeeded', now() - interval '20 days' FROM generate_series(1, 5)`,
  );
  await tenant.rows(
    `INSERT INTO jobs (operation, state, finished_at) VALUES ('old', 'dead', now() - interval '20 days')`,
  );
  await tenant.rows(
    `UPDATE outbox SET created_at = now() - interval '20 days', expires_at = now() - interval '6 days'`,
  );
  const [mails] = await tenant.rows('SELECT count(*)::integer AS count FROM outbox');
  const [events] = await tenant.rows('SELECT count(*)::integer AS count FROM audit_events');
  const left = async () => (await tenant.rows(`SELECT state FROM jobs WHERE operation = 'old' ORDER BY state`)).length;
  await run(local, housekeepingSweep);
  expect(await left()).toBe(6);
  expect((await set(14)).body.retention_days).toBe(14);
  const [batch] = await tenant.rows('SELECT prune_kept(2) AS pruned');
  expect(batch?.pruned).toMatchObject({ jobs: 2, mails: 2 });
  expect(await left()).toBe(4);
  const { data } = await run(local, housekeepingSweep);
  expect(data).toMatchObject({ pruned: { jobs: 3, mails: Number(mails?.count) - 2 } });
  expect(await tenant.rows(`SELECT state FROM jobs WHERE operation = 'old'`)).toEqual([{ state: 'dead' }]);
  const [now] = await tenant.rows('SELECT count(*)::integer AS count FROM audit_events');
  expect(Number(now?.count)).toBeGreaterThan(Number(events?.count));
});
