import { expect } from 'vitest';
import { jsonSchemaOf } from '../../server/doors/openapi.ts';
import { operations } from '../../server/operations/registry.ts';
import { type Answer, expectNothingGivenAway, NEEDLE } from '../support/door.ts';
import type { Valid } from './door-table.ts';
import { allowedCaller, ask, type TestedDoor } from './request.ts';
import type { World } from './world.ts';

/** JSON texts put in the place of every single value of a good body. Some cannot be written by JSON.stringify. */
const hostileJson: readonly string[] = [
  `"\\u0000${NEEDLE}"`,
  `"\\ud800${NEEDLE}"`,
  `"${NEEDLE}\\udfff"`,
  '""',
  '"   "',
  `"${NEEDLE}'; DROP TABLE users; --"`,
  `"<script>${NEEDLE}</script>"`,
  `"${NEEDLE.repeat(20_000)}"`,
  '"2026-02-31T00:00:00Z"',
  '"0000-01-01T00:00:00Z"',
  '"2026-01-01T00:00:00+23:59"',
  '"9999-12-31T23:59:59.999999999Z"',
  '"0000-01-01"',
  '"2026-02-30"',
  '"infinity"',
  '"00000000-0000-0000-0000-000000000000"',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e300',
  '1e999',
  '-1e999',
  '9007199254740993',
  'true',
  'null',
  '[]',
  '{}',
  `["${NEEDLE}"]`,
  `{"__proto__": {"${NEEDLE}": 1}}`,
  `{"constructor": {"prototype": {"${NEEDLE}": 1}}}`,
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
];

/** The same for every parameter of a query. */
const hostileText: readonly string[] = [
  '',
  ' ',
  `\u0000${NEEDLE}`,
  `${NEEDLE}'; DROP TABLE users; --`,
  '%_\\',
  NEEDLE.repeat(2_000),
  '2026-02-31T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '2026-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59Z',
  '0000-01-01',
  'infinity',
  '-1',
  '1e999',
  '99999999999999999999',
  '-created_at,name',
  '00000000-0000-0000-0000-000000000000',
  'bnVsbA',
  ...['[]', '["users","name","\\u0000","0190a0a0-0000-7000-8000-000000000000"]', '["-created_at",1e300,"x"]'].map(
    (text) => Buffer.from(text).toString('base64url'),
  ),
];

/** Kept and answered verbatim, whatever they look like. */
export const verbatimTexts: readonly string[] = [
  `Robert'); DROP TABLE users;-- "`,
  '<script>alert("x")</script> &amp; <b>',
  '😀 👩‍👩‍👧‍👦 e\u0301 ﬁ',
  '\u202eمرحبا \u200bשלום\u202c',
  ' spaces, \t tabs, \r\n lines, \\ \b ',
  '{{schema}} %s %I $1 :a ; \u007f \ufffd \uffff',
];

const HOLE = '@@hole@@';

/** Every place of a body that holds something, as a body with a hole there. */
function* holes(value: unknown, rebuild: (inner: unknown) => unknown = (inner) => inner): Generator<string> {
  yield JSON.stringify(rebuild(HOLE));
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const with_ = (inner: unknown) =>
      Array.isArray(value)
        ? value.map((old, index) => (String(index) === key ? inner : old))
        : { ...value, [key]: inner };
    yield* holes((value as Record<string, unknown>)[key], (inner) => rebuild(with_(inner)));
  }
}

function expectDataOrRefusal(answer: Answer, door: TestedDoor, what: string): void {
  if (answer.status === door.status) return;
  expect([401, 404, 409, 422], `${what}: ${answer.text.slice(0, 300)}`).toContain(answer.status);
  expect(answer.headers.get('content-type'), what).toBe('application/problem+json');
  expectNothingGivenAway(answer.text);
}

/** True at every nth call: walks through places and values together, so that each meets many of the others. */
function everyNth(stride: number): () => boolean {
  let calls = 0;
  return () => calls++ % stride === 0;
}

/**
 * Puts hostile values in every place: each is data, or it is refused, and never more than that.
 * @param stride 1 tries every value in every place, n every nth of these pairs
 */
export async function survivesHostileValues(door: TestedDoor, own: World, stride: number): Promise<void> {
  const isNext = everyNth(stride);
  if (door.method === 'GET') return survivesHostileQueries(door, own, isNext);
  const caller = await allowedCaller(door, own);
  const headers = { 'content-type': 'application/json' };
  const valid: Valid = await door.row.valid(own);
  for (const hole of holes(valid.body ?? {})) {
    for (const json of door.row.isSlow ? hostileJson.slice(0, 1) : hostileJson) {
      if (!isNext()) continue;
      const body = hole.replace(JSON.stringify(HOLE), () => json);
      const answer = await ask(caller, door, valid, { body, headers });
      expectDataOrRefusal(answer, door, `${hole.slice(0, 400)} with ${json.slice(0, 80)}`);
    }
  }
}

async function survivesHostileQueries(door: TestedDoor, own: World, isNext: () => boolean): Promise<void> {
  const { input } = operations.find(({ name }) => name === door.name)!;
  const fields = Object.keys(jsonSchemaOf(input).properties ?? {}).filter((field) => field !== 'id');
  const valid = await door.row.valid(own);
  for (const field of fields) {
    for (const text of hostileText) {
      if (!isNext()) continue;
      const answer = await ask(own.tenant.owner, door, { ...valid, query: { [field]: text } });
      if (field === 'cursor' && answer.status === 400) continue;
      expectDataOrRefusal(answer, door, `${field}=${text.slice(0, 80)}`);
    }
  }
}

/** Writes every hostile text into every field that keeps text, and reads it back. */
export async function keepsTextVerbatim(door: TestedDoor, own: World): Promise<void> {
  for (const field of door.row.texts ?? []) {
    for (const text of verbatimTexts) {
      const valid = await door.row.valid(own);
      const written = await ask(own.tenant.owner, door, { ...valid, body: { ...valid.body, [field]: text } });
      expect([written.status, written.body[field]], written.text).toEqual([door.status, text]);
      const again =
        written.headers.get('location') ?? (valid.params ? door.path.replace(/\{id\}.*/, valid.params.id) : null);
      const read = again === null ? null : await own.tenant.owner.get(again);
      if (read?.status === 200) expect(read.body[field]).toBe(text);
      else expect(door.path).toMatch(/^\/api\/(api-keys|tenants)|\/preview$/);
    }
  }
}
