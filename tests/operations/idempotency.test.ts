import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Body, type Client, clientOf, doorOf, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let accounts: Body[];

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  accounts = (await owner.get('/api/accounts')).body.data;
});
afterAll(() => site?.stop());

let count = 0;
const newKey = () => {
  count += 1;
  return { 'idempotency-key': `key-${count}` };
};
const posting = (amount: number) => ({
  description: 'Takings',
  lines: [
    { account_id: accounts[0]!.id, side: 'debit', amount },
    { account_id: accounts[1]!.id, side: 'credit', amount },
  ],
});
const numberOf = async (table: string) => Number((await tenant.rows(`SELECT count(*) AS n FROM ${table}`))[0]?.n);

/** A write in a transaction of the kernel, and one that is a SQL function: both keep the same promises. */
describe.each([
  [
    'merchant_org.create',
    '/api/merchant-orgs',
    'merchant_orgs',
    () => ({ name: 'A', email: 'a@acme.test' }),
    () => ({ name: 'B' }),
  ],
  ['transaction.create', '/api/transactions', 'transactions', () => posting(100), () => posting(101)],
])('%s', (_name, path, table, body, otherBody) => {
  test('a repeated request gets the first answer, status and body, marked as a replay, and does nothing', async () => {
    const key = newKey();
    const first = await owner.post(path, body(), key);
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
    const before = await tenant.contents();
    const events = await numberOf('audit_events');
    for (let again = 0; again < 2; again += 1) {
      const replay = await owner.post(path, body(), key);
      expect([replay.status, replay.text, replay.headers.get('idempotent-replayed')]).toEqual([
        201,
        first.text,
        'true',
      ]);
      expect(replay.headers.get('location')).toBe(first.headers.get('location'));
    }
    expect(await tenant.contents()).toEqual(before);
    expect(await numberOf('audit_events')).toBe(events);
  });

  test('the order of fields does not make it another request', async () => {
    const key = newKey();
    const first = await owner.post(path, body(), key);
    const turned = Object.fromEntries(Object.entries(body()).reverse());
    expect((await owner.post(path, turned, key)).text).toBe(first.text);
  });

  test('the same key with another body is refused', async () => {
    const key = newKey();
    expect((await owner.post(path, body(), key)).status).toBe(201);
    const before = await tenant.contents();
    expectProblem(await owner.post(path, otherBody(), key), 409, 'idempotency_conflict');
    expect(await tenant.contents()).toEqual(before);
  });

  test('a failure does not use the key up', async () => {
    const key = newKey();
    expectProblem(await owner.post(path, { ...body(), surprise: 1 }, key), 422, 'invalid');
    expect((await owner.post(path, body(), key)).status).toBe(201);
  });

  test("another actor's key of the same name is another key", async () => {
    const key = newKey();
    const other = tenant.as(await tenant.createKey());
    const first = await owner.post(path, body(), key);
    const second = await other.post(path, otherBody(), key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.id).not.toBe(first.body.id);
  });

  test('twenty callers with one key at once have one effect and one answer', async () => {
    const key = newKey();
    const another = tenant.anotherHome();
    const elsewhere = clientOf(doorOf(another, tenant.origin), tenant.apiKey);
    const before = await numberOf(table);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? owner : elsewhere).post(path, body(), key)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await numberOf(table)).toBe(before + 1);
  });

  test('twenty callers with one key and two bodies: one wins, the other is a conflict', async () => {
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => owner.post(path, index % 2 ? body() : otherBody(), key)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(201), ...Array(10).fill(409)]);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
  });

  test('after 24 hours the key is free again', async () => {
    const key = newKey();
    const first = await owner.post(path, body(), key);
    await tenant.rows(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = $1`, [
      key['idempotency-key'],
    ]);
    const second = await owner.post(path, otherBody(), key);
    expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect(second.body.id).not.toBe(first.body.id);
  });
});

describe('a posting, of whose answer no copy is kept', () => {
  const hold = () => ({
    ...posting(300),
    status: 'pending',
    expires_at: '2999-01-01T00:00:00Z',
    metadata: { note: 'x' },
  });

  test.each([
    ['posted and reversed', () => posting(300), [['reverse', { reason: 'Wrong' }]]],
    [
      'held, posted in part and reversed',
      hold,
      [
        ['post', { amount: 100 }],
        ['reverse', { reason: 'Wrong' }],
      ],
    ],
    ['held and voided', hold, [['void', { reason: 'Gone' }]]],
  ] as const)('is answered as it was created after it was %s', async (_name, made, steps) => {
    const key = newKey();
    const body = made();
    const first = await owner.post('/api/transactions', body, key);
    expect(first.status).toBe(201);
    for (const [step, input] of steps) {
      expect((await owner.post(`/api/transactions/${first.body.id}/${step}`, input)).status).toBe(200);
    }
    const replay = await owner.post('/api/transactions', body, key);
    expect([replay.status, replay.text, replay.headers.get('idempotent-replayed')]).toEqual([201, first.text, 'true']);
    expect(await numberOf('idempotency_keys WHERE response IS NOT NULL AND transaction_ids IS NOT NULL')).toBe(0);
  });

  test('in a batch is answered in its order', async () => {
    const key = newKey();
    const batch = { transactions: [posting(3), hold(), posting(1), posting(2)] };
    const first = await owner.post('/api/transactions/batch', batch, key);
    const [, held, last] = first.body.data as Body[];
    expect((await owner.post(`/api/transactions/${held!.id}/void`, {})).status).toBe(200);
    expect((await owner.post(`/api/transactions/${last!.id}/reverse`, { reason: 'Wrong' })).status).toBe(200);
    expect((await owner.post('/api/transactions/batch', batch, key)).text).toBe(first.text);
  });

  test('is answered with its id alone to whom that will do', async () => {
    const minimal = { prefer: 'respond-async, return=minimal' };
    const key = newKey();
    const one = await owner.post('/api/transactions', posting(7), { ...key, ...minimal });
    expect([one.status, Object.keys(one.body), one.headers.get('preference-applied')]).toEqual([
      201,
      ['id'],
      'return=minimal',
    ]);
    expect(one.headers.get('location')).toBe(`/api/transactions/${one.body.id}`);
    const whole = await owner.post('/api/transactions', posting(7), key);
    expect([whole.headers.get('idempotent-replayed'), whole.headers.get('preference-applied')]).toEqual(['true', null]);
    expect(whole.body).toEqual((await owner.get(`/api/transactions/${one.body.id}`)).body);
    const batch = await owner.post('/api/transactions/batch', { transactions: [posting(1), posting(2)] }, minimal);
    const ids = batch.body.data.map(({ id, ...rest }: Body) => [id, rest]);
    expect(ids).toEqual([
      [expect.any(String), {}],
      [expect.any(String), {}],
    ]);
    const account = await owner.post(
      '/api/accounts',
      { code: '9', name: 'A', type: 'asset', currency: 'USD' },
      minimal,
    );
    expect([account.headers.get('preference-applied'), account.body.name]).toEqual([null, 'A']);
  });
});

test('the same key at another operation is refused', async () => {
  const key = newKey();
  expect((await owner.post('/api/merchant-orgs', { name: 'A' }, key)).status).toBe(201);
  expectProblem(await owner.post('/api/transactions', posting(1), key), 409, 'idempotency_conflict');
  expectProblem(await owner.patch('/api/tenants/current', { name: 'A' }, key), 409, 'idempotency_conflict');
});

test('the same change of another version is another request', async () => {
  const { body } = await owner.post('/api/merchant-orgs', { name: 'A' });
  const key = newKey();
  const path = `/api/merchant-orgs/${body.id}`;
  expect((await owner.patch(path, { name: 'B' }, { ...key, 'if-match': '"1"' })).status).toBe(200);
  expect((await owner.patch(path, { name: 'B' }, { ...key, 'if-match': '"1"' })).body.version).toBe(2);
  expectProblem(await owner.patch(path, { name: 'B' }, { ...key, 'if-match': '"2"' }), 409, 'idempotency_conflict');
});

test('an answer that is a secret is never kept: a repetition is told that it was done', async () => {
  const [role] = (await owner.get('/api/roles')).body.data;
  const key = newKey();
  const body = { name: 'Till', role_id: role!.id };
  const created = await owner.post('/api/api-keys', body, key);
  expect(created.status).toBe(201);
  const before = await numberOf('api_keys');
  expectProblem(await owner.post('/api/api-keys', body, key), 409, 'already_done');
  expectProblem(await owner.post('/api/api-keys', { ...body, name: 'Bar' }, key), 409, 'idempotency_conflict');
  expect(await numberOf('api_keys')).toBe(before);
  expect(JSON.stringify(await tenant.rows('SELECT * FROM idempotency_keys'))).not.toContain(created.body.key);
});

test('signing out with a key answers nothing, like without', async () => {
  const staff = { email: 'sign-out@acme.test', password: 'correct horse battery' };
  await tenant.createUser(staff);
  const signedIn = await tenant.as(null).post('/api/sessions', staff);
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const asStaff = tenant.as({ cookie, origin: tenant.origin });
  expect((await asStaff.delete('/api/sessions/current', newKey())).status).toBe(204);
});

test.each([
  ['', 400],
  ['x'.repeat(255), 201],
  ['x'.repeat(256), 400],
  ['two words', 400],
  ['naïve', 400],
])('an Idempotency-Key has 1 to 255 visible ASCII characters (%#)', async (key, status) => {
  const answer = await owner.post('/api/merchant-orgs', { name: 'A' }, { 'idempotency-key': key });
  expect(answer.status).toBe(status);
  if (status === 400) expectProblem(answer, 400, 'malformed');
});
