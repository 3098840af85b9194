import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { DomainError } from '../../server/operations/errors.ts';
import type { Runtime } from '../../server/operations/execute.ts';
import { runDueJobs } from '../../server/operations/jobs.ts';
import { defineOperation, type Operation } from '../../server/operations/operation.ts';
import { empty } from '../../server/operations/schemas.ts';
import { dueTenants } from '../../tenants/resolve.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let runner: Runtime;
let otherRunner: Runtime;
let ran: string[];
let behave: (name: string) => Promise<void>;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  runner = newRunner();
  otherRunner = newRunner();
});
afterAll(() => site?.stop());

beforeEach(async () => {
  ran = [];
  behave = async () => {};
  await tenant.rows('DELETE FROM jobs');
});

/** A handler of a test's own: an operation like any other. */
function handler(name: string): Operation {
  return defineOperation({
    name,
    kind: 'write',
    risk: 'write',
    permission: 'job:run',
    resource: 'job',
    summary: 'Does what the test says',
    input: empty,
    output: v.object({ done: v.string() }),
    closedDoors: { http: 'A test.', mcp: 'A test.' },
    run: async () => {
      await behave(name);
      ran.push(name);
      return { done: name };
    },
  }) as Operation;
}

/** A runner as a home of its own has it. */
function newRunner(): Runtime {
  const { runtime } = tenant.anotherHome();
  return {
    ...runtime,
    tenant: tenant.record,
    operations: [...runtime.operations, ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(handler)],
  };
}

async function queue(name: string, columns: Record<string, string> = {}): Promise<string> {
  const names = ['operation', ...Object.keys(columns)];
  const [row] = await tenant.rows(
    `INSERT INTO jobs (${names.join(', ')}) VALUES ('${name}'${Object.values(columns)
      .map((sql) => `, ${sql}`)
      .join('')}) RETURNING id`,
  );
  return String(row?.id);
}

const jobOf = async (id: string) =>
  (
    await tenant.rows(
      `SELECT state, attempts, result, problem, locked_until IS NOT NULL AS locked, finished_at IS NOT NULL AS finished,
         round(extract(epoch FROM run_at - now()))::integer AS due_in_seconds FROM jobs WHERE id = $1`,
      [id],
    )
  )[0];

describe('a runner', () => {
  test('carries out what is due, in order, and keeps the answer', async () => {
    const later = await queue('c', { run_at: `now() + interval '1 hour'` });
    const second = await queue('b', { run_at: `now() - interval '1 minute'` });
    await queue('a', { run_at: `now() - interval '2 minutes'` });
    expect(await runDueJobs(runner)).toBe(2);
    expect(ran).toEqual(['a', 'b']);
    expect(await jobOf(second)).toMatchObject({
      state: 'succeeded',
      attempts: 1,
      result: { done: 'b' },
      finished: true,
    });
    expect(await jobOf(later)).toMatchObject({ state: 'queued', attempts: 0 });
  });

  test('shares the work with others: every job is claimed once', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await queue(name);
    behave = () => new Promise((resolve) => setTimeout(resolve, 20));
    const done = await Promise.all([runDueJobs(runner), runDueJobs(otherRunner)]);
    expect(done.reduce((sum, each) => sum + each)).toBe(8);
    expect([...ran].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(done.every((each) => each > 0)).toBe(true);
  });

  test('audits a job like any other change', async () => {
    const id = await queue('a');
    await runDueJobs(runner);
    const events = await tenant.rows(
      'SELECT action, door, actor_type, actor_id FROM audit_events WHERE request_id = $1',
      [id],
    );
    expect(events).toEqual([{ action: 'a', door: 'job', actor_type: 'system', actor_id: 'jobs' }]);
  });
});

describe('a job that fails', () => {
  test('waits twice as long after every try, and is dead after the last', async () => {
    behave = () => Promise.reject(new DomainError('unavailable', 'Not now.'));
    const id = await queue('a', { max_attempts: '4' });
    const waits: unknown[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await runDueJobs(runner);
      const job = await jobOf(id);
      expect(job).toMatchObject({ state: 'queued', attempts: attempt, locked: false, finished: false });
      waits.push(job?.due_in_seconds);
      await tenant.rows('UPDATE jobs SET run_at = now() WHERE id = $1', [id]);
    }
    expect(waits).toEqual([5, 10, 20]);
    await runDueJobs(runner);
    const problem = { code: 'unavailable', detail: 'Not now.' };
    expect(await jobOf(id)).toMatchObject({ state: 'dead', attempts: 4, problem, finished: true });
    await tenant.rows('UPDATE jobs SET run_at = now() WHERE id = $1', [id]);
    expect(await runDueJobs(runner)).toBe(0);
  });

  test('of a bug is logged, and tells nothing of it', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    behave = () => Promise.reject(new Error('needle'));
    const id = await queue('a', { max_attempts: '1' });
    await runDueJobs(runner);
    expect(await jobOf(id)).toMatchObject({
      state: 'dead',
      problem: { code: 'internal', detail: 'The handler failed.' },
    });
    expect(logged).toHaveBeenCalledOnce();
    logged.mockClear();
  });

  test('of an operation that this version does not have says so', async () => {
    const id = await queue('nobody.knows', { max_attempts: '1' });
    await runDueJobs(runner);
    expect(await jobOf(id)).toMatchObject({ state: 'dead', problem: { code: 'not_found' } });
  });

  test('does not stop the jobs behind it', async () => {
    behave = async (name) => {
      if (name === 'a') throw new DomainError('conflict', 'No.');
    };
    await queue('a', { run_at: `now() - interval '1 minute'` });
    await queue('b');
    await runDueJobs(runner);
    expect(ran).toEqual(['b']);
  });
});

describe('a job whose runner died', () => {
  test('is left alone while its lease runs, and claimed by another after that', async () => {
    const id = await queue('a', { state: `'running'`, attempts: '1', locked_until: `now() + interval '1 minute'` });
    expect(await runDueJobs(runner)).toBe(0);
    await tenant.rows(`UPDATE jobs SET locked_until = now() - interval '1 second' WHERE id = $1`, [id]);
    expect(await runDueJobs(runner)).toBe(1);
    expect(await jobOf(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  test('is finished by the runner that claimed it last, whatever the late one says', async () => {
    const id = await queue('a', { every: `interval '1 hour'`, unique_key: `'recurring'` });
    let release = () => {};
    const isHeld = new Promise<void>((resolve) => {
      release = resolve;
    });
    let calls = 0;
    behave = async () => {
      calls += 1;
      if (calls === 1) await isHeld;
    };
    const late = runDueJobs(runner);
    await vi.waitFor(() => expect(calls).toBe(1));
    await tenant.rows(`UPDATE jobs SET locked_until = now() - interval '1 second' WHERE id = $1`, [id]);
    await runDueJobs(otherRunner);
    release();
    await late;
    expect(await jobOf(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
    const waiting = await tenant.rows(`SELECT state FROM jobs WHERE unique_key = 'recurring' AND state <> 'succeeded'`);
    expect(waiting).toEqual([{ state: 'queued' }]);
  });
});

test('a recurring job is queued again for its next turn, once', async () => {
  const id = await queue('a', { every: `interval '1 hour'`, unique_key: `'turn'` });
  await runDueJobs(runner);
  const rows = await tenant.rows(
    `SELECT id <> $1 AS is_next, state, round(extract(epoch FROM run_at - now()) / 60)::integer AS minutes
     FROM jobs WHERE unique_key = 'turn' ORDER BY state`,
    [id],
  );
  expect(rows).toEqual([
    { is_next: true, state: 'queued', minutes: 60 },
    { is_next: false, state: 'succeeded', minutes: 0 },
  ]);
});

describe('the tick', () => {
  const due = async () =>
    (await dueTenants(async (text, values) => (await site.database.admin.query(text, [...values])).rows)).map(
      ({ id }) => id,
    );

  test('wakes the tenants that have something due and no others, and each rests until its next job', async () => {
    const [first, second] = [site.tenants[0]!, site.tenants[1]!];
    for (const each of [first, second]) await each.home.runJobs();
    expect(await due()).toEqual([]);
    const [role] = (await second.owner.get('/api/roles')).body.data;
    await second.owner.post('/api/api-keys', { name: 'Till', role_id: role?.id });
    // An owner who has not accepted yet gets no mail, so the job is queued by hand.
    const client = await second.database.connectAs(second.record);
    await client.query(`INSERT INTO jobs (operation) VALUES ('housekeeping.sweep')`);
    await client.end();
    expect(await due()).toEqual([second.record.id]);
    expect(await second.home.runJobs()).toBeGreaterThan(0);
    expect(await due()).toEqual([]);
  });

  test('housekeeping drops what has expired and nothing else', async () => {
    await tenant.owner.post('/api/merchant-orgs', { name: 'A' }, { 'idempotency-key': 'old' });
    await tenant.owner.post('/api/merchant-orgs', { name: 'A' }, { 'idempotency-key': 'new' });
    await tenant.rows(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'`);
    await queue('housekeeping.sweep');
    await runDueJobs(runner);
    expect(await tenant.rows('SELECT key FROM idempotency_keys')).toEqual([{ key: 'new' }]);
  });
});
