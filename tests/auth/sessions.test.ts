import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceOf, networkOf } from '../../server/auth/device.ts';
import { hashSecret } from '../../tenants/credentials.ts';
import { expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  await tenant.createUser({ email: 'staff@acme.test', password });
  await tenant.createUser({ email: 'other@acme.test', password });
});
afterAll(() => site?.stop());

async function signIn(email: string, headers: Record<string, string> = {}) {
  const answer = await tenant.as(headers).post('/api/sessions', { email, password });
  expect(answer.status, answer.text).toBe(201);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
const asBrowser = (cookie: string) => tenant.as({ cookie, origin: tenant.origin });
const tokenHash = (cookie: string) => hashSecret(cookie.split('=')[1] ?? '');

test('are listed to their owner alone, in words, and end one by one or all but this one', async () => {
  const here = await signIn('staff@acme.test', { 'user-agent': FIREFOX, 'cf-connecting-ip': '203.0.113.5' });
  const there = await signIn('staff@acme.test');
  await signIn('staff@acme.test');
  const foreign = await signIn('other@acme.test');
  const mine = (await asBrowser(here).get('/api/sessions')).body.data;
  expect(mine).toHaveLength(3);
  const [current] = mine.filter(({ is_current }) => is_current);
  expect(current).toMatchObject({ device: 'Firefox on Windows', address: '203.0.113.5' });
  const theirs = (await asBrowser(foreign).get('/api/sessions')).body.data[0]!;
  expectProblem(await asBrowser(here).delete(`/api/sessions/${theirs.id}`), 404, 'not_found');
  const [row] = await tenant.rows('SELECT handle FROM sessions WHERE id = $1', [tokenHash(there)]);
  expect((await asBrowser(here).delete(`/api/sessions/${row?.handle}`)).status).toBe(204);
  expectProblem(await asBrowser(there).get('/api/sessions'), 401, 'unauthenticated');
  expect((await asBrowser(here).post('/api/sessions/revoke-others', {})).body).toEqual({ revoked: 1 });
  expect((await asBrowser(here).get('/api/sessions')).body.data).toHaveLength(1);
  expect((await asBrowser(foreign).get('/api/sessions')).status).toBe(200);
  expect((await tenant.owner.get('/api/sessions')).body).toEqual({ data: [] });
});

test('end after thirty days, however much they are used, and note their use once an hour', async () => {
  const cookie = await signIn('staff@acme.test');
  const change = (set: string) => tenant.rows(`UPDATE sessions SET ${set} WHERE id = $1`, [tokenHash(cookie)]);
  const used = async () => {
    await asBrowser(cookie).get('/api/tenants');
    const [row] = await tenant.rows(
      `SELECT last_used_at > now() - interval '1 minute' AS is_noted, expires_at <= created_at + interval '30 days' AS is_capped
       FROM sessions WHERE id = $1`,
      [tokenHash(cookie)],
    );
    return row;
  };
  await change(`last_used_at = now() - interval '50 minutes'`);
  expect(await used()).toEqual({ is_noted: false, is_capped: true });
  await change(`last_used_at = now() - interval '2 hours', created_at = now() - interval '29 days'`);
  expect(await used()).toEqual({ is_noted: true, is_capped: true });
  await change(`created_at = now() - interval '31 days', expires_at = now() + interval '5 days'`);
  expectProblem(await asBrowser(cookie).get('/api/tenants'), 401, 'unauthenticated');
});

test('get a new id at every sign-in: one that was brought along is never adopted, and ends', async () => {
  const brought = await signIn('other@acme.test');
  const fresh = await signIn('staff@acme.test', { cookie: brought, origin: tenant.origin });
  expect(fresh).not.toBe(brought);
  expectProblem(await asBrowser(brought).get('/api/sessions'), 401, 'unauthenticated');
  const planted = await signIn('staff@acme.test', {
    cookie: 'scp_session=planted-by-somebody-else',
    origin: tenant.origin,
  });
  expect(planted).not.toContain('planted-by-somebody-else');
});

test('from a device that is new are told by mail, the first and a known one are not', async () => {
  await tenant.createUser({ email: 'mailed@acme.test', password });
  const from = (address: string) => signIn('mailed@acme.test', { 'user-agent': FIREFOX, 'cf-connecting-ip': address });
  for (const address of ['192.0.2.1', '192.0.2.77', '198.51.100.1', '198.51.100.2']) await from(address);
  await tenant.home.runJobs();
  const mails = await tenant.rows(
    `SELECT body FROM mailbox WHERE subject LIKE 'New sign-in%' AND recipient = 'mailed@acme.test'`,
  );
  expect(mails).toHaveLength(1);
  expect(String(mails[0]?.body)).toContain('Firefox on Windows from 198.51.100.1');
});

test.each([
  [FIREFOX, 'Firefox on Windows'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0', 'Edge on Linux'],
  ['curl/8.5.0', 'curl'],
  ['<script>', 'Unknown device'],
  [null, 'Unknown device'],
])('%s is called %s', (userAgent, words) => expect(deviceOf(userAgent)).toBe(words));

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['2001:DB8:1:2::5', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['local', 'local'],
])('%s is in the network %s', (address, network) => expect(networkOf(address)).toBe(network));
