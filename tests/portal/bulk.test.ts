import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEdgeSite } from '../doors/edge-site.ts';
import type { Answer, Client } from '../support/door.ts';
import type { TestTenant } from '../support/tenant.ts';

let tenant: TestTenant;
let other: TestTenant;
let stop: () => Promise<void>;
let staff: Client;
let org: string;

beforeAll(async () => {
  const site = await openEdgeSite();
  [[tenant, other], stop] = [site.tenants, site.stop];
  staff = await signedIn('owner');
  org = (await tenant.owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
});
afterAll(() => stop?.());

/** A browser of somebody who holds this role. */
async function signedIn(role: string | string[]): Promise<Client> {
  const person = { email: `${[role].flat()[0]?.replace(':', '-')}@acme.test`, password: 'correct horse battery' };
  await tenant.createUser({ ...person, role });
  const answer = await tenant.as(null).post('/api/sessions', person);
  return tenant.as({ cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '', origin: tenant.origin });
}

type Row = { id: string; version: number };

const addMerchant = async (name: string): Promise<Row> =>
  (await tenant.owner.post('/api/merchants', { merchant_org_id: org, name })).body;

async function send(
  list: string,
  action: string,
  key: string,
  rows: Row[],
  as = staff,
  more: object = {},
): Promise<Answer> {
  const fields = [...rows.map(({ id, version }) => ['row', `${id} ${version}`]), ['idempotency_key', key]];
  const body = new URLSearchParams([...fields, ...Object.entries(more)]).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const search = new URLSearchParams([['action', action], ...rows.map(({ id }) => ['id', id])]);
  return as.send('POST', `/bulk/${list}?${search}`, { headers, body });
}

/** What the page tells, without its markup. */
const told = ({ text }: Answer) => text.replace(/<script.*?<\/script>/gs, '').replace(/<[^>]+>/g, '|');
const eventsOf = (id: string, action: string) =>
  tenant.rows('SELECT id FROM audit_events WHERE resource_id = $1 AND action = $2', [id, action]);

test('each row is a change of its own: one that is refused says why, and holds up no other', async () => {
  const [first, changed, last] = [await addMerchant('First'), await addMerchant('Changed'), await addMerchant('Last')];
  await tenant.owner.patch(`/api/merchants/${changed.id}`, { phone: '555 01' });
  const answer = await send('merchant', 'archive', 'partly', [first, changed, last]);
  expect(answer.status).toBe(200);
  expect(told(answer)).toContain('2 merchants archived.');
  expect(told(answer)).toMatch(/Refused: 1\|.*Changed\|+[^|]*changed/s);
  for (const { id } of [first, last]) expect(await eventsOf(id, 'merchant.archive')).toHaveLength(1);
  expect((await tenant.owner.get(`/api/merchants/${changed.id}`)).body).toMatchObject({ archived_at: null });
});

test('what cannot be done is told before it is asked, and a result that did nothing does not say that it is done', async () => {
  const rest = await addMerchant('At rest');
  const [{ id: work }, archived] = [await addMerchant('At work'), await addMerchant('Out of use')];
  await tenant.arrange(`UPDATE merchants SET status = 'active' WHERE id = $1`, [work]);
  await send('merchant', 'archive', 'earlier', [archived]);
  const ask = (action: string) =>
    staff.get(`/bulk/merchant?action=${action}&${[rest.id, work, archived.id].map((id) => `id=${id}`).join('&')}`);
  const asked = await ask('archive');
  expect(told(asked)).toContain('Archive: 1 of 3 merchants');
  expect(told(asked)).toMatch(/At work\|+Only what is closed or still onboarding can be archived\./);
  expect(told(asked)).toMatch(/Out of use\|+It is archived already\./);
  expect(asked.text.match(/name="row"/g)).toHaveLength(1);
  const suspend = told(await ask('suspend'));
  expect(suspend).toContain('Suspend: 1 of 3 merchants');
  expect(suspend).toMatch(/At rest\|+This merchant is onboarding; what is onboarding cannot become suspended\./);
  const nothing = told(await send('merchant', 'archive', 'nothing', [{ id: work, version: 1 }]));
  expect(nothing).toContain('|Nothing was done|');
  expect(nothing).not.toContain('|Done|');
});

test('a form that is sent twice does its work once, and tells the same', async () => {
  const rows = [await addMerchant('One'), await addMerchant('Two')];
  const twice = [await send('merchant', 'archive', 'twice', rows), await send('merchant', 'archive', 'twice', rows)];
  for (const answer of twice) expect(told(answer)).toContain('2 merchants archived.');
  for (const { id } of rows) expect(await eventsOf(id, 'merchant.archive')).toHaveLength(1);
});

test('rows of another tenant and rows that are not there are refused alike, and stay unnamed', async () => {
  const theirOrg = (await other.owner.post('/api/merchant-orgs', { name: 'Theirs' })).body;
  const absent = { id: '0190a0a0-0000-7000-8000-000000000000', version: 1 };
  const mine = (await tenant.owner.post('/api/merchant-orgs', { name: 'Mine' })).body;
  const answer = await send('merchant_org', 'archive', 'foreign', [theirOrg, absent, mine]);
  expect(told(answer)).toContain('1 MerchantOrg archived.');
  expect(told(answer).match(/One that is gone, or out of your reach/g)).toHaveLength(2);
  expect(told(answer)).not.toContain('Theirs');
  expect((await other.owner.get(`/api/merchant-orgs/${theirOrg.id}`)).body).toMatchObject({ archived_at: null });
  const asked = await staff.get(`/bulk/merchant_org?action=restore&id=${mine.id}&id=${theirOrg.id}`);
  expect(told(asked)).toContain('1 of what was selected is gone, or out of your reach.');
  expect(told(asked)).not.toContain('Theirs');
});

test('more than a hundred, what is no row, and what cannot be done to a list are refused before anything is done', async () => {
  const ids = Array.from({ length: 101 }, (_, at) => `0190a0a0-0000-7000-8000-${String(at).padStart(12, '0')}`);
  const many = ids.map((id) => ({ id, version: 1 }));
  expect((await send('merchant', 'archive', 'many', many)).status).toBe(400);
  expect((await staff.get(`/bulk/merchant?action=archive&${ids.map((id) => `id=${id}`).join('&')}`)).status).toBe(400);
  expect((await send('merchant', 'archive', 'none', [{ id: 'x', version: 1 }])).status).toBe(400);
  expect((await staff.get('/bulk/merchant?action=archive&id=x')).status).toBe(400);
  for (const address of ['merchant?action=lose', 'tenant?action=archive', 'constructor?action=archive', 'merchant']) {
    expect([address, (await staff.get(`/bulk/${address}`)).status]).toEqual([address, 404]);
  }
});

test('who may not do it is neither offered nor granted it', async () => {
  const reader = await signedIn(['merchant:read']);
  const row = await addMerchant('Untouched');
  const list = await reader.get('/merchants');
  expect(list.text).toContain('Untouched');
  expect(list.text).not.toContain('name="id"');
  expect((await staff.get('/merchants')).text).toContain('name="id"');
  expect((await reader.get(`/bulk/merchant?action=archive&id=${row.id}`)).status).toBe(403);
  const answer = await send('merchant', 'archive', 'reader', [row], reader);
  expect(answer.status).toBe(403);
  expect((await tenant.owner.get(`/api/merchants/${row.id}`)).body).toMatchObject({ archived_at: null, version: 1 });
});

test('people are disabled and enabled, but nobody themselves', async () => {
  const person = await tenant.createUser({ email: 'jo@acme.test', password: 'correct horse battery', role: 'auditor' });
  const rows = (await tenant.owner.get('/api/users')).body.data.filter(
    ({ id, email }) => id === person || email === 'owner@acme.test',
  );
  expect(rows).toHaveLength(2);
  const answer = await send('user', 'disable', 'people', rows);
  expect(told(answer)).toContain('1 person disabled.');
  expect(told(answer)).toContain('Refused: 1');
  const now = (await tenant.owner.get(`/api/users/${person}`)).body;
  expect(now.status).toBe('disabled');
  expect(told(await send('user', 'enable', 'again', [now]))).toContain('1 person enabled.');
});

test('prospects are lost for a reason that the form asks for once', async () => {
  const add = async (name: string): Promise<Row> => (await tenant.owner.post('/api/prospects', { name })).body;
  const rows = [await add('North Gym'), await add('South Gym')];
  const refused = await send('prospect', 'lose', 'unsaid', rows);
  expect(refused.status).toBe(422);
  expect(told(refused)).toContain('Why says why a prospect is lost');
  const answer = await send('prospect', 'lose', 'said', rows, staff, { lost_reason: 'price', reason: 'Too dear' });
  expect(told(answer)).toContain('2 prospects marked as lost.');
  for (const { id } of rows) {
    expect((await tenant.owner.get(`/api/prospects/${id}`)).body).toMatchObject({
      status: 'lost',
      lost_reason: 'price',
    });
    expect(await eventsOf(id, 'prospect.move')).toHaveLength(1);
  }
});
