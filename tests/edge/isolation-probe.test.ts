import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isolationProbe } from '../../server/contexts/health/operations.ts';
import type { Health, Probe } from '../../server/contexts/health/schemas.ts';
import { createNodeHome } from '../../server/node.ts';
import { systemActor } from '../../server/operations/actor.ts';
import { execute } from '../../server/operations/execute.ts';
import { type Stack, type StackTenant, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ tenants: 2 });
});
afterAll(() => stack?.stop());

const admin = async (of: StackTenant, statement: string, values: unknown[] = []) =>
  (await stack.database.admin.query(statement.replaceAll('OWN', of.record.schema), values)).rows;

async function healthOf(tenant: StackTenant): Promise<Health> {
  const answered = await stack.api(tenant, '/api/health');
  expect(answered.status).toBe(200);
  return (await answered.json()) as Health;
}

/** Ticks until nothing that is due is left. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const { woken } = (await (await stack.tick()).json()) as { woken: number };
    if (woken === 0) return;
    await sleep(50);
  }
}

/** A probe of the first tenant in this process, with surroundings of our own. */
async function probeWith(around: Parameters<typeof createNodeHome>[2]): Promise<Probe> {
  const home = createNodeHome(stack.settings, stack.tenant.record, around);
  try {
    const call = { requestId: 'probe', door: 'job' } as const;
    return (await execute(home.runtime, isolationProbe, systemActor('jobs'), {}, call)).data;
  } finally {
    await home.close();
  }
}

describe('in the built worker', () => {
  test('every tenant probes itself and a neighbour from the first tick on, and is healthy', async () => {
    await settle();
    for (const tenant of stack.tenants) {
      const health = await healthOf(tenant);
      expect(health).toMatchObject({ status: 'ok', reasons: [], jobs: { dead: 0 } });
      expect(health.dependencies.map(({ name, is_reachable }) => [name, is_reachable])).toEqual([
        ['database', true],
        ['catalog', true],
        ['rate_limits', true],
      ]);
      expect(health.probe).toMatchObject({ own_reads: 8, neighbour_reads: 8, findings: [] });
      expect(health.probe?.refused_schemas).toBeGreaterThan(0);
      const canaries = await admin(tenant, 'SELECT tenant_id FROM OWN.isolation_canaries');
      expect(canaries).toEqual([{ tenant_id: tenant.record.id }]);
      const [next] = await admin(
        tenant,
        `SELECT every::text FROM OWN.jobs WHERE operation = 'isolation.probe' AND state = 'queued'`,
      );
      expect(next).toEqual({ every: '00:15:00' });
    }
  });

  test('a schema that is open to another login is found, mailed to the owners, recorded, and turns the health', async () => {
    const [own, other] = stack.tenants as [StackTenant, StackTenant];
    await stack.database.admin.query(`GRANT USAGE ON SCHEMA ${other.record.schema} TO ${own.record.role}`);
    try {
      await admin(own, `UPDATE OWN.jobs SET run_at = now() WHERE operation = 'isolation.probe' AND state = 'queued'`);
      await stack.database.admin.query('INSERT INTO platform.wakes (tenant_id, due_at) VALUES ($1, now())', [
        own.record.id,
      ]);
      await settle();
    } finally {
      await stack.database.admin.query(`REVOKE USAGE ON SCHEMA ${other.record.schema} FROM ${own.record.role}`);
    }
    const health = await healthOf(own);
    expect(health.status).toBe('failing');
    expect(health.reasons).toContain('The last isolation probe failed.');
    expect(health.probe?.findings).toEqual(['The login of this tenant may look into the schema of another.']);
    const mails = await admin(own, 'SELECT recipient, subject FROM OWN.mailbox');
    expect(mails).toContainEqual({
      recipient: own.owner.email,
      subject: 'The isolation of your portal failed a check',
    });
    const events = await admin(own, `SELECT outcome, door FROM OWN.audit_events WHERE action = 'isolation.alarm'`);
    expect(events).toEqual([{ outcome: 'success', door: 'job' }]);
    expect((await healthOf(other)).status).toBe('ok');
  });
});

test('a neighbour whose home answers from the own schema, and a host that leads elsewhere, are findings', async () => {
  const [own, other] = stack.tenants as [StackTenant, StackTenant];
  const home = createNodeHome(stack.settings, own.record);
  const probe = await probeWith({
    around: {
      tenantAt: async () => other.record.id,
      neighbourOf: async () => ({ id: other.record.id, identify: () => home.identify() }),
    },
  });
  await home.close();
  expect(probe.findings).toEqual([
    'The host leads to another tenant.',
    'The home of another tenant was answered from the schema of another tenant.',
  ]);
});

test('a lone tenant probes itself', async () => {
  const around = { tenantAt: async () => stack.tenant.record.id, neighbourOf: async () => null };
  expect(await probeWith({ around })).toMatchObject({ own_reads: 8, neighbour_reads: 0, findings: [] });
});

test('dead jobs ask for attention', async () => {
  const tenant = stack.tenants[1]!;
  await admin(tenant, `INSERT INTO OWN.jobs (operation, input, state) VALUES ('nobody.does', '{}', 'dead')`);
  expect(await healthOf(tenant)).toMatchObject({ status: 'attention', jobs: { dead: 1 } });
});
