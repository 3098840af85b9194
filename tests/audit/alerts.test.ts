import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { runJob } from '../ledger/sealed.ts';
import { Authenticator, ownPasskey } from '../support/authenticator.ts';
import { type Body, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
const person = { email: 'petra@acme.test', password: 'correct horse battery' };
let userId: string;

/** Looks at what happened, as the recurring job does. */
async function watch(): Promise<void> {
  await passHorizon(tenant.rows);
  await runJob(tenant, 'alert.watch');
  await tenant.home.runJobs();
}

const alerts = async (query = ''): Promise<Body[]> =>
  (await tenant.owner.get(`/api/alerts?limit=200&${query}`)).body.data;
const signIn = (address: string, password = person.password) =>
  tenant.as(null).post('/api/sessions', { ...person, password }, { 'cf-connecting-ip': address });

async function rule(kind: string, change: object): Promise<void> {
  const found = (await tenant.owner.get('/api/alert-rules')).body.data.find((each) => each.kind === kind)!;
  const answer = await tenant.owner.patch(`/api/alert-rules/${found.id}`, change);
  expect(answer.status, answer.text).toBe(200);
}

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  await watch();
  // Nothing that provisioning did counts as suspicious, its first API key included.
  expect(await alerts()).toEqual([]);
  expect(await tenant.rows('SELECT FROM alert_signals')).toEqual([]);
  const [key] = await tenant.rows(`SELECT name FROM api_keys`);
  expect(key).toEqual({ name: 'First API key' });
  userId = await tenant.createUser(person);
  await rule('odd_hours', { is_enabled: false });
});
afterAll(() => site?.stop());

describe('suspicious activity raises an alert', () => {
  test('when somebody fails to sign in too often, with the tries as evidence, and the owners are told once', async () => {
    for (let count = 0; count < 4; count += 1) await signIn('203.0.113.5', 'wrong horse battery');
    await watch();
    expect(await alerts('kind=failed_sign_ins')).toEqual([]);
    await signIn('203.0.113.5', 'wrong horse battery');
    await watch();
    await watch();
    const [alert, ...more] = await alerts('kind=failed_sign_ins');
    expect(more).toEqual([]);
    expect(alert).toMatchObject({
      rule: 'Many failed sign-ins',
      subject_name: person.email,
      status: 'open',
      weight: 5,
    });
    const { events } = (await tenant.owner.get(`/api/alerts/${alert!.id}`)).body as unknown as { events: Body[] };
    expect(events.map(({ action, outcome }) => [action, outcome])).toEqual(Array(5).fill(['session.create', 'denied']));
    const mails = await tenant.rows(`SELECT recipient, body FROM mailbox WHERE subject LIKE 'Many failed sign-ins%'`);
    expect(mails).toEqual([
      {
        recipient: person.email,
        body: expect.stringMatching(new RegExp(`in the portal: https?://.*/audit/alerts/${alert!.id}$`)),
      },
    ]);
  });

  test('when passkeys are refused as often as passwords would have been', async () => {
    const owner = { email: 'quinn@acme.test', password: person.password };
    const id = await tenant.createUser(owner);
    const device = new Authenticator();
    await ownPasskey(tenant, owner.email, device);
    const said = { origin: tenant.origin, challenge: 'bWFkZSB1cA' };
    for (let count = 0; count < 5; count += 1) {
      await tenant.as(null).post('/api/sessions/passkey', { credential: device.give(said, id) });
    }
    await watch();
    const raised = (await alerts('kind=failed_sign_ins')).filter((each) => each.subject_name === owner.email);
    expect(raised).toMatchObject([{ weight: 5 }]);
  });

  test('by a flood of tries counts those that left no event of their own', async () => {
    const flood = { ...person, email: 'flood@acme.test', password: 'wrong horse battery' };
    for (let count = 0; count < 16; count += 1) await tenant.as(null).post('/api/sessions', flood);
    await watch();
    const alert = (await alerts('kind=failed_sign_ins')).find((each) => each.subject_name === flood.email);
    expect(alert!.weight).toBeGreaterThanOrEqual(8);
  });

  test('when somebody acts from two networks within minutes, and not when from two addresses of one', async () => {
    await signIn('203.0.113.6');
    await signIn('203.0.113.99');
    await watch();
    expect(await alerts('kind=address_change')).toEqual([]);
    await signIn('198.51.100.4');
    await watch();
    const [alert] = await alerts('kind=address_change');
    expect(alert).toMatchObject({ subject: userId, subject_name: 'Staff', status: 'open' });
    const { events } = (await tenant.owner.get(`/api/alerts/${alert!.id}`)).body as unknown as { events: Body[] };
    expect(events.map(({ address }) => address)).toEqual(['203.0.113.99', '198.51.100.4']);
  });

  test('when much is exported', async () => {
    await rule('mass_export', { threshold: 3 });
    for (let count = 0; count < 3; count += 1) await tenant.owner.get('/api/users', { accept: 'text/csv' });
    await watch();
    expect((await alerts('kind=mass_export')).map(({ weight }) => weight)).toEqual([3]);
  });

  test('when an actor moves money for the first time, and never again', async () => {
    const { owner } = tenant;
    const accounts = (await owner.get('/api/accounts')).body.data;
    const [cash, equity] = ['cash', 'equity'].map((purpose) => accounts.find((each) => each.purpose === purpose)!.id);
    const entry = {
      description: 'Opening',
      lines: [
        { account_id: cash, side: 'debit', amount: 1 },
        { account_id: equity, side: 'credit', amount: 1 },
      ],
    };
    expect((await owner.post('/api/transactions', entry)).status).toBe(201);
    await owner.post('/api/transactions', entry);
    await watch();
    expect((await alerts('kind=first_money')).map(({ weight }) => weight)).toEqual([1]);
    await owner.post('/api/transactions', entry);
    await watch();
    expect((await alerts('kind=first_money')).map(({ weight }) => weight)).toEqual([1]);
  });

  test('when rights are changed', async () => {
    const [role] = await tenant.rows(`SELECT id FROM roles WHERE key = 'auditor'`);
    await tenant.owner.post('/api/api-keys', { name: 'Till', role_id: role?.id });
    await watch();
    expect(await alerts('kind=privilege_change')).toHaveLength(1);
  });

  test('when staff work at unusual hours of the tenant, and no more once the rule is off', async () => {
    const hour = Number(
      (await tenant.rows(`SELECT extract(hour FROM now() AT TIME ZONE time_zone) AS hour FROM tenant`))[0]?.hour,
    );
    await rule('odd_hours', { is_enabled: true, from_hour: hour, to_hour: (hour + 2) % 24 });
    await signIn('198.51.100.4');
    await watch();
    expect(await alerts('kind=odd_hours')).toHaveLength(1);
    await rule('odd_hours', { is_enabled: false });
    await tenant.arrange(`DELETE FROM alerts WHERE rule_id = (SELECT id FROM alert_rules WHERE kind = 'odd_hours')`);
    await tenant.rows(
      `DELETE FROM alert_signals WHERE rule_id = (SELECT id FROM alert_rules WHERE kind = 'odd_hours')`,
    );
    await signIn('198.51.100.4');
    await watch();
    expect(await alerts('kind=odd_hours')).toEqual([]);
  });

  test('once, however often and by however many the same events are looked at', async () => {
    const before = (await alerts()).length;
    await tenant.rows(
      `UPDATE jobs SET state = 'queued', run_at = now() WHERE operation IN ('alert.watch', 'alert.raise') AND unique_key IS NULL`,
    );
    await Promise.all([tenant.home.runJobs(), tenant.anotherHome().runJobs()]);
    await watch();
    expect(await alerts()).toHaveLength(before);
  });

  test('under an audit event of the job, and a look that finds nothing leaves none', async () => {
    const [raised] = await tenant.rows(`SELECT count(*)::integer AS n FROM audit_events WHERE action = 'alert.raise'`);
    expect(Number(raised?.n)).toBeGreaterThan(0);
    await watch();
    const count = () => tenant.rows('SELECT count(*) FROM audit_events');
    const before = await count();
    await watch();
    expect(await count()).toEqual(before);
  });
});

describe('an alert', () => {
  test('is acknowledged with a note, once, under an audit event', async () => {
    const [alert] = await alerts('kind=mass_export');
    const path = `/api/alerts/${alert!.id}/acknowledge`;
    expectProblem(await tenant.owner.post(path, { note: 'x'.repeat(1001) }), 422, 'invalid');
    expectProblem(await tenant.owner.post(path, { note: 'x' }, { 'if-match': '"7"' }), 412, 'stale');
    const done = await tenant.owner.post(path, { note: 'The yearly audit' });
    expect(done.body).toMatchObject({ status: 'acknowledged', note: 'The yearly audit', version: 2 });
    expectProblem(await tenant.owner.post(path, {}), 409, 'conflict');
    expect((await alerts('status=open')).map(({ id }) => id)).not.toContain(alert!.id);
    const events = await tenant.rows('SELECT action FROM audit_events WHERE resource_id = $1', [alert!.id]);
    expect(events).toEqual([{ action: 'alert.acknowledge' }]);
  });

  test('is read by auditors, and neither acknowledged nor configured by them; nor by less than the whole tenant', async () => {
    const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
    const [alert] = (await auditor.get('/api/alerts')).body.data;
    expectProblem(await auditor.post(`/api/alerts/${alert!.id}/acknowledge`, {}), 403, 'forbidden');
    const [rule] = (await auditor.get('/api/alert-rules')).body.data;
    expectProblem(await auditor.patch(`/api/alert-rules/${rule!.id}`, { threshold: 9 }), 403, 'forbidden');
    const org = (await tenant.owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
    const scoped = tenant.as(await tenant.createKey({ merchant_org_id: org }));
    for (const path of ['alerts', 'alert-rules']) expectProblem(await scoped.get(`/api/${path}`), 403, 'forbidden');
  });
});

describe('a rule', () => {
  test('takes its own parameters only, within their limits', async () => {
    const rules = (await tenant.owner.get('/api/alert-rules')).body.data;
    expect(rules).toHaveLength(7);
    const of = (kind: string) => `/api/alert-rules/${rules.find((each) => each.kind === kind)!.id}`;
    const refused = async (kind: string, change: object) =>
      expectProblem(await tenant.owner.patch(of(kind), change), 422, 'invalid');
    await refused('mass_export', { from_hour: 3 });
    await refused('odd_hours', { from_hour: 4, to_hour: 4 });
    await refused('odd_hours', { from_hour: 24 });
    await refused('first_money', { actions: ["'; DROP TABLE"] });
    await refused('mass_export', { threshold: 0 });
    const changed = await tenant.owner.patch(of('first_money'), { actions: ['payout.create'], name: 'First payout' });
    expect(changed.body).toMatchObject({ actions: ['payout.create'], name: 'First payout' });
  });
});
