import { afterAll, beforeAll, expect, test } from 'vitest';
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

test('an export holds every event', () => {
  expect(figures.exported.events).toBeGreaterThanOrEqual(6_000);
});
