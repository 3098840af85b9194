import { afterAll, beforeAll, expect, test } from 'vitest';
import { growthOf, measureExports } from '../../scripts/prove/audit/memory.ts';
import { type AuditFigures, measureAudit } from '../../scripts/prove/audit.ts';
import { freshDatabase, type TestDatabase } from '../tenants/database.ts';

let database: TestDatabase;
let figures: AuditFigures;

beforeAll(async () => {
  database = await freshDatabase();
  const { hostname: host, port, pathname, username: user, password } = new URL(database.url);
  const address = { host, port: Number(port), database: pathname.slice(1) };
  const { admin, masterSecret } = database;
  const server = { admin, address, adminLogin: { ...address, user, password }, masterSecret };
  figures = (await measureAudit(server, { sizes: [6_000], log: () => {} }))[0]!;
});
afterAll(() => database?.drop());

test('every filter of the audit trail, alone and with a range, finds what there is', () => {
  const empty = figures.questions.filter(({ rows }) => rows === 0).map(({ question }) => question);
  const never = ['a word that nobody wrote', 'an address that nobody had'];
  // A month holds few events, and may hold none of the rarest.
  expect(empty.filter((question) => !question.endsWith(', a month'))).toEqual(never);
  expect(empty).toEqual(expect.arrayContaining(never.map((question) => `${question}, a month`)));
  expect(figures.questions.find(({ question }) => question === 'nothing, a month')!.rows).toBe(50);
});

test('an export of the built worker is whole for a reader that stops now and then', async () => {
  // Throws when the checksum does not fit or an event is missing.
  const exported = await measureExports([5_000, 40_000], () => {});
  expect(exported.map(({ events }) => events)).toEqual([5_000, 40_000]);
  expect(exported.every(({ stoppedMib, mostMib }) => stoppedMib > 0 && stoppedMib <= mostMib)).toBe(true);
}, 120_000);

test('an export counts as growing when the largest holds much more than the smallest', () => {
  const figures = (events: number, mostMib: number) => ({
    events,
    seconds: 1,
    sentMib: 1,
    startMib: 1,
    mostMib,
    stoppedMib: 1,
    endMib: 1,
  });
  expect(growthOf([figures(1_000, 200), figures(9_000, 250)])).toEqual([]);
  expect(growthOf([figures(1_000, 200), figures(9_000, 300)])).toHaveLength(1);
});
