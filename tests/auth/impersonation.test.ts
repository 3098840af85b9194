import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret } from '../../tenants/credentials.ts';
import { expectProblem } from '../support/door.ts';
import {
  assign,
  createParties,
  newPerson,
  type Parties,
  type Person,
  REASON,
  signInAs,
  startViewing,
  stepUp,
} from '../support/impersonation.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const missingId = '0190a0a0-0000-7000-8000-000000000000';
let site: Site;
let tenant: TestTenant;
let parties: Parties;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  parties = await createParties(tenant);
});
afterAll(() => site?.stop());

const newManager = () => newPerson(tenant, { role: 'merchant_manager', merchant_id: parties.merchant });
const newSupport = () => newPerson(tenant, { role: 'support' });

/** A member of support who views as a manager. */
async function viewing(more: object = {}) {
  const [support, manager] = [await newSupport(), await newManager()];
  const started = await startViewing(support.client, manager.id, more);
  expect(started.status, started.text).toBe(201);
  return { support, manager, id: started.body.id, started };
}

const rowOf = async (id: string) => (await tenant.rows('SELECT * FROM impersonations WHERE id = $1', [id]))[0]!;
const eventsOf = (requestId: string) =>
  tenant.rows(
    `SELECT action, outcome, actor_id, impersonator, resource_id, details ->> 'summary' AS summary, details ->> 'code' AS code
     FROM audit_events WHERE request_id = $1 ORDER BY id`,
    [requestId],
  );

/** It is over, whatever the session does next but leave. */
async function expectOver({ client }: Person, id: string, because: string) {
  expectProblem(await client.get('/api/merchants'), 403, 'impersonation_over');
  expect((await tenant.owner.get(`/api/impersonations/${id}`)).body).toMatchObject({
    status: 'ended',
    ended_because: because,
  });
}

describe('beginning', () => {
  test('needs the permission, a reason of some words, and a time of at most an hour', async () => {
    const [support, sales, manager] = [
      await newSupport(),
      await newPerson(tenant, { role: 'sales' }),
      await newManager(),
    ];
    expectProblem(await startViewing(sales.client, manager.id), 403, 'forbidden');
    const wrong = [{ reason: '' }, { reason: 'because' }, { reason: 'becausebecause' }, { reason: '           ' }];
    for (const more of [...wrong, { minutes: 0 }, { minutes: 61 }, { minutes: 1.5 }]) {
      expectProblem(await startViewing(support.client, manager.id, more), 422, 'invalid');
    }
    expectProblem(
      await support.client.post('/api/impersonations', { user_id: manager.id, minutes: 5 }),
      422,
      'invalid',
    );
    const started = await startViewing(support.client, manager.id, { minutes: 60 });
    expect(started.status).toBe(201);
    const { started_at: from, expires_at: to } = started.body as unknown as Record<string, string>;
    expect(Date.parse(to!) - Date.parse(from!)).toBe(3_600_000);
  });

  test('is recorded as what the impersonator did, and told to the person by mail', async () => {
    const [support, manager] = [await newSupport(), await newManager()];
    const started = await support.client.post(
      '/api/impersonations',
      { user_id: manager.id, reason: REASON, minutes: 30 },
      { 'x-request-id': 'begin-it' },
    );
    expect(await eventsOf('begin-it')).toMatchObject([
      {
        action: 'impersonation.start',
        outcome: 'success',
        actor_id: support.id,
        impersonator: null,
        resource_id: started.body.id,
      },
    ]);
    await tenant.home.runJobs();
    const [mail] = await tenant.rows('SELECT subject, body FROM mailbox WHERE recipient = $1', [manager.email]);
    expect(String(mail?.subject)).toContain('as you');
    expect(String(mail?.body)).toContain(REASON);
    expect(String(mail?.body)).toContain(`${tenant.origin}/support-access/${started.body.id}`);
  });

  test('is for people who are signed in: no key may', async () => {
    const manager = await newManager();
    expectProblem(await startViewing(tenant.owner, manager.id), 401, 'unauthenticated');
    expectProblem(await startViewing(tenant.as(null), manager.id), 401, 'unauthenticated');
  });

  test('reaches merchant staff alone: nobody of the whole tenant, not even beside another role, and not oneself', async () => {
    const support = await newSupport();
    const [owner, both] = [await newPerson(tenant, { role: 'auditor' }), await newManager()];
    await assign(tenant, both.id, 'auditor');
    const nobody = await newPerson(tenant, { role: 'auditor', expires_at: '2020-01-01T00:00:00Z' });
    for (const { id } of [owner, both, nobody, support]) {
      expectProblem(await startViewing(support.client, id), 403, 'forbidden');
    }
    const scoped = await newPerson(tenant, { role: 'support', merchant_org_id: parties.org });
    expectProblem(await startViewing(scoped.client, scoped.id), 403, 'forbidden');
    const [denied] = await tenant.rows(
      `SELECT resource_id FROM audit_events WHERE action = 'impersonation.start' AND outcome = 'denied' AND resource_id = $1`,
      [owner.id],
    );
    expect(denied).toEqual({ resource_id: owner.id });
    // A role that has run out counts for nothing.
    const former = await newManager();
    await assign(tenant, former.id, 'auditor', { expires_at: '2020-01-01T00:00:00Z' });
    expect((await startViewing(support.client, former.id)).status).toBe(201);
  });

  test('answers alike for people who are absent, of another tenant, or out of scope', async () => {
    const scoped = await newPerson(tenant, { role: 'support', merchant_org_id: parties.other_org });
    const [manager, auditor] = [await newManager(), await newPerson(tenant, { role: 'auditor' })];
    const foreign = await newPerson(site.tenants[1]!, { role: 'auditor' });
    const answers = [];
    for (const id of [missingId, foreign.id, manager.id, auditor.id]) {
      const refused = await startViewing(scoped.client, id);
      expectProblem(refused, 404, 'not_found');
      answers.push(refused.text.replaceAll(String(refused.body.request_id), ''));
    }
    expect(new Set(answers).size).toBe(1);
    const reachable = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.other });
    expect((await startViewing(scoped.client, reachable.id)).status).toBe(201);
  });

  test('refuses an account that is not active', async () => {
    const manager = await newManager();
    await tenant.arrange(`UPDATE users SET status = 'disabled' WHERE id = $1`, [manager.id]);
    expectProblem(await startViewing((await newSupport()).client, manager.id), 409, 'conflict');
  });

  test('is never nested, nor twice in one session; two sessions may each have one', async () => {
    const { support, manager } = await viewing();
    const another = await newManager();
    expectProblem(await startViewing(support.client, another.id), 403, 'not_while_impersonating');
    const second = await signInAs(tenant, support.email);
    expect((await startViewing(second.client, another.id)).status).toBe(201);
    const third = await signInAs(tenant, support.email);
    const together = await Promise.all([1, 2].map(() => startViewing(third.client, manager.id)));
    const [begun, refused] = together.map(({ status }) => status).sort();
    expect(begun).toBe(201);
    // The later one finds another in the way, or is that other person already.
    expect([403, 409]).toContain(refused);
  });

  test('comes to an end with the first role of either person', async () => {
    const soon = new Date(Date.now() + 120_000).toISOString();
    const support = await newPerson(tenant, { role: 'support', expires_at: soon });
    const started = await startViewing(support.client, (await newManager()).id);
    expect(Date.parse(String(started.body.expires_at))).toBe(Date.parse(soon));
  });
});

describe('a step-up', () => {
  test('takes the password of the impersonator, and no other', async () => {
    const { support, id } = await viewing();
    const wrong = await support.client.post(
      '/api/impersonations/current/step-up',
      { password: 'wrong horse battery' },
      { 'x-request-id': 'wrong-step-up' },
    );
    expectProblem(wrong, 401, 'invalid_credentials');
    expect(await eventsOf('wrong-step-up')).toMatchObject([
      { outcome: 'denied', code: 'invalid_credentials', impersonator: { id: support.id } },
    ]);
    expectProblem(await stepUp(support.client, { totp: '000000' }), 422, 'invalid');
    const proved = await stepUp(support.client);
    expect([proved.status, proved.body.stepped_up_at]).toEqual([200, expect.any(String)]);
    expect((await rowOf(id)).stepped_up_at).not.toBeNull();
  });

  test('is for who views as another', async () => {
    expectProblem(await stepUp((await newSupport()).client), 409, 'conflict');
    expectProblem(await stepUp(tenant.owner), 401, 'unauthenticated');
  });

  test('counts guesses like failures to sign in', async () => {
    const limited = tenant.anotherHome({
      RATE_LIMITS: JSON.stringify({
        ...JSON.parse(tenant.settings.RATE_LIMITS ?? '{}'),
        sign_in: { limit: 2, window: '15 m' },
      }),
    });
    const { support } = await viewing();
    const guess = () =>
      limited.fetch(
        new Request(`${tenant.origin}/api/impersonations/current/step-up`, {
          method: 'POST',
          headers: { cookie: support.cookie, origin: tenant.origin, 'content-type': 'application/json' },
          body: JSON.stringify({ password: 'wrong horse battery' }),
        }),
      );
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429]);
  });
});

describe('ending', () => {
  test('is up to the impersonator at any time, who is themself again', async () => {
    const { support, manager, id } = await viewing();
    expect((await support.client.get('/api/merchants')).body.data).toHaveLength(1);
    const ended = await support.client.post(`/api/impersonations/${id}/end`, {}, { 'x-request-id': 'end-it' });
    expect(ended.body).toMatchObject({ status: 'ended', ended_because: 'impersonator' });
    expect(await eventsOf('end-it')).toMatchObject([
      { action: 'impersonation.end', actor_id: manager.id, impersonator: { id: support.id, impersonation_id: id } },
    ]);
    expect((await support.client.get('/api/merchants')).body.data).toHaveLength(3);
    expect((await support.client.post(`/api/impersonations/${id}/end`, {})).status).toBe(200);
  });

  test('from another session of the impersonator, or by staff who may view as others, leaves the first to be left', async () => {
    const mine = await viewing();
    const elsewhere = await signInAs(tenant, mine.support.email);
    expect((await elsewhere.client.post(`/api/impersonations/${mine.id}/end`, {})).status).toBe(200);
    await expectOver(mine.support, mine.id, 'impersonator');
    const theirs = await viewing();
    expect((await tenant.owner.post(`/api/impersonations/${theirs.id}/end`, {})).status).toBe(200);
    await expectOver(theirs.support, theirs.id, 'staff');
    expect((await theirs.support.client.post(`/api/impersonations/${theirs.id}/end`, {})).status).toBe(200);
    expect((await theirs.support.client.get('/api/merchants')).body.data).toHaveLength(3);
  });

  test('is not up to others, and out of scope it does not exist', async () => {
    const { manager, support, id } = await viewing();
    expectProblem(await manager.client.post(`/api/impersonations/${id}/end`, {}), 403, 'forbidden');
    const scoped = await newPerson(tenant, { role: 'support', merchant_org_id: parties.other_org });
    expectProblem(await scoped.client.post(`/api/impersonations/${id}/end`, {}), 404, 'not_found');
    expectProblem(await support.client.post(`/api/impersonations/${missingId}/end`, {}), 404, 'not_found');
    expectProblem(await tenant.as(null).post(`/api/impersonations/${id}/end`, {}), 401, 'unauthenticated');
    expect((await support.client.get('/api/merchants')).status).toBe(200);
  });

  test('comes by itself when the time is up, even for a request that comes at that moment', async () => {
    const { support, id } = await viewing();
    await tenant.arrange(
      `UPDATE impersonations SET created_at = now() - interval '31 minutes', expires_at = now() WHERE id = $1`,
      [id],
    );
    await expectOver(support, id, 'time');
    // What was meant for the one is not done by the other.
    expectProblem(
      await support.client.patch(`/api/merchants/${parties.other}`, { name: 'X' }),
      403,
      'impersonation_over',
    );
    expectProblem(await support.client.get('/api/sessions'), 403, 'impersonation_over');
  });

  test('comes with the account of either person', async () => {
    for (const who of ['support', 'manager'] as const) {
      const both = await viewing();
      await tenant.arrange(`UPDATE users SET status = 'disabled' WHERE id = $1`, [both[who].id]);
      expect((await rowOf(both.id)).ended_because).toBe('account_disabled');
      await tenant.arrange(`UPDATE users SET status = 'active' WHERE id = $1`, [both[who].id]);
      await expectOver(both.support, both.id, 'account_disabled');
    }
    const removed = await viewing();
    await tenant.arrange('DELETE FROM users WHERE id = $1', [removed.manager.id]);
    await expectOver(removed.support, removed.id, 'account_disabled');
  });

  test('comes with any change of the rights of either person', async () => {
    const changes = [
      (both: Awaited<ReturnType<typeof viewing>>) =>
        tenant.arrange('DELETE FROM role_assignments WHERE user_id = $1', [both.support.id]),
      (both: Awaited<ReturnType<typeof viewing>>) => assign(tenant, both.manager.id, 'owner'),
      (both: Awaited<ReturnType<typeof viewing>>) =>
        tenant.arrange(`UPDATE role_assignments SET expires_at = now() WHERE user_id = $1`, [both.manager.id]),
    ];
    for (const change of changes) {
      const both = await viewing();
      await change(both);
      await expectOver(both.support, both.id, 'rights_changed');
    }
    const custom = await newPerson(tenant, { role: ['user:impersonate', 'merchant:read'] });
    const started = await startViewing(custom.client, (await newManager()).id);
    await tenant.arrange(
      `UPDATE roles SET permissions = '{merchant:read}'
       WHERE id IN (SELECT role_id FROM role_assignments WHERE user_id = $1)`,
      [custom.id],
    );
    await expectOver(custom, started.body.id, 'rights_changed');
  });

  test('comes with the session that carries it, and the next one begins as oneself', async () => {
    const { support, manager, id } = await viewing();
    const out = await support.client.delete('/api/sessions/current', { 'x-request-id': 'sign-out' });
    expect(out.status).toBe(204);
    expect(await eventsOf('sign-out')).toMatchObject([{ actor_id: manager.id, impersonator: { id: support.id } }]);
    expect((await rowOf(id)).ended_because).toBe('session_ended');
    expectProblem(await support.client.get('/api/merchants'), 401, 'unauthenticated');
    const again = await signInAs(tenant, support.email);
    expect((await again.client.get('/api/merchants')).body.data).toHaveLength(3);

    const revoked = await viewing();
    const elsewhere = await signInAs(tenant, revoked.support.email);
    expect((await elsewhere.client.post('/api/sessions/revoke-others', {})).status).toBe(200);
    expect((await rowOf(revoked.id)).ended_because).toBe('session_ended');
  });

  test('is not stood in the way of by a session that has run out', async () => {
    const { support } = await viewing();
    await tenant.arrange(`UPDATE sessions SET expires_at = '2020-01-01' WHERE id = $1`, [
      hashSecret(support.cookie.split('=')[1] ?? ''),
    ]);
    expectProblem(await support.client.get('/api/merchants'), 401, 'unauthenticated');
    expect((await tenant.owner.get('/api/impersonations')).status).toBe(200);
  });
});
