import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { type Client, expectProblem } from '../support/door.ts';
import {
  assign,
  createParties,
  newPerson,
  type Parties,
  type Person,
  REASON,
  startViewing,
  stepUp,
} from '../support/impersonation.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let parties: Parties;
let support: Person;
let manager: Person;
let id: string;

/** Support has viewed as the manager of one merchant, looked, changed something, and was refused something. */
beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  parties = await createParties(tenant);
  support = await newPerson(tenant, { role: 'support' });
  manager = await newPerson(tenant, { role: 'merchant_manager', merchant_id: parties.merchant });
  id = (await startViewing(support.client, manager.id)).body.id;
  await support.client.get('/api/merchants');
  await support.client.get('/api/alerts');
  await stepUp(support.client);
  await support.client.patch(`/api/merchants/${parties.merchant}`, { phone: '555 0100' });
  await support.client.post(`/api/impersonations/${id}/end`, {});
});
afterAll(() => site?.stop());

const idsSeenBy = async (client: Client, query = '') =>
  (await client.get(`/api/impersonations${query}`)).body.data.map((each) => each.id);

describe('support access', () => {
  test('tells a merchant who looked as whom, why, for how long, and how much came of it', async () => {
    const told = (await manager.client.get(`/api/impersonations/${id}`)).body;
    expect(told).toMatchObject({
      impersonator: { id: support.id, name: 'Staff' },
      user: { id: manager.id, name: 'Staff' },
      reason: REASON,
      status: 'ended',
      ended_because: 'impersonator',
      stepped_up_at: expect.any(String),
      ended_at: expect.any(String),
      reads: 1,
      changes: 1,
      denials: 1,
      are_events_visible: true,
    });
    expect((await manager.client.get('/api/impersonations')).body.data).toEqual([told]);
  });

  test('tells what was seen, changed and refused, with before and after, and nothing about where staff sit', async () => {
    const events = (await manager.client.get(`/api/impersonations/${id}/events`)).body;
    expect(events.data).toMatchObject([
      { kind: 'read', action: 'merchant.list', changes: [] },
      { kind: 'denied', action: 'alert.list', changes: [] },
      {
        kind: 'change',
        action: 'merchant.update',
        resource_id: parties.merchant,
        changes: [{ table_name: 'merchants', verb: 'update', before: { phone: null }, after: { phone: '555 0100' } }],
      },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/address|user_agent/);
    const changes = await manager.client.get(`/api/impersonations/${id}/events?kind=change`);
    expect(changes.body.data.map(({ action }) => action)).toEqual(['merchant.update']);
  });

  test('is told to merchant staff of that scope, to their org and to staff of the tenant, and to nobody else', async () => {
    const at = (role: string, where: object) => newPerson(tenant, { role, ...where });
    const told = [
      await at('merchant_staff', { merchant_id: parties.merchant }),
      await at('merchant_manager', { merchant_org_id: parties.org }),
      await at('auditor', {}),
    ];
    const untold = [
      await at('merchant_manager', { merchant_id: parties.sibling }),
      await at('merchant_manager', { merchant_org_id: parties.other_org }),
    ];
    for (const { client } of told) {
      expect(await idsSeenBy(client)).toEqual([id]);
      expect((await client.get(`/api/impersonations/${id}/events`)).status).toBe(200);
    }
    for (const { client } of untold) {
      expect(await idsSeenBy(client)).toEqual([]);
      expectProblem(await client.get(`/api/impersonations/${id}`), 404, 'not_found');
      expectProblem(await client.get(`/api/impersonations/${id}/events`), 404, 'not_found');
    }
    const sales = await at('sales', {});
    expectProblem(await sales.client.get('/api/impersonations'), 403, 'forbidden');
  });

  test('of somebody of several merchants is told to each, but the details only to who may see all of them', async () => {
    const both = await newPerson(tenant, { role: 'merchant_manager', merchant_id: parties.sibling });
    await assign(tenant, both.id, 'merchant_manager', { merchant_id: parties.other });
    const started = await startViewing(support.client, both.id);
    await support.client.get('/api/merchants');
    await support.client.post(`/api/impersonations/${started.body.id}/end`, {});
    const one = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.other });
    const seen = await one.client.get(`/api/impersonations/${started.body.id}`);
    expect(seen.body).toMatchObject({ reason: REASON, are_events_visible: false });
    expectProblem(await one.client.get(`/api/impersonations/${started.body.id}/events`), 404, 'not_found');
    expect((await both.client.get(`/api/impersonations/${started.body.id}/events`)).body.data).toHaveLength(1);
  });

  test('stays on record where it happened, when people move on or are removed', async () => {
    const leaver = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.merchant });
    const started = await startViewing(support.client, leaver.id);
    await support.client.post(`/api/impersonations/${started.body.id}/end`, {});
    await tenant.arrange('DELETE FROM users WHERE id = $1', [leaver.id]);
    const told = await manager.client.get(`/api/impersonations/${started.body.id}`);
    expect(told.body.user).toEqual({ id: leaver.id, name: null });
    await tenant.arrange('DELETE FROM role_assignments WHERE user_id = $1', [manager.id]);
    const successor = await newPerson(tenant, { role: 'merchant_manager', merchant_id: parties.merchant });
    expect(await idsSeenBy(successor.client)).toContain(id);
  });

  test('is filtered by state and people, and paged', async () => {
    const target = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.other });
    const running = (await startViewing(support.client, target.id)).body.id;
    expect(await idsSeenBy(tenant.owner, '?status=active')).toEqual([running]);
    expect(await idsSeenBy(tenant.owner, '?status=ended')).not.toContain(running);
    expect(await idsSeenBy(tenant.owner, `?user_id=${target.id}`)).toEqual([running]);
    expect(await idsSeenBy(tenant.owner, `?impersonator_id=${target.id}`)).toEqual([]);
    const first = (await tenant.owner.get('/api/impersonations?limit=1')).body;
    expect(first.data[0]?.id).toBe(running);
    expect(await idsSeenBy(tenant.owner, `?limit=1&cursor=${first.next_cursor}`)).not.toContain(running);
    await support.client.post(`/api/impersonations/${running}/end`, {});
  });
});

test('what rules find suspicious in an impersonation is about who is behind it', async () => {
  const hour = new Date().getUTCHours();
  await tenant.arrange(
    `UPDATE alert_rules SET is_enabled = true, from_hour = $1, to_hour = $2 WHERE kind = 'odd_hours'`,
    [hour, (hour + 2) % 24],
  );
  const target = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.merchant });
  await tenant.rows('DELETE FROM sessions WHERE user_id = $1', [target.id]);
  await passHorizon(tenant.rows);
  await tenant.rows('SELECT watch_events()');
  await tenant.rows('DELETE FROM alert_signals');
  const started = await startViewing(support.client, target.id);
  await support.client.get('/api/merchants');
  await support.client.post(`/api/impersonations/${started.body.id}/end`, {});
  await passHorizon(tenant.rows);
  await tenant.rows('SELECT watch_events()');
  const subjects = (await tenant.rows('SELECT DISTINCT subject FROM alert_signals')).map(({ subject }) => subject);
  expect(subjects).toContain(support.id);
  expect(subjects).not.toContain(target.id);
});
