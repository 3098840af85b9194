import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../server/operations/registry.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  // One statement, one instant: every row ties in created_at, and half of them in name.
  await tenant.arrange(
    `INSERT INTO merchant_orgs (name, created_at) SELECT 'Org ' || n % 13, '2026-01-02T03:04:05.000006Z' FROM generate_series(1, 30) n`,
  );
  await tenant.arrange(
    `INSERT INTO merchant_orgs (name, created_at)
     SELECT 'Late ' || n, timestamptz '2026-01-02T03:04:05Z' + n * interval '1 microsecond' FROM generate_series(1, 11) n`,
  );
});
afterAll(() => site?.stop());

async function everyPage(path: string): Promise<{ ids: string[]; pages: number; links: (string | null)[] }> {
  const ids: string[] = [];
  const links: (string | null)[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const next: string = cursor === null ? path : `${path}&cursor=${cursor}`;
    const { body, headers, status } = await owner.get(next);
    expect(status).toBe(200);
    ids.push(...body.data.map(({ id }) => id));
    links.push(headers.get('link'));
    cursor = body.next_cursor;
    pages += 1;
  } while (cursor !== null && pages < 100);
  return { ids, pages, links };
}

describe('pages', () => {
  test.each(['created_at', '-created_at', 'name', '-name'])(
    'by %s hold every row once, ties included, in the order of the sort',
    async (sort) => {
      const { ids, pages } = await everyPage(`/api/merchant-orgs?limit=7&sort=${sort}`);
      const column = sort.replace('-', '');
      const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
      const rows = await tenant.rows(`SELECT id FROM merchant_orgs ORDER BY ${column} ${direction}, id ${direction}`);
      expect(ids).toEqual(rows.map(({ id }) => id));
      expect(pages).toBe(6);
    },
  );

  test('say where the next one is, until the last', async () => {
    const { links } = await everyPage('/api/merchant-orgs?limit=20&sort=name&q=Org');
    expect(links).toHaveLength(2);
    expect(links[1]).toBeNull();
    const [, path] = /^<(\/api\/merchant-orgs\?[^>]+)>; rel="next"$/.exec(links[0] ?? '') ?? [];
    const followed = await owner.get(path ?? '');
    expect(followed.body.data).toHaveLength(10);
    expect(followed.body.next_cursor).toBeNull();
  });

  test('hold 50 rows when nothing else is asked, and 200 at most', async () => {
    await tenant.arrange(`INSERT INTO merchant_orgs (name) SELECT 'More' FROM generate_series(1, 200) n`);
    expect((await owner.get('/api/merchant-orgs')).body.data).toHaveLength(50);
    expect((await owner.get('/api/merchant-orgs?limit=200')).body.data).toHaveLength(200);
    await tenant.arrange(`DELETE FROM merchant_orgs WHERE name = 'More'`);
  });

  test('stay in place while rows are added before them', async () => {
    const first = await owner.get('/api/merchant-orgs?limit=5&sort=name');
    const added = (await owner.post('/api/merchant-orgs', { name: 'AAA' })).body.id;
    const second = await owner.get(`/api/merchant-orgs?limit=5&sort=name&cursor=${first.body.next_cursor}`);
    const seen = [...first.body.data, ...second.body.data].map(({ id }) => id);
    expect(new Set(seen).size).toBe(10);
    expect(seen).not.toContain(added);
    await tenant.arrange('DELETE FROM books WHERE party_id = $1', [added]).catch(() => {});
  });
});

const lists = operations
  .filter(({ isList, http }) => isList && !http!.path.includes('{'))
  .map(({ http }) => http!.path);

describe.each(lists.filter((path) => path !== '/api/tenants'))('%s', (path) => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const id = '0190a0a0-0000-7000-8000-000000000000';

  test('refuses cursors that it did not give out', async () => {
    const cursors = [
      'x',
      '%00',
      '....',
      encode(null),
      encode({}),
      encode(['name']),
      encode(['merchants', 'nothing', 'a', id]),
      encode(['roles', '-created_at', '2026-01-01T00:00:00Z', 'no-uuid']),
      encode(['users', 'name', '\u0000', id]),
      encode(['merchants', '-created_at', 'a', id]),
    ];
    for (const cursor of cursors) {
      expectProblem(await owner.get(`${path}?cursor=${encodeURIComponent(cursor)}`), 400, 'malformed');
    }
    expectProblem(await owner.get(`${path}?cursor=${'x'.repeat(2001)}`), 422, 'invalid');
  });

  test('refuses sorts that it does not have', async () => {
    for (const sort of ['', 'password_hash', '-', '--name', 'name;--', 'toString', '__proto__', 'name,id']) {
      expectProblem(await owner.get(`${path}?sort=${encodeURIComponent(sort)}`), 422, 'invalid');
    }
  });
});

test('a cursor of another sort is refused', async () => {
  const { body } = await owner.get('/api/merchant-orgs?limit=2&sort=name');
  for (const sort of ['-name', 'created_at', '-created_at']) {
    expectProblem(
      await owner.get(`/api/merchant-orgs?limit=2&sort=${sort}&cursor=${body.next_cursor}`),
      400,
      'malformed',
    );
  }
});

test('a cursor of another list is refused', async () => {
  await owner.post('/api/merchants', {
    merchant_org_id: (await owner.get('/api/merchant-orgs')).body.data[0]!.id,
    name: 'A',
  });
  const { body } = await owner.get('/api/merchant-orgs?limit=2&sort=name');
  expectProblem(await owner.get(`/api/merchants?limit=2&sort=name&cursor=${body.next_cursor}`), 400, 'malformed');
});

describe('filters', () => {
  test('are exact by field, and literal in search', async () => {
    await owner.post('/api/merchant-orgs', { name: '50% off_\\' });
    const count = async (query: string) => (await owner.get(`/api/merchant-orgs?limit=200&${query}`)).body.data.length;
    expect(await count('name=Late 1')).toBe(1);
    expect(await count('name=late 1')).toBe(0);
    expect(await count('q=LATE')).toBe(11);
    expect(await count(`q=${encodeURIComponent('50%')}`)).toBe(1);
    expect(await count(`q=${encodeURIComponent('%_%')}`)).toBe(0);
    expect(await count(`q=${encodeURIComponent('f_\\')}`)).toBe(1);
    expect(await count('status=closed')).toBe(0);
  });
});

test('ETags: a read that is not changed is not sent again, a stale change is refused', async () => {
  const created = await owner.post('/api/merchant-orgs', { name: 'Tagged' });
  const path = created.headers.get('location') ?? '';
  const read = await owner.get(path);
  const etag = read.headers.get('etag') ?? '';
  expect(etag).toBe('"1"');
  const same = await owner.get(path, { 'if-none-match': etag });
  expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', etag]);
  const changed = await owner.patch(path, { name: 'Changed' }, { 'if-match': etag });
  expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
  for (const stale of [etag, '"x"', 'W/"2"', '"99999999999"', '2']) {
    expectProblem(await owner.patch(path, { name: 'Lost' }, { 'if-match': stale }), 412, 'stale');
  }
  expect((await owner.get(path, { 'if-none-match': etag })).body.name).toBe('Changed');
  expect((await owner.patch(path, { name: 'Any' }, { 'if-match': '*' })).status).toBe(200);
  const missing = path.replace(/[^/]+$/, '0190a0a0-0000-7000-8000-000000000000');
  expectProblem(await owner.patch(missing, { name: 'A' }, { 'if-match': '"1"' }), 404, 'not_found');
});

test('If-Match guards deletes and the settings of the tenant as well', async () => {
  const [role] = (await owner.get('/api/roles')).body.data;
  const key = (await owner.post('/api/api-keys', { name: 'Till', role_id: role?.id })).body;
  expectProblem(await owner.delete(`/api/api-keys/${key.id}`, { 'if-match': '"7"' }), 412, 'stale');
  expect((await owner.delete(`/api/api-keys/${key.id}`, { 'if-match': '"1"' })).body.revoked_at).not.toBeNull();
  expectProblem(await owner.patch('/api/tenants/current', { name: 'A' }, { 'if-match': '"7"' }), 412, 'stale');
});

test('of twenty changes of one version, one is made', async () => {
  const { headers } = await owner.post('/api/merchant-orgs', { name: 'Contended' });
  const path = headers.get('location') ?? '';
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => owner.patch(path, { name: `By ${index}` }, { 'if-match': '"1"' })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)]);
  expect((await owner.get(path)).body.version).toBe(2);
});
