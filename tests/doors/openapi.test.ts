import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { SETTINGS } from '../../server/contexts/setting/schemas.ts';
import { operations } from '../../server/operations/registry.ts';
import { type Site, startSite } from '../support/tenant.ts';
import { everyDoor } from './request.ts';

type Document = {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; security?: unknown; responses: object; parameters: object[] }>
  >;
};

let site: Site;
let document: Document;

beforeAll(async () => {
  site = await startSite();
  const answer = await site.tenants[0]!.as(null).get('/api/openapi.json');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  document = answer.body as unknown as Document;
});
afterAll(() => site?.stop());

test('the document is OpenAPI 3.1 without an error or a warning', async () => {
  const file = join(inject('runFolder'), 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const redocly = join(import.meta.dirname, '../../node_modules/.bin/redocly');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' };
  const run = promisify(execFile)(redocly, ['lint', '--format=json', file], { env, cwd: inject('runFolder') });
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  const { totals, problems } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  expect({ totals, problems }).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  expect(document.openapi).toMatch(/^3\.1/);
}, 60_000);

test('every HTTP door is in it, under its method, and nothing else', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`),
  );
  expect(documented.sort()).toEqual(
    everyDoor()
      .map(({ method, path, name }) => `${method} ${path} ${name.replaceAll('.', '_')}`)
      .sort(),
  );
});

/** What browsers give and take of passkeys is named by the Web Authentication standard. */
const OF_WEBAUTHN = new Set(
  `rawId clientDataJSON attestationObject pubKeyCredParams excludeCredentials authenticatorSelection displayName residentKey
   requireResidentKey userVerification rpId authenticatorData userHandle`.split(/\s+/),
);

test('fields are in snake_case', () => {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('properties' in value) for (const name of Object.keys(value.properties as object)) names.add(name);
    for (const inner of Object.values(value)) collect(inner);
  };
  collect(document.paths);
  expect(names.size).toBeGreaterThan(50);
  const ours = [...names].filter((name) => !OF_WEBAUTHN.has(name) && !Object.hasOwn(SETTINGS, name));
  expect(ours.filter((name) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))).toEqual([]);
});

test('secrets of the server are in no answer of it', () => {
  expect(JSON.stringify(document)).not.toMatch(/password_hash|key_hash|token_hash|"token":\{"type":"string"\},"user"/);
  const created = document.paths['/api/sessions']?.post?.responses;
  expect(JSON.stringify(created)).not.toContain('token');
});

test('the documentation is a page without scripts that names every operation and every problem', async () => {
  const page = await site.tenants[0]!.as(null).get('/api/docs');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).not.toContain('<script');
  for (const { name } of operations.filter(({ http }) => http)) expect(page.text).toContain(`id="${name}"`);
  expect(page.text).toContain('id="problem-unbalanced"');
});

test('under /api everything else is a JSON 404', async () => {
  for (const path of ['/api', '/api/', '/api/nothing', '/api/users/1/2/3', '/api/%00', '/api/..%2f..%2fetc']) {
    const answer = await site.tenants[0]!.owner.get(path);
    expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not_found']);
  }
});
