import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../support/door.ts';
import { openEdgeSite } from './edge-site.ts';
import { everyRoute, type PageRow, pageTable } from './page-table.ts';
import { allowedCaller, ask, everyDoor } from './request.ts';
import { expectNonces, expectSecured } from './security.ts';
import { createWorld, type World } from './world.ts';

const missingId = '0190a0a0-0000-7000-8000-000000000000';
const rows: [string, PageRow][] = Object.entries(pageTable);
const withIds = rows.filter(([, { kind }]) => kind);
const isPublic = (path: string) => /^\/api\/(docs|openapi\.json)$/.test(path);

let own: World;
let other: World;
let stop: () => Promise<void>;

beforeAll(async () => {
  const site = await openEdgeSite();
  stop = site.stop;
  own = await createWorld(site.tenants[0]);
  other = await createWorld(site.tenants[1]);
});
afterAll(() => stop?.());

/** Opens a page as a browser with this cookie. */
async function open(path: string, cookie: string | null, method = 'GET', more: Record<string, string> = {}) {
  const answer = await own.tenant.as(cookie === null ? {} : { cookie }).send(method, path, { headers: more });
  expectSecured(answer.headers, `${method} ${path}`);
  const type = answer.headers.get('content-type') ?? '';
  if (type.startsWith('text/html') && answer.text !== '') expectNonces(answer.text, answer.headers, path);
  return answer;
}

/** A page without what differs between any two answers. */
function withoutIds({ text }: Answer): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '');
}

test('every page of the portal has its row in the table', () => {
  expect(Object.keys(pageTable).sort()).toEqual(everyRoute());
});

describe.each(rows)('%s', (_name, row) => {
  const pathOf = (id: World['id']) => row.path(id);

  test('is shown to the owner', async () => {
    expect((await open(pathOf(own.id), own.cookies.staff)).status).toBe(row.status ?? 200);
  });

  test('sends nobody, and whose session does not hold, to sign in; an API key opens no page', async () => {
    const path = pathOf(own.id);
    for (const cookie of [null, own.cookies.revoked, own.cookies.expired, other.cookies.staff, 'scp_session=x']) {
      const answer = await open(path, cookie);
      expect([path, answer.status]).toEqual([path, row.openStatus ?? 302]);
      if (!row.openStatus)
        expect(answer.headers.get('location')).toBe(`/sign-in?${new URLSearchParams({ next: path })}`);
    }
    const withKey = await open(path, own.cookies.staff, 'GET', { authorization: `Bearer ${own.tenant.apiKey}` });
    expect(withKey.status).toBe(row.openStatus ?? 302);
  });

  test('shows nothing to a role without its permission', async () => {
    const answer = await open(pathOf(own.id), own.cookies.nothing);
    const refusal = row.isOwn ? 404 : 403;
    expect(answer.status, answer.text.slice(0, 200)).toBe(row.isForAll ? (row.status ?? 200) : refusal);
    for (const name of ['Inside', 'Outside']) expect(answer.text).not.toContain(`>${name}<`);
  });

  test('takes no form from another site, and changes nothing', async () => {
    const before = await own.tenant.contents();
    const { origin } = own.tenant;
    const elsewhere = ['null', 'http://evil.test', `${origin}.evil.test`, other.tenant.origin, `${origin}/`];
    for (const site of [{}, ...elsewhere.map((each) => ({ origin: each }))]) {
      const answer = await open(pathOf(own.id), own.cookies.staff, 'POST', {
        'content-type': 'application/x-www-form-urlencoded',
        ...site,
      });
      expect([site, answer.status, answer.body.code]).toEqual([site, 403, 'cross_origin']);
    }
    expect(await own.tenant.contents()).toEqual(before);
  });
});

test.each(withIds)('%s answers absent, foreign and unreadable ids alike', async (_name, { path, kind, outside }) => {
  const show = (id: string, cookie = own.cookies.staff) => open(path({ ...own.id, [kind!]: id }), cookie);
  const missing = await show(missingId);
  expect(missing.status).toBe(404);
  const foreign = await show(other.id[kind!]);
  expect([foreign.status, withoutIds(foreign)]).toEqual([404, withoutIds(missing)]);
  expect((await show('1')).status).toBe(404);
  if (!outside) return;
  const [absent, unreadable] = [
    await show(missingId, own.cookies.scoped),
    await show(own.id[outside], own.cookies.scoped),
  ];
  expect([unreadable.status, withoutIds(unreadable)]).toEqual([404, withoutIds(absent)]);
});

/** What is done to parties as a whole, and not within one. */
const forWholeTenant = ['_app.merchants.$id_.transfer'];

test.each(withIds.filter(([, { outside }]) => outside))(
  '%s opens within the MerchantOrg that somebody has every permission in',
  async (name, { path, status }) => {
    const answer = await open(path(own.id), own.cookies.scoped);
    const usual = forWholeTenant.includes(name) ? 403 : (status ?? 200);
    expect(answer.status, answer.text.slice(0, 200)).toBe(usual);
  },
);

test('what a form hides and somebody changes is refused, and never fails', async () => {
  const asBrowser = own.tenant.as({
    cookie: own.cookies.staff,
    origin: own.tenant.origin,
    'content-type': 'application/x-www-form-urlencoded',
  });
  const post = async (path: string, fields: Record<string, string>) =>
    (await asBrowser.send('POST', path, { body: new URLSearchParams(fields).toString() })).status;
  // Signing out takes no fields, and would end what the rest needs.
  for (const [name, row] of rows.filter(([name]) => name !== 'sign-out')) {
    for (const key of ['a\0b', 'x'.repeat(300), 'two words']) {
      expect(await post(row.path(own.id), { idempotency_key: key, version: '1' }), name).toBeLessThan(500);
    }
  }
  for (const [name, row] of rows.filter(([name]) => name.endsWith('.edit'))) {
    for (const version of ['9'.repeat(10), '9'.repeat(30), '-1', 'one']) {
      const status = await post(row.path(own.id), { idempotency_key: `key-${version}`, version, name: 'Other' });
      expect([412, 422], `${name} ${version}`).toContain(status);
    }
  }
});

test('a page answers GET, HEAD and POST alone, and nothing that somebody asks is logged as our failure', async () => {
  for (const path of ['/', '/merchants', '/nowhere', '/__manifest', '/merchants.data']) {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const refused = await open(path, null, method);
      expect([path, method, refused.status]).toEqual([path, method, 405]);
      expect(refused.headers.get('allow')).toBe('GET, HEAD, POST');
    }
    const posted = [
      await open(path, null, 'POST'),
      await open(path, own.cookies.staff, 'POST', { origin: own.tenant.origin }),
    ];
    for (const { status } of posted) expect([200, 302, 404, 405]).toContain(status);
  }
});

describe('the headers that protect', () => {
  test.each(everyDoor())('are on every answer of $name', async (door) => {
    // Signed in before there is a second factor that the door may need.
    const caller = await allowedCaller(door, own);
    const valid = await door.row.valid(own);
    const given = await ask(caller, door, valid);
    expect(given.status, given.text).toBe(door.status);
    const answers = [
      given,
      await ask(own.tenant.as(null), door, door.row.isSlow ? { body: {} } : valid),
      await ask(own.tenant.as(own.keys.nothing), door, door.row.isSlow ? { body: {} } : valid),
      await own.tenant.owner.send('PUT', door.path.replace('{id}', missingId)),
      await ask(own.tenant.owner, door, valid, { body: '{', headers: { 'content-type': 'application/json' } }),
    ];
    for (const { headers, status } of answers) expectSecured(headers, `${door.name} ${status}`);
  });

  test.each(['/healthz', '/api/docs', '/api/openapi.json', '/api/nowhere', '/mcp', '/x.data', '/__manifest'])(
    'are on %s',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE']) {
        const { headers, status } = await own.tenant.owner.send(method, path);
        expectSecured(headers, `${method} ${path} ${status}`, { isPublic: isPublic(path) && status === 200 });
      }
    },
  );
});
