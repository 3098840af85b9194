import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { intersectScopes } from '../../server/auth/impersonation.ts';
import { isIdleWhileImpersonating, refuseWhileImpersonating } from '../../server/operations/impersonated.ts';
import { operations, permissions } from '../../server/operations/registry.ts';
import { expectProblem } from '../support/door.ts';
import {
  assign,
  createParties,
  newPerson,
  type Parties,
  type Person,
  startViewing,
  stepUp,
} from '../support/impersonation.ts';
import { codeOf, ownFactor } from '../support/second-factor.ts';
import { type Holding, type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let parties: Parties;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  parties = await createParties(tenant);
});
afterAll(() => site?.stop());

const manager = (holding: Holding = {}) =>
  newPerson(tenant, { role: 'merchant_manager', merchant_id: parties.merchant, ...holding });
const namesSeenBy = async ({ client }: Person) =>
  (await client.get('/api/merchants?sort=name')).body.data.map(({ name }) => name);

/** Somebody who views as another, with what each may do. */
async function viewing(by: Holding = { role: 'support' }, as: Holding = {}) {
  const [staff, target] = [await newPerson(tenant, by), await manager(as)];
  const started = await startViewing(staff.client, target.id);
  expect(started.status, started.text).toBe(201);
  return { staff, target, id: started.body.id };
}

describe('rights', () => {
  test('are those that both have, permission by permission', async () => {
    // Support may update merchants but not read payouts; a manager the other way round has no right to accounts.
    const { staff } = await viewing(
      { role: 'support' },
      { role: ['merchant:read', 'payout:read', 'impersonation:read'] },
    );
    expect((await staff.client.get('/api/merchants')).status).toBe(200);
    expectProblem(await staff.client.get('/api/payouts'), 403, 'forbidden');
    expectProblem(await staff.client.get('/api/accounts'), 403, 'forbidden');
    expectProblem(await staff.client.get('/api/users'), 403, 'forbidden');
  });

  test('hold where both hold: within an org, one merchant of it, or nowhere', async () => {
    const custom = ['user:impersonate', 'merchant:read'];
    const target = await newPerson(tenant, { role: 'merchant_manager', merchant_org_id: parties.org });
    const cases: [Holding, string[]][] = [
      [{ role: custom }, ['Harbor Gym', 'Harbor Spa']],
      [{ role: custom, merchant_org_id: parties.org }, ['Harbor Gym', 'Harbor Spa']],
      [{ role: custom, merchant_id: parties.sibling }, ['Harbor Gym']],
    ];
    // Who holds one merchant sees nobody of its org, but a colleague who also has that merchant.
    await assign(tenant, target.id, 'merchant_staff', { merchant_id: parties.sibling });
    for (const [holding, names] of cases) {
      const staff = await newPerson(tenant, holding);
      expect((await startViewing(staff.client, target.id)).status).toBe(201);
      expect(await namesSeenBy(staff)).toEqual(names);
    }
    const byOrg = await newPerson(tenant, { role: custom, merchant_org_id: parties.org });
    const both = await manager();
    await assign(tenant, both.id, 'merchant_manager', { merchant_id: parties.other });
    expect((await startViewing(byOrg.client, both.id)).status).toBe(201);
    expect(await namesSeenBy(byOrg)).toEqual(['Harbor Spa']);
    expectProblem(await byOrg.client.get(`/api/merchants/${parties.other}`), 404, 'not_found');
  });

  test('follow the intersection of scopes', () => {
    const all = { all: true, merchant_org_ids: [], merchant_ids: [] };
    const of = (merchant_org_ids: string[], merchant_ids: string[] = []) => ({
      all: false,
      merchant_org_ids,
      merchant_ids,
    });
    const orgOf = { m1: 'o1', m2: 'o1', m3: 'o2' };
    expect(intersectScopes(all, of(['o1']), orgOf)).toEqual(of(['o1']));
    expect(intersectScopes(of([], ['m1']), all, orgOf)).toEqual(of([], ['m1']));
    expect(intersectScopes(of(['o1', 'o2']), of(['o2'], ['m1']), orgOf)).toEqual(of(['o2'], ['m1']));
    expect(intersectScopes(of(['o1']), of([], ['m1', 'm3']), orgOf)).toEqual(of([], ['m1']));
    expect(intersectScopes(of([], ['m1']), of([], ['m2']), orgOf)).toBeNull();
    expect(intersectScopes(of([], ['unknown']), of(['']), orgOf)).toBeNull();
  });

  test('of a person who has to set up a second factor first are none', async () => {
    const { staff, target } = await viewing({ role: 'support' }, { role: ['merchant:read'] });
    await tenant.arrange(
      `UPDATE roles SET requires_second_factor = true WHERE id IN (SELECT role_id FROM role_assignments WHERE user_id = $1)`,
      [target.id],
    );
    expectProblem(await staff.client.get('/api/merchants'), 403, 'impersonation_over');
    await staff.client.post(
      `/api/impersonations/${(await tenant.owner.get('/api/impersonations?limit=1')).body.data[0]!.id}/end`,
      {},
    );
    expect((await startViewing(staff.client, target.id)).status).toBe(201);
    expectProblem(await staff.client.get('/api/merchants'), 403, 'forbidden');
  });
});

describe('reading', () => {
  test('leaves an event with both identities, through every door, and so does a denial', async () => {
    const { staff, target, id } = await viewing();
    await staff.client.get(`/api/merchants/${parties.merchant}`, { 'x-request-id': 'looked' });
    await staff.client.get('/api/alerts', { 'x-request-id': 'denied' });
    await staff.client.post(
      '/mcp',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'merchant.list', arguments: {} } },
      { 'x-request-id': 'by-tool', accept: 'application/json, text/event-stream' },
    );
    const both = {
      actor_id: target.id,
      impersonator: { type: 'staff', id: staff.id, name: 'Staff', impersonation_id: id },
    };
    const events = await tenant.rows(
      `SELECT request_id, action, outcome, actor_id, impersonator, resource_id, details ->> 'summary' AS summary
       FROM audit_events WHERE request_id IN ('looked', 'denied', 'by-tool') ORDER BY id`,
    );
    expect(events).toEqual([
      {
        request_id: 'looked',
        action: 'merchant.get',
        outcome: 'success',
        resource_id: parties.merchant,
        summary: 'Read a merchant, while impersonating',
        ...both,
      },
      {
        request_id: 'denied',
        action: 'alert.list',
        outcome: 'denied',
        resource_id: null,
        summary: 'Denied: List alerts about suspicious activity',
        ...both,
      },
      {
        request_id: 'by-tool',
        action: 'merchant.list',
        outcome: 'success',
        resource_id: null,
        summary: 'List merchants, while impersonating',
        ...both,
      },
    ]);
  });

  test('of a whole list as a file is taking something away, and waits for the step-up', async () => {
    const { staff } = await viewing();
    expectProblem(await staff.client.get('/api/merchants?format=csv'), 403, 'step_up_required');
    await stepUp(staff.client);
    const file = await staff.client.get('/api/merchants?format=csv', { 'x-request-id': 'exported' });
    expect(file.text).toContain('Harbor Spa');
    const events = await tenant.rows(
      `SELECT action, impersonator ->> 'id' AS by FROM audit_events WHERE request_id = 'exported'`,
    );
    expect(events.map(({ by }) => by)).toEqual([staff.id, staff.id, staff.id]);
  });
});

/** Everything but reads, with what each needs to be proof of the order of refusals: none reaches its own checks. */
const writing = operations.filter(
  ({ kind, isForImpersonators, http }) => kind !== 'read' && !isForImpersonators && http,
);
const over = {
  id: 'x',
  user: { id: 'y', name: 'Y', email: '' },
  reason: '',
  startedAt: '',
  expiresAt: '',
  isSteppedUp: true,
  isOver: true,
  endedBecause: null,
};
const someId = '0190a0a0-0000-7000-8000-000000000000';

describe('every operation of the registry that changes something', () => {
  let staff: Person;
  beforeAll(async () => {
    staff = (await viewing({ role: 'owner' }, { role: ['merchant:read'] })).staff;
  });
  const send = ({ method, path }: NonNullable<(typeof writing)[number]['http']>) =>
    staff.client.send(method, path.replace('{id}', someId), method === 'DELETE' ? {} : { json: {} });

  test.each(writing)('$name is refused before a step-up', async ({ name, http }) => {
    const refused = await send(http!);
    expect(['step_up_required', 'not_while_impersonating'], refused.text).toContain(refused.body.code);
    expectProblem(refused, 403);
    const [event] = await tenant.rows(
      `SELECT action, outcome, impersonator ->> 'id' AS by FROM audit_events WHERE request_id = $1`,
      [refused.body.request_id],
    );
    expect(event).toEqual({ action: name, outcome: 'denied', by: staff.id });
  });

  test('after it writes are open to their own checks; money, credentials, what destroys and the own account never are', async () => {
    expect((await stepUp(staff.client)).status).toBe(200);
    const codes = new Map<string, unknown>();
    for (const { name, http } of writing) codes.set(name, (await send(http!)).body.code);
    for (const { name, risk, permission } of writing) {
      const isOpen = risk === 'write' && permission !== null;
      expect([name, codes.get(name)]).toEqual([name, isOpen ? 'forbidden' : 'not_while_impersonating']);
    }
    expect([...codes.values()].filter((code) => code === 'forbidden').length).toBeGreaterThan(10);
    expect(writing.filter(({ risk }) => risk === 'money').length).toBeGreaterThan(10);
  });
});

test('an impersonation that is over opens nothing but leaving', () => {
  const actor = { type: 'staff', id: someId, name: 'X', grants: [], impersonation: over } as const;
  for (const operation of operations) {
    const attempt = () => refuseWhileImpersonating(operation, actor);
    if (operation.isForImpersonators) expect(attempt).not.toThrow();
    else expect(attempt, operation.name).toThrow(/go on as yourself/);
  }
  const open = operations.filter(({ isForImpersonators }) => isForImpersonators).map(({ name }) => name);
  expect(open.sort()).toEqual(['impersonation.end', 'impersonation.step_up', 'session.delete']);
});

describe('what pages offer somebody who views as another', () => {
  const acting = (isSteppedUp: boolean) =>
    ({
      type: 'staff',
      id: someId,
      name: 'X',
      grants: [],
      impersonation: { ...over, isOver: false, isSteppedUp },
    }) as const;
  const offered = (isSteppedUp: boolean) =>
    permissions.filter((permission) => !isIdleWhileImpersonating(permission, acting(isSteppedUp), operations));

  test('is to read before a step-up, and nothing that would be refused', () => {
    const changing = operations.filter(({ kind }) => kind !== 'read').map(({ permission }) => permission);
    expect(offered(false)).toContain('merchant:read');
    expect(offered(false).filter((permission) => changing.includes(permission))).toEqual([]);
    for (const permission of ['merchant:update', 'appointment:book', 'transaction:post', 'transaction:post_raw'])
      expect(offered(false)).not.toContain(permission);
  });

  test('is after it what may be written, and neither money, credentials nor what destroys', () => {
    expect(offered(true)).toEqual(expect.arrayContaining([...offered(false), 'merchant:update', 'appointment:book']));
    for (const permission of [
      'customer_payment:take',
      'payout:create',
      'role:update',
      'api_key:create',
      'transaction:post',
    ])
      expect(offered(true)).not.toContain(permission);
  });

  test('is nothing once it is over, and everything to who acts as themself', () => {
    const gone = { type: 'staff', id: someId, name: 'X', grants: [], impersonation: over } as const;
    const self = { type: 'staff', id: someId, name: 'X', grants: [] } as const;
    expect(permissions.filter((permission) => !isIdleWhileImpersonating(permission, gone, operations))).toEqual([]);
    expect(permissions.filter((permission) => isIdleWhileImpersonating(permission, self, operations))).toEqual([]);
  });
});

describe('a step-up', () => {
  test('opens writing for the rest of that impersonation, under both names', async () => {
    const { staff, target, id } = await viewing();
    const change = (headers = {}) =>
      staff.client.patch(`/api/merchants/${parties.merchant}`, { phone: '555 0100' }, headers);
    expectProblem(await change(), 403, 'step_up_required');
    expect((await stepUp(staff.client)).status).toBe(200);
    expect((await change({ 'x-request-id': 'changed-as' })).status).toBe(200);
    const [event] = await tenant.rows(
      `SELECT actor_id, impersonator FROM audit_events WHERE request_id = 'changed-as'`,
    );
    expect(event).toMatchObject({ actor_id: target.id, impersonator: { id: staff.id, impersonation_id: id } });
    await staff.client.post(`/api/impersonations/${id}/end`, {});
    await startViewing(staff.client, target.id);
    expectProblem(await change(), 403, 'step_up_required');
  });

  test('lets nobody accept terms for another, and what is done later tells who asked for it', async () => {
    const { staff, target, id } = await viewing({ role: 'owner' });
    await stepUp(staff.client);
    const accepted = await staff.client.post(`/api/onboarding/${parties.merchant}/accept-terms`, { version: '1' });
    expectProblem(accepted, 403, 'not_while_impersonating');
    const file = { kind: 'end_customer', merchant_id: parties.merchant, csv: 'Name\nA\n' };
    const imported = (await staff.client.post('/api/imports', file)).body.id;
    expect((await staff.client.post(`/api/imports/${imported}/check`, {})).status).toBe(202);
    await tenant.home.runJobs();
    const [event] = await tenant.rows(
      `SELECT actor_id, impersonator FROM audit_events WHERE action = 'import.examine' AND resource_id = $1`,
      [imported],
    );
    expect(event).toMatchObject({ actor_id: target.id, impersonator: { id: staff.id, impersonation_id: id } });
  });

  test('asks who has a second factor for a code of it, once', async () => {
    const { staff, target } = await viewing();
    await ownFactor(tenant, staff.email, 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
    // The factor of the person who is viewed as is of no use.
    await ownFactor(tenant, target.email, 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU');
    expectProblem(await stepUp(staff.client), 401, 'second_factor_required');
    const theirs = await codeOf('KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU');
    expectProblem(await stepUp(staff.client, { totp: theirs }), 401, 'second_factor_wrong');
    const totp = await codeOf('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
    expect((await stepUp(staff.client, { totp })).status).toBe(200);
    expectProblem(await stepUp(staff.client, { totp }), 401, 'second_factor_wrong');
  });
});

describe('the database by itself', () => {
  const workOf = (more: Record<string, unknown>, operation = 'merchant.update') => ({
    operation,
    summary: 'Tried past the code',
    actor: { type: 'staff', id: someId, name: 'X', ...more },
    request: { id: 'wall', door: 'api' },
  });
  const begin = (work: object) =>
    tenant.rows('SELECT work_begin($1)', [JSON.stringify(work)]).then(
      () => 'begun',
      (error: Error) => error.message,
    );

  test('refuses a unit of work whose impersonation is unknown, another person’s, not stepped up, or ended', async () => {
    const { staff, target, id } = await viewing();
    const by = { type: 'staff', id: staff.id, name: 'Staff', impersonation_id: id };
    const work = workOf({ id: target.id, impersonator: by });
    expect(await begin(workOf({ id: target.id, impersonator: { ...by, impersonation_id: someId } }))).toBe(
      'impersonation_over',
    );
    expect(await begin(workOf({ id: target.id, impersonator: { id: staff.id } }))).toBe('impersonation_over');
    expect(await begin(workOf({ id: someId, impersonator: by }))).toBe('impersonation_over');
    expect(await begin(workOf({ id: target.id, impersonator: { ...by, id: someId } }))).toBe('impersonation_over');
    expect(await begin(work)).toBe('step_up_required');
    await stepUp(staff.client);
    expect(await begin(work)).toBe('begun');
    const posting = 'SELECT post_transactions($1::jsonb, NULL, NULL, NULL, NULL, NULL, NULL)';
    await expect(tenant.rows(posting, [JSON.stringify(work)])).rejects.toThrow('not_while_impersonating');
    await tenant.owner.post(`/api/impersonations/${id}/end`, {});
    expect(await begin(work)).toBe('impersonation_over');
    await expect(tenant.rows('SELECT work_read($1)', [JSON.stringify(work)])).rejects.toThrow('impersonation_over');
  });

  test('lets nobody change the reason, the people or the time, nor keep one for more than an hour', async () => {
    const { id } = await viewing();
    const as = (statement: string) =>
      tenant.rows(`SET ROLE ${tenant.record.role}`).then(() =>
        tenant.rows(statement, [id]).then(
          () => 'done',
          (error: Error) => error.message,
        ),
      );
    for (const change of [`reason = 'x'`, `expires_at = now() + interval '1 minute'`, 'user_id = uuidv7()']) {
      expect(await as(`UPDATE impersonations SET ${change} WHERE id = $1`)).toContain('permission denied');
    }
    expect(await as('DELETE FROM impersonations WHERE id = $1')).toContain('permission denied');
    expect(await as('UPDATE impersonations SET stepped_up_at = now() WHERE id = $1')).toContain(
      'outside an audited unit',
    );
    await tenant.rows('RESET ROLE');
    const longer = `UPDATE impersonations SET expires_at = created_at + interval '61 minutes' WHERE id = $1`;
    await expect(tenant.arrange(longer, [id])).rejects.toThrow('impersonations_last_an_hour');
  });

  test('records a read without letting rows change by it', async () => {
    const { staff, target, id } = await viewing();
    const by = { type: 'staff', id: staff.id, name: 'Staff', impersonation_id: id };
    const work = JSON.stringify(workOf({ id: target.id, impersonator: by }, 'merchant.get'));
    await tenant.rows('BEGIN');
    await tenant.rows('SELECT work_read($1)', [work]);
    await expect(tenant.rows(`UPDATE merchants SET name = 'X'`)).rejects.toThrow('outside an audited unit of work');
    await tenant.rows('ROLLBACK');
  });
});
