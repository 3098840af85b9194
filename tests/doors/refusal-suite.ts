import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newApiKey } from '../../tenants/credentials.ts';
import { type Answer, expectProblem, NEEDLE } from '../support/door.ts';
import { keepsTextVerbatim, survivesHostileValues } from './hostile-values.ts';
import { allowedCaller, ask, everyDoor, type TestedDoor } from './request.ts';
import { createWorld, type World } from './world.ts';

export type Worlds = { own: World; other: World; stop(): Promise<void> };
export type OpenSite = () => Promise<{
  tenants: [World['tenant'], World['tenant']];
  stop(): Promise<void>;
}>;

const MEGABYTE = 1024 * 1024;
const missingId = '0190a0a0-0000-7000-8000-000000000000';
const jsonType = { 'content-type': 'application/json' };

/** An answer without what differs between any two requests. */
function withoutRequestId({ text, body }: Answer): string {
  return text.replaceAll(String(body.request_id), '');
}

/** Bodies that no door may take: what is wrong with them, and what is answered. */
const badBodies: readonly [string, string | Uint8Array, Record<string, string>, number, string | undefined][] = [
  ['not JSON', `{"${NEEDLE}": `, jsonType, 400, 'malformed'],
  ['two JSON documents', '{}{}', jsonType, 400, 'malformed'],
  [
    'bytes that are not UTF-8',
    new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
    jsonType,
    400,
    'malformed',
  ],
  ['a form', `a=${NEEDLE}`, { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
  ['plain text that is JSON', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ['a list', `["${NEEDLE}"]`, jsonType, 422, 'invalid'],
  ['null', 'null', jsonType, 422, 'invalid'],
  ['a number', '1e999', jsonType, 422, 'invalid'],
  ['one byte over 1 MiB', `"${'x'.repeat(MEGABYTE - 1)}"`, jsonType, 413, 'too_large'],
  ['10 MB', `"${'x'.repeat(10_000_000)}"`, jsonType, 413, 'too_large'],
  ['100,000 lists inside each other', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, jsonType, 422, 'invalid'],
  ['100,000 objects inside each other', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, jsonType, 422, 'invalid'],
  ['an unfinished nest of 500,000', '['.repeat(500_000), jsonType, 400, 'malformed'],
];

/** Keys that no schema has: refused, whatever JavaScript thinks of them. */
const unknownFields = ['surprise', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'id2', ''];

/** Each door meets a third of a list, another one than its neighbours, unless all is tried. */
function thirdOf<T>(list: readonly T[], door: TestedDoor, stride: number): T[] {
  const nth = Math.min(stride, 3);
  return list.filter((_, place) => (place + door.name.length) % nth === 0);
}

/** Tells nobody in particular what it tells everybody. */
const isForNobody = (door: TestedDoor) => door.row.openStatus === 200;

/** What every HTTP door refuses, through any way of serving it. Of the hostile values each `usual`th is tried, of other lists a third; `npm run prove -- doors` tries all. */
export function describeRefusals(title: string, open: OpenSite, usual: number): void {
  const stride = Number(process.env.SCP_HOSTILE_STRIDE ?? usual);
  describe(title, () => {
    let own: World;
    let other: World;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      const site = await open();
      stop = site.stop;
      own = await createWorld(site.tenants[0]);
      other = await createWorld(site.tenants[1]);
    });
    afterAll(() => stop?.());

    describe.each(everyDoor())('$name', (door) => {
      test('answers who may ask', async () => {
        const answer = await ask(await allowedCaller(door, own), door, await door.row.valid(own));
        expect(answer.status, answer.text).toBe(door.status);
      });

      test('refuses who may not, alike, and changes nothing', () => refusesStrangers(door, own, other));

      if (door.row.openStatus !== 422 && !isForNobody(door)) {
        test('refuses sessions that have ended or belong to another tenant', () => refusesSessions(door, own, other));
      }
      if (!door.isOpen) {
        test('refuses a role without its permission, and records that', () => refusesTheWrongRole(door, own));
      }
      if (door.row.kind) {
        test('answers absent, foreign and unreadable ids byte for byte alike', () => hidesIds(door, own, other));
      }
      if (door.method === 'GET') {
        test('refuses parameters that it does not know, and known ones twice', () =>
          refusesParameters(door, own, stride));
      } else {
        test('refuses bodies that no door may take, and changes nothing', () => refusesBadBodies(door, own, stride));
        test('refuses fields that it does not know', () => refusesUnknownFields(door, own, stride));
        test('refuses a session from another site, and changes nothing', () =>
          refusesOtherSites(door, own, other, stride));
      }
      test('takes hostile values as data or refuses them', () => survivesHostileValues(door, own, stride));
      if (door.row.texts) {
        test('keeps hostile text verbatim', () => keepsTextVerbatim(door, own));
      }
      test('names the methods that it answers', () => namesItsMethods(door, own));
    });

    test('after all that, every list still answers and the books balance', async () => {
      for (const door of everyDoor().filter(({ row, method }) => method === 'GET' && !row.kind)) {
        const answer = await ask(own.tenant.owner, door, await door.row.valid(own));
        expect(answer.status, `${door.path}: ${answer.text}`).toBe(200);
      }
      expect((await own.tenant.owner.get('/api/ledger/integrity')).body.balanced).toBe(true);
    });
  });
}

async function refusesStrangers(door: TestedDoor, own: World, other: World): Promise<void> {
  const valid = await door.row.valid(own);
  const before = await own.tenant.contents();
  const nobody = await ask(own.tenant.as(null), door, door.row.openStatus === 422 ? { body: {} } : valid);
  if (isForNobody(door)) expect(nobody.status, nobody.text).toBe(200);
  else expectProblem(nobody, door.row.openStatus ?? 401);
  const strangers = {
    revoked: own.keys.revoked,
    expired: own.keys.expired,
    unknown: newApiKey().key,
    foreign: other.tenant.apiKey,
  };
  for (const [who, key] of Object.entries(strangers)) {
    const refused = await ask(own.tenant.as(key), door, valid);
    expect([who, refused.status, refused.body.code]).toEqual([who, 401, 'unauthenticated']);
    expectProblem(refused, 401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  }
  for (const authorization of ['Basic b3duZXI6b3duZXI=', 'Bearer', `Bearer ${'x'.repeat(5000)}`, 'Bearer a b']) {
    expectProblem(await ask(own.tenant.as({ authorization }), door, valid), 401, 'unauthenticated');
  }
  expect(await own.tenant.contents()).toEqual(before);
}

/** Sessions that do not hold here; one that has expired is removed when it is met. */
async function refusesSessions(door: TestedDoor, own: World, other: World): Promise<void> {
  const valid = await door.row.valid(own);
  const { sessions: _before, ...before } = await own.tenant.contents();
  const cookies = { revoked: own.cookies.revoked, expired: own.cookies.expired, foreign: other.cookies.staff };
  for (const [who, cookie] of Object.entries(cookies)) {
    const refused = await ask(own.tenant.as({ cookie, origin: own.tenant.origin }), door, valid);
    expect([who, refused.status]).toEqual([who, 401]);
    expectProblem(refused, 401, 'unauthenticated');
  }
  const { sessions: _after, ...after } = await own.tenant.contents();
  expect(after).toEqual(before);
}

async function refusesTheWrongRole(door: TestedDoor, own: World): Promise<void> {
  const valid = await door.row.valid(own);
  const before = await own.tenant.contents();
  const refused = await ask(own.tenant.as(own.keys.nothing), door, valid);
  expectProblem(refused, 403, 'forbidden');
  expect(await own.tenant.contents()).toEqual(before);
  const events = await own.tenant.rows(
    `SELECT action, outcome, details ->> 'code' AS code FROM audit_events WHERE request_id = $1`,
    [refused.body.request_id],
  );
  expect(events).toEqual([{ action: door.name, outcome: 'denied', code: 'forbidden' }]);
}

async function hidesIds(door: TestedDoor, own: World, other: World): Promise<void> {
  const { kind, outside } = door.row;
  const valid = await door.row.valid(own);
  const before = await own.tenant.contents();
  const send = (id: string, key: string) => ask(own.tenant.as(key), door, { ...valid, params: { id } });
  const missing = await send(missingId, own.tenant.apiKey);
  expectProblem(missing, 404, 'not_found');
  const foreign = await send(other.id[kind!], own.tenant.apiKey);
  const impossible = [await send('1', own.tenant.apiKey), await send('%27%20OR%201=1--', own.tenant.apiKey)];
  const unreadable = outside ? [await send(own.id[outside], own.keys.scoped)] : [];
  for (const answer of [foreign, ...impossible, ...unreadable]) {
    expectProblem(answer, 404, 'not_found');
    expect(withoutRequestId(answer)).toBe(withoutRequestId(missing));
  }
  expect(await own.tenant.contents()).toEqual(before);
}

async function refusesParameters(door: TestedDoor, own: World, stride: number): Promise<void> {
  const valid = await door.row.valid(own);
  const wrong: Record<string, string>[] = [...unknownFields.map((name) => ({ [name]: NEEDLE })), { limit: '0' }];
  const all = [...wrong, { limit: '201' }, { limit: NEEDLE }, { limit: '1e3' }];
  for (const query of thirdOf(all, door, stride)) {
    expectProblem(await ask(own.tenant.owner, door, { ...valid, query }), 422, 'invalid');
  }
  const path = door.path.replace('{id}', valid.params?.id ?? '');
  expectProblem(await own.tenant.owner.get(`${path}?limit=1&limit=2`), 422, 'invalid');
}

async function refusesBadBodies(door: TestedDoor, own: World, stride: number): Promise<void> {
  const valid = await door.row.valid(own);
  const before = await own.tenant.contents();
  for (const [what, body, headers, status, code] of thirdOf(badBodies, door, stride)) {
    const refused = await ask(own.tenant.owner, door, valid, { body, headers });
    expect([what, refused.status]).toEqual([what, status]);
    expectProblem(refused, status, code);
  }
  expect(await own.tenant.contents()).toEqual(before);
}

async function refusesUnknownFields(door: TestedDoor, own: World, stride: number): Promise<void> {
  const valid = await door.row.valid(own);
  const before = await own.tenant.contents();
  for (const name of thirdOf(unknownFields, door, stride)) {
    const given = JSON.stringify(valid.body ?? {}).slice(0, -1);
    const body = `${given}${given === '{' ? '' : ','}${JSON.stringify(name)}:"${NEEDLE}"}`;
    const refused = await ask(own.tenant.owner, door, valid, { body, headers: jsonType });
    expectProblem(refused, 422, 'invalid');
    expect(refused.body.errors).toEqual({ [name]: ['is not a known field'] });
  }
  expect(await own.tenant.contents()).toEqual(before);
}

async function refusesOtherSites(door: TestedDoor, own: World, other: World, stride: number): Promise<void> {
  const { origin } = own.tenant;
  const cookie = own.cookies.staff;
  const valid = await door.row.valid(own);
  const before = await own.tenant.contents();
  const { host, hostname, port } = new URL(origin);
  const elsewhere = [
    `${origin}.evil.test`,
    'http://evil.test',
    'null',
    '',
    origin.replace(/^http:/, 'ftp:'),
    origin.replace(/^http:/, 'https:'),
    origin.toUpperCase(),
    `${origin}/`,
    `http://evil.test/${host}`,
    `http://${host}@evil.test`,
    `http://evil-${host}`,
    `http://${hostname.replace(/^[^.]+\./, '')}${port ? `:${port}` : ''}`,
    `http://${hostname}:${Number(port || 80) + 1}`,
    other.tenant.origin,
  ];
  const met = thirdOf(elsewhere, door, stride).map((site) => ({ cookie, origin: site }));
  for (const headers of [{ cookie }, ...met]) {
    expectProblem(await ask(own.tenant.as(headers), door, valid), 403, 'cross_origin');
  }
  expect(await own.tenant.contents()).toEqual(before);
}

async function namesItsMethods(door: TestedDoor, own: World): Promise<void> {
  const path = door.path.replace('{id}', missingId);
  const allowed = everyDoor()
    .filter((each) => each.path === door.path)
    .map((each) => each.method);
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((each) => !allowed.includes(each))) {
    const refused = await own.tenant.owner.send(method, path);
    expectProblem(refused, 405, 'method_not_allowed');
    expect(refused.headers.get('allow')?.split(', ').sort()).toEqual([...allowed].sort());
  }
}
