import { OpenFeature } from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FlagProvider } from '../../server/flags/provider.ts';
import { newFlagKey, switchFlag } from '../doors/flag-doors.ts';
import { expectProblem } from '../support/door.ts';
import { flag, share, when } from '../support/flags.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let neighbour: TestTenant;
let merchant: string;
let other: string;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  [tenant, neighbour] = site.tenants as [TestTenant, TestTenant];
  const newMerchant = async (name: string) => {
    const org = (await tenant.owner.post('/api/merchant-orgs', { name })).body.id;
    return (await tenant.owner.post('/api/merchants', { merchant_org_id: org, name })).body.id;
  };
  [merchant, other] = [await newMerchant('Inside'), await newMerchant('Outside')];
});
afterAll(() => site.stop());

const create = async (more: object = {}, of = tenant) => {
  const made = await of.owner.post('/api/feature-flags', { ...switchFlag(), ...more });
  expect(made.status, made.text).toBe(201);
  return made.body as typeof made.body & { key: string };
};
const evaluate = (key: string, context?: object, of = tenant, as = of.owner) =>
  as.post(`/ofrep/v1/evaluate/flags/${key}`, context ? { context } : {});

describe('a flag', () => {
  test('is created, changed in the version that was seen, and switched off for everybody at once', async () => {
    const made = await create();
    const path = `/api/feature-flags/${made.id}`;
    await tenant.owner.patch(`/api/merchants/${merchant}/flags`, { key: made.key, variant: 'on' });
    expectProblem(await tenant.owner.patch(path, { name: 'Late' }, { 'if-match': '"7"' }), 412, 'stale');
    const off = await tenant.owner.patch(path, { is_enabled: false }, { 'if-match': '"1"' });
    expect([off.status, off.body.version, off.headers.get('etag')]).toEqual([200, 2, '"2"']);
    expect((await evaluate(made.key, { merchant_id: merchant })).body).toMatchObject({
      value: false,
      variant: 'off',
      reason: 'DISABLED',
    });
    const history = (await tenant.owner.get(`${path}/history`)).body.data;
    expect(history.map(({ summary }) => summary)).toEqual([
      'Switched a feature flag off',
      `Created the feature flag ${made.key}`,
    ]);
    expect(history[0]).toMatchObject({ before: { is_enabled: true }, after: { is_enabled: false } });
  });

  test('decides by its first rule whose conditions all hold', async () => {
    const rules = [
      {
        conditions: [when('tier', 'in', 'gold'), when('country', 'in', 'FR')],
        serve: [{ variant: 'off', percent: 100 }],
      },
      { conditions: [when('tier', 'exists')], serve: share(0) },
    ];
    const { key } = await create({ rules });
    const decided = async (context: object) => (await evaluate(key, context)).body;
    expect(await decided({ tier: 'gold', country: 'FR' })).toMatchObject({
      value: false,
      reason: 'TARGETING_MATCH',
      metadata: { decided_by: 'rule', rule: 1 },
    });
    expect(await decided({ tier: 'gold' })).toMatchObject({ variant: 'off', metadata: { rule: 2 } });
    expect(await decided({})).toMatchObject({ value: true, reason: 'STATIC', metadata: { decided_by: 'rollout' } });
  });

  test('goes back to what it was after any change of its history, as a new version, with its switch as it is', async () => {
    const made = await create();
    const path = `/api/feature-flags/${made.id}`;
    const three = [...(made.variants as object[]), { name: 'third', value: true }];
    await tenant.owner.patch(path, { name: 'Second', variants: three, rollout: [{ variant: 'third', percent: 100 }] });
    await tenant.owner.patch(path, { name: 'Third', is_enabled: false });
    const events = (await tenant.owner.get(`${path}/history`)).body.data.map(({ event_id }) => event_id);
    const revert = (event_id: unknown, headers = {}, who = tenant.owner) =>
      who.post(`${path}/revert`, { event_id }, headers);
    const second = await revert(events[1], { 'if-match': '"3"' });
    expect([second.status, second.body]).toMatchObject([
      200,
      { name: 'Second', version: 4, is_enabled: false, variants: three },
    ]);
    const first = await revert(events[2]);
    expect(first.body).toMatchObject({ name: made.name, version: 5, variants: made.variants, rollout: made.rollout });
    const [latest] = (await tenant.owner.get(`${path}/history`)).body.data;
    expect(latest?.summary).toBe('Took a feature flag back to an earlier version');
    expectProblem(await revert(events[1], { 'if-match': '"3"' }), 412, 'stale');
    const elsewhere = (await tenant.owner.get(`/api/feature-flags/${(await create()).id}/history`)).body.data[0];
    expectProblem(await revert(elsewhere?.event_id), 404, 'not_found');
    const sales = tenant.as(await tenant.createKey({ role: 'sales' }));
    expectProblem(await revert(events[1], {}, sales), 403, 'forbidden');
    await revert(events[1]);
    await tenant.owner.patch(`/api/merchants/${merchant}/flags`, { key: made.key, variant: 'third' });
    expectProblem(await revert(events[2]), 422, 'invalid');
    await tenant.owner.patch(`/api/merchants/${merchant}/flags`, { key: made.key, variant: null });
  });

  test('has a key of its own, and archived it is unknown to programs', async () => {
    const { id, key } = await create();
    expectProblem(await tenant.owner.post('/api/feature-flags', switchFlag(key)), 409, 'conflict');
    await tenant.owner.post(`/api/feature-flags/${id}/archive`, {});
    expect((await evaluate(key)).status).toBe(404);
    const listed = async (query: string) => (await tenant.owner.get(`/api/feature-flags?q=${key}${query}`)).body.data;
    expect([(await listed('')).length, (await listed('&archived=true')).length]).toEqual([0, 1]);
    await tenant.owner.post(`/api/feature-flags/${id}/restore`, {});
    expect((await evaluate(key)).status).toBe(200);
  });

  test('that the product asks for is switched off, never archived', async () => {
    const [builtIn] = (await tenant.owner.get('/api/feature-flags?q=portal.audit-live')).body.data;
    expect(builtIn).toMatchObject({ is_built_in: true, is_enabled: true });
    expectProblem(await tenant.owner.post(`/api/feature-flags/${builtIn?.id}/archive`, {}), 409, 'conflict');
  });

  test.each([
    ['variants.1.value', { variants: [switchFlag().variants[0], { name: 'off', value: 'no' }] }],
    ['variants.1.name', { variants: [switchFlag().variants[0], switchFlag().variants[0]], off_variant: 'on' }],
    ['off_variant', { off_variant: 'maybe' }],
    ['rollout.0.variant', { rollout: [{ variant: 'maybe', percent: 100 }] }],
    ['rollout', { rollout: [{ variant: 'on', percent: 99.999 }] }],
    ['rollout', { rollout: [...share(50), { variant: 'on', percent: 0 }] }],
    ['rollout.0.percent', { rollout: [{ variant: 'on', percent: 101 }] }],
    ['rollout.0.percent', { rollout: [{ variant: 'on', percent: 0.0001 }, ...share(99)] }],
    [
      'rules.0.serve.0.variant',
      { rules: [{ conditions: [when('a', 'exists')], serve: [{ variant: 'x', percent: 100 }] }] },
    ],
    ['rules.0.conditions', { rules: [{ conditions: [], serve: share(1) }] }],
    ['rules.0.conditions.0', { rules: [{ conditions: [when('a', 'in')], serve: share(1) }] }],
    ['rules.0.conditions.0', { rules: [{ conditions: [when('a', 'less_than', 'few')], serve: share(1) }] }],
    ['key', { key: '1st' }],
  ])('with a wrong %s is refused by that name', async (path, more) => {
    const refused = await tenant.owner.post('/api/feature-flags', { ...switchFlag(), ...more });
    expectProblem(refused, 422, 'invalid');
    expect(Object.keys(refused.body.errors)).toEqual([path]);
  });

  test('takes no number beyond all numbers', async () => {
    const only = [{ name: 'only', value: '@' }];
    const flag = { ...switchFlag(), type: 'number', variants: only, rollout: [{ variant: 'only', percent: 100 }] };
    const body = JSON.stringify({ ...flag, off_variant: 'only' }).replace('"@"', '1e999');
    const refused = await tenant.owner.send('POST', '/api/feature-flags', {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(Object.keys(refused.body.errors ?? {})).toEqual(['variants.0.value']);
  });

  test('belongs to staff of the whole tenant, and to one tenant', async () => {
    const scoped = tenant.as(await tenant.createKey({ role: 'owner', merchant_id: merchant }));
    const { id, key } = await create();
    expectProblem(await scoped.get('/api/feature-flags'), 403, 'forbidden');
    expectProblem(await scoped.patch(`/api/feature-flags/${id}`, { is_enabled: false }), 403, 'forbidden');
    expectProblem(await neighbour.owner.get(`/api/feature-flags/${id}`), 404, 'not_found');
    expect((await evaluate(key, {}, neighbour)).status).toBe(404);
  });
});

describe('a merchant', () => {
  const flagOf = async (id: string, key: string) =>
    (await tenant.owner.get(`/api/merchants/${id}/flags`)).body.data.find((each) => each.key === key);

  test('has a variant of its own until it is taken back, before every rule, and nobody else has it', async () => {
    const { id, key } = await create({ rollout: share(0) });
    expect(await flagOf(merchant, key)).toMatchObject({ own: null, variant: 'off', decided_by: 'rollout' });
    const set = await tenant.owner.patch(`/api/merchants/${merchant}/flags`, { key, variant: 'on' });
    expect(set.body.data.find((each) => each.key === key)).toMatchObject({
      own: 'on',
      value: true,
      decided_by: 'merchant',
    });
    const overrides = async () => (await tenant.owner.get(`/api/feature-flags/${id}/overrides`)).body.data;
    expect(await overrides()).toMatchObject([{ merchant_id: merchant, merchant_name: 'Inside', variant: 'on' }]);
    expect((await evaluate(key, { merchant_id: merchant })).body.value).toBe(true);
    expect((await evaluate(key, { merchant_id: other })).body.value).toBe(false);
    const lost = await tenant.owner.patch(`/api/feature-flags/${id}`, {
      variants: [{ name: 'off', value: false }],
      rollout: [{ variant: 'off', percent: 100 }],
    });
    expectProblem(lost, 422, 'invalid');
    await tenant.owner.patch(`/api/merchants/${merchant}/flags`, { key, variant: null });
    expect(await overrides()).toEqual([]);
    expect(await flagOf(merchant, key)).toMatchObject({ own: null, variant: 'off' });
    const events = await tenant.rows(
      `SELECT details ->> 'summary' AS summary FROM audit_events WHERE action = 'merchant_flag.set' AND resource_id = $1 ORDER BY id DESC LIMIT 2`,
      [merchant],
    );
    expect(events.map(({ summary }) => summary)).toEqual([
      `Took back a merchant's own variant of ${key}`,
      `Gave a merchant on of ${key}`,
    ]);
  });

  test('takes only variants of flags in use, from those who may change it', async () => {
    const { key } = await create();
    const set = (body: object, as = tenant.owner, id = merchant) => as.patch(`/api/merchants/${id}/flags`, body);
    expect((await set({ key, variant: 'maybe' })).body.errors).toEqual({ variant: ['is not one of the variants'] });
    expect((await set({ key: 'no-such', variant: 'on' })).body.errors).toEqual({ key: ['is no flag in use'] });
    const support = tenant.as(await tenant.createKey({ role: 'support', merchant_id: merchant }));
    expect((await set({ key, variant: 'on' }, support)).status).toBe(200);
    expectProblem(await set({ key, variant: 'on' }, support, other), 404, 'not_found');
    const manager = tenant.as(await tenant.createKey({ role: 'merchant_manager', merchant_id: merchant }));
    expectProblem(await set({ key, variant: 'on' }, manager), 403, 'forbidden');
    expect((await manager.get(`/api/merchants/${merchant}/flags`)).status).toBe(200);
  });
});

describe('the evaluation protocol', () => {
  test('answers its own shapes: unknown flag, missing key, bad context, nobody, wrong role', async () => {
    const { key } = await create({ rollout: share(30) });
    const shape = async (answer: Promise<{ status: number; text: string }>) => {
      const { status, text } = await answer;
      const { key: about, errorCode } = JSON.parse(text);
      return [status, about, errorCode];
    };
    expect(await shape(evaluate('no-such'))).toEqual([404, 'no-such', 'FLAG_NOT_FOUND']);
    expect(await shape(evaluate(key))).toEqual([400, key, 'TARGETING_KEY_MISSING']);
    expect(await shape(tenant.owner.post(`/ofrep/v1/evaluate/flags/${key}`, { context: 'me' }))).toEqual([
      400,
      key,
      'INVALID_CONTEXT',
    ]);
    const unreadable = tenant.owner.send('POST', `/ofrep/v1/evaluate/flags/${key}`, {
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(await shape(unreadable)).toEqual([400, key, 'PARSE_ERROR']);
    expect(await shape(evaluate(key, {}, tenant, tenant.as(null)))).toEqual([401, key, 'GENERAL']);
    const nothing = tenant.as(await tenant.createKey({ role: [] }));
    expect(await shape(evaluate(key, {}, tenant, nothing))).toEqual([403, key, 'GENERAL']);
  });

  test('takes an attribute with members of its own as there, and equal to nothing', async () => {
    const rule = (operator: string, ...values: string[]) => [
      { conditions: [when('plan', operator, ...values)], serve: [{ variant: 'on', percent: 100 }] },
    ];
    const plan = { toString: 1, valueOf: 1 };
    for (const [rules, value] of [
      [rule('in', 'gold'), false],
      [rule('greater_than', '1'), false],
      [rule('exists'), true],
    ]) {
      const { key } = await create({ rules, rollout: share(0) });
      const told = await evaluate(key, { targetingKey: 'a', plan });
      expect([told.status, told.body.value]).toEqual([200, value]);
    }
  });

  test('tells a merchant’s own variant to nobody beyond that merchant', async () => {
    const { key } = await create();
    const scoped = tenant.as(await tenant.createKey({ role: 'owner', merchant_id: merchant }));
    expect((await evaluate(key, { merchant_id: merchant }, tenant, scoped)).status).toBe(200);
    for (const merchant_id of [other, 'none', 7, '-'.repeat(36), 'a'.repeat(36)]) {
      expect((await evaluate(key, { merchant_id }, tenant, scoped)).status).toBe(400);
    }
  });

  test('answers all flags at once, and 304 until one of them changes', async () => {
    const { id, key } = await create();
    const all = (headers = {}) => tenant.owner.post('/ofrep/v1/evaluate/flags', { context: {} }, headers);
    const first = await all();
    const { flags } = JSON.parse(first.text) as { flags: { key: string; value?: unknown; errorCode?: string }[] };
    expect(flags.find((each) => each.key === key)).toMatchObject({ value: true, reason: 'STATIC' });
    expect(flags.some(({ errorCode }) => errorCode === 'TARGETING_KEY_MISSING')).toBe(true);
    const tag = { 'if-none-match': first.headers.get('etag')! };
    expect((await all(tag)).status).toBe(304);
    await tenant.owner.patch(`/api/feature-flags/${id}`, { is_enabled: false });
    expect((await all(tag)).status).toBe(200);
  });

  test('leaves no event and changes nothing', async () => {
    const { key } = await create();
    const before = await tenant.contents();
    await evaluate(key, { targetingKey: 'x' });
    expect(await tenant.contents()).toEqual(before);
  });
});

test('two tenants that evaluate in turn never get each other’s values, neither through the homes nor the SDK', async () => {
  const key = newFlagKey();
  const variants = (value: string) => ({ type: 'string', variants: [{ name: 'only', value }], off_variant: 'only' });
  const everybody = { key, rollout: [{ variant: 'only', percent: 100 }] };
  await create({ ...everybody, ...variants('first') }, tenant);
  await create({ ...everybody, ...variants('second') }, neighbour);
  const turns = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? tenant : neighbour));
  const values = await Promise.all(turns.map(async (of) => (await evaluate(key, {}, of)).body.value));
  expect(values).toEqual(turns.map((of) => (of === tenant ? 'first' : 'second')));

  const clients = await Promise.all(
    ['first', 'second'].map(async (value) => {
      const own = flag({ key, type: 'string', variants: [{ name: 'only', value }], rollout: everybody.rollout });
      await OpenFeature.setProviderAndWait(value, new FlagProvider([own]));
      return OpenFeature.getClient(value);
    }),
  );
  const told = await Promise.all(turns.map((_, at) => clients[at % 2]!.getStringDetails(key, 'none')));
  expect(told.map(({ value, reason }) => [value, reason])).toEqual(values.map((value) => [value, 'STATIC']));
  expect(await clients[0]!.getNumberDetails(key, 7)).toMatchObject({ value: 7, errorCode: 'TYPE_MISMATCH' });
});

test('another home of the tenant hears of a change at its next evaluation', async () => {
  const { id, key } = await create();
  const second = tenant.anotherHome();
  const ask = async () => {
    const headers = { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json' };
    const url = `${tenant.origin}/ofrep/v1/evaluate/flags/${key}`;
    return (await (await second.fetch(new Request(url, { method: 'POST', headers, body: '{}' }))).json()).value;
  };
  expect(await ask()).toBe(true);
  await tenant.owner.patch(`/api/feature-flags/${id}`, { is_enabled: false });
  expect(await ask()).toBe(false);
});
