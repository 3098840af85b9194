import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../../scripts/local/system.ts';
import type { WorkerdServer } from '../../scripts/local/workerd.ts';
import { type Client, createClient, untilStatus } from '../../scripts/prove/client.ts';
import { auditLedgers, newPosting, openLedger, send } from '../../scripts/prove/postings.ts';
import { hostFetch } from '../support/host-fetch.ts';

const REQUESTS = 300;

let system: LocalSystem;
let client: Client;
let second: WorkerdServer;
let otherClient: Client;
let tenants: [SystemTenant, SystemTenant];

beforeAll(async () => {
  system = await startLocalSystem({ log: () => {} });
  client = createClient(system.workerPort);
  second = await system.addWorker();
  otherClient = createClient(second.port);
  tenants = [await system.createTenant('canary-a'), await system.createTenant('canary-b')];
});

afterAll(async () => {
  client?.close();
  otherClient?.close();
  const errors = system?.logs.filter((line) => line.startsWith('error:'));
  await system?.stop();
  expect(errors).toEqual([]);
});

async function asAdmin(statement: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const admin = new pg.Client({ connectionString: system.adminUrl });
  await admin.connect();
  const { rows } = await admin.query(statement, values);
  await admin.end();
  return rows;
}

/** A name that only rows of this tenant bear. */
function canaryOf(tenant: SystemTenant): string {
  return `only-${tenant.slug}-sees-this`;
}

function otherOf(tenant: SystemTenant): SystemTenant {
  return tenant === tenants[0] ? tenants[1] : tenants[0];
}

const READS = ['/api/merchant-orgs', '/api/users', '/api/tenants', '/api/audit-logs', '/api/accounts', '/api/books'];

async function visit(tenant: SystemTenant, index: number): Promise<string> {
  if (index % 6 === 0) {
    const made = await client.api(tenant, '/api/merchant-orgs', { json: { name: `${canaryOf(tenant)} ${index}` } });
    expect(made.status).toBe(201);
    return made.text;
  }
  const read = await client.api(tenant, READS[index % READS.length]!);
  expect(read.status).toBe(200);
  return read.text;
}

test('hundreds of interleaved requests of two tenants in one isolate: neither ever sees a row of the other', async () => {
  const seen = await Promise.all(
    Array.from({ length: REQUESTS }, async (_, index) => {
      const tenant = tenants[index % 2]!;
      return { tenant, text: await visit(tenant, Math.floor(index / 2)) };
    }),
  );
  for (const { tenant, text } of seen) {
    expect(text).not.toContain(canaryOf(otherOf(tenant)));
    expect(text).not.toContain(otherOf(tenant).record.id);
    expect(text).not.toContain(`owner@${otherOf(tenant).slug}`);
  }
  expect(seen.filter(({ tenant, text }) => text.includes(canaryOf(tenant))).length).toBeGreaterThan(REQUESTS / 6);
});

test("a tenant's key does not open the other tenant, however often its own home was used", async () => {
  const [own, other] = tenants;
  const crossed = await Promise.all(
    Array.from({ length: 20 }, () => client.api({ slug: other.slug, apiKey: own.apiKey }, '/api/merchant-orgs')),
  );
  expect(crossed.map(({ status }) => status)).toEqual(crossed.map(() => 401));
});

test('two workers on one database post the same requests at the same time: each takes effect once, all answers agree', async () => {
  const ledger = await openLedger(client, tenants[0]);
  const postings = Array.from({ length: 60 }, (_, index) => newPosting(ledger, index));
  const answers = await Promise.all(
    postings.map(async (posting) => {
      const twins = [posting, { ...posting }, { ...posting }, { ...posting }];
      await Promise.all(twins.map((twin, index) => send(index % 2 === 0 ? client : otherClient, twin)));
      return twins.map(({ status, text }) => ({ status, text }));
    }),
  );
  for (const twins of answers) {
    expect(twins).toEqual(twins.map(() => twins[0]));
    expect(twins[0]?.status).toBe(201);
  }
  const { found, unbalanced } = await auditLedgers(system.adminUrl, [ledger]);
  expect(postings.map(({ key }) => found.get(key))).toEqual(postings.map(() => 1));
  expect(unbalanced).toBe(0);
});

test('a worker that vanishes in the middle loses nothing for the other, and comes back knowing everything', async () => {
  const ledger = await openLedger(client, tenants[1]);
  const postings = Array.from({ length: 80 }, (_, index) => newPosting(ledger, index));
  const sent = Promise.all(postings.map((posting) => send(client, posting)));
  await sleep(40);
  await system.killWorker();
  await sent;
  // The same keys, at the worker that is left and at the one that starts again.
  const taken = postings.map((posting) => ({ ...posting, before: { ...posting } }));
  await Promise.all(taken.map((posting) => send(otherClient, posting)));
  expect(taken.map(({ status }) => status)).toEqual(taken.map(() => 201));
  for (const { before, text } of taken) if (before.status === 201) expect(text).toBe(before.text);
  await system.startWorker();
  await untilStatus(() => client.api(tenants[1], '/api/accounts'), 200);
  const again = postings.map((posting) => ({ ...posting }));
  await Promise.all(again.map((posting) => send(client, posting)));
  expect(again.map(({ text }) => text)).toEqual(taken.map(({ text }) => text));
  const { found } = await auditLedgers(system.adminUrl, [ledger]);
  expect(postings.map(({ key }) => found.get(key))).toEqual(postings.map(() => 1));
});

test('jobs are carried out once, though two workers tick at the same time, again and again', async () => {
  const { schema } = tenants[0].record;
  await asAdmin(
    `INSERT INTO ${schema}.jobs (operation, input, run_at)
     SELECT 'housekeeping.sweep', '{}', now() FROM generate_series(1, 25)`,
  );
  await asAdmin('INSERT INTO platform.wakes (tenant_id, due_at) VALUES ($1, now())', [tenants[0].record.id]);
  const tick = (port: number) => hostFetch(port, 'tick', '/', { method: 'POST' }).then((answer) => answer.status);
  const done = async () => {
    const [row] = await asAdmin(
      `SELECT count(*) FILTER (WHERE state = 'succeeded' AND attempts = 1)::integer AS once, count(*)::integer AS all
         FROM ${schema}.jobs WHERE operation = 'housekeeping.sweep' AND every IS NULL`,
    );
    return row;
  };
  for (let round = 0; round < 20 && (await done())?.once !== 25; round += 1) {
    await Promise.all([tick(system.tickPort()), tick(second.tickPort), tick(system.tickPort()), tick(second.tickPort)]);
  }
  expect(await done()).toEqual({ once: 25, all: 25 });
  // Each left its one audit event.
  const [events] = await asAdmin(
    `SELECT count(*)::integer AS count, count(DISTINCT request_id)::integer AS distinct FROM ${schema}.audit_events
      WHERE action = 'housekeeping.sweep' AND door = 'job'
        AND request_id IN (SELECT id::text FROM ${schema}.jobs WHERE every IS NULL)`,
  );
  expect(events).toEqual({ count: 25, distinct: 25 });
});
