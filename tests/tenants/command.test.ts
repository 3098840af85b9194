import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../tenants/version.ts';
import { freshDatabase, newSlug, type TestDatabase } from './database.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/tenant.ts', import.meta.url));

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** Runs `tenant:<verb>` against the test database, without a terminal. */
async function tenant(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    MASTER_SECRET: database.masterSecret,
    PORT: '',
    BASE_DOMAIN: '',
  };
  const child = spawn(process.execPath, [SCRIPT, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

function create(slug: string, ...more: string[]) {
  return tenant('create', '--slug', slug, '--name', 'Acme', '--owner', 'owner@acme.test', ...more);
}

describe('the tenant commands', () => {
  test('take a tenant from creation to its end', async () => {
    const slug = newSlug('cli');
    const role = `tenant_${slug.replace('-', '_')}`;
    const created = JSON.parse((await create(slug, '--with-api-key', '--json')).out);
    expect(created).toEqual({
      tenant: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), slug, schema: role, role },
      url: `http://${slug}.localhost:8787`,
      invitation_url: expect.stringMatching(`^http://${slug}.localhost:8787/invitations/[\\w-]{43}$`),
      api_key: expect.stringMatching(/^scp_\w{40}$/),
    });
    const { tenants } = JSON.parse((await tenant('list', '--json')).out);
    expect(tenants).toMatchObject([{ slug, name: 'Acme', status: 'active', schema_version: SCHEMA_VERSION }]);
    expect((await tenant('suspend', '--slug', slug)).out).toBe(`Tenant ${slug} is suspended.\n`);
    expect((await tenant('resume', '--slug', slug)).out).toBe(`Tenant ${slug} is active.\n`);

    const url = (await tenant('psql-url', '--slug', slug)).out.trim();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    expect((await client.query('SELECT current_user AS role')).rows).toEqual([{ role }]);
    await client.end();

    expect(await tenant('migrate', '--verify')).toMatchObject({ code: 0, out: '1 match their release, 0 drifted.\n' });
    expect(await tenant('drop', '--slug', slug, '--confirm', slug)).toMatchObject({ code: 0 });
    expect(JSON.parse((await tenant('list', '--json')).out)).toEqual({ tenants: [] });
  });

  test('say in their exit code how it went, and why in one line', async () => {
    const slug = newSlug('cli');
    await create(slug);
    const outcomes = await Promise.all([
      create(slug),
      create('www'),
      tenant('create', '--slug', slug),
      tenant('create', '--colour', 'red'),
      tenant('suspend', '--slug', 'nobody'),
      tenant('migrate', '--slug', 'nobody'),
      tenant('migrate', '--parallel', '0'),
      tenant('drop', '--slug', slug),
      tenant('drop', '--slug', slug, '--confirm', 'another'),
      tenant('explode'),
    ]);
    expect(outcomes.map((outcome) => outcome.code)).toEqual([4, 2, 2, 2, 3, 3, 2, 2, 2, 2]);
    for (const { out, err } of outcomes) {
      expect(out).toBe('');
      expect(err).toMatch(/^[^\n]+\n$/);
    }
  });

  test('write a tenant into a file and restore it, and say why not', async () => {
    const [slug, copy] = [newSlug('cli'), newSlug('copy')];
    await create(slug);
    const folder = await mkdtemp(join(tmpdir(), 'scp-cli-'));
    try {
      const file = join(folder, 'acme.scp.gz');
      const exported = JSON.parse((await tenant('export', '--slug', slug, '--file', file, '--json')).out);
      expect(exported).toMatchObject({ file, tenant: { slug }, schema_version: SCHEMA_VERSION });
      const restored = await tenant('restore', '--file', file, '--slug', copy, '--json');
      expect(JSON.parse(restored.out)).toMatchObject({
        tenant: { slug: copy, status: 'active' },
        url: `http://${copy}.localhost:8787`,
        exported: { slug, id: exported.tenant.id },
        rows: exported.rows,
        verification: { problems: 0 },
      });
      const outcomes = await Promise.all([
        tenant('export', '--slug', slug, '--file', file),
        tenant('export', '--slug', 'nobody', '--file', join(folder, 'nobody')),
        tenant('export', '--slug', slug),
        tenant('restore', '--file', file),
        tenant('restore', '--file', join(folder, 'nobody')),
        tenant('restore', '--file', SCRIPT),
      ]);
      expect(outcomes.map(({ code }) => code)).toEqual([4, 3, 2, 4, 2, 1]);
      for (const { out, err } of outcomes) expect([out, err]).toEqual(['', expect.stringMatching(/^[^\n]+\n$/)]);
      await tenant('drop', '--slug', copy, '--confirm', copy);
      await tenant('drop', '--slug', slug, '--confirm', slug);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('explain themselves', async () => {
    const verbs = ['create', 'list', 'migrate', 'suspend', 'resume', 'export', 'restore', 'drop', 'psql-url'];
    for (const help of await Promise.all(verbs.map((verb) => tenant(verb, '--help')))) {
      expect(help).toMatchObject({ code: 0, err: '', out: expect.stringContaining('npm run tenant:') });
    }
  });

  test('a migration that is done in part is run again', async () => {
    const [sound, broken] = [newSlug('sound'), newSlug('broken')];
    await create(sound);
    await create(broken);
    const { admin } = database;
    await admin.query(`UPDATE platform.tenants SET functions_hash = NULL WHERE slug IN ($1, $2)`, [sound, broken]);
    const schema = `tenant_${broken.replace('-', '_')}`;
    await admin.query(`ALTER TABLE ${schema}.jobs ADD COLUMN stray integer`);
    const partly = await tenant('migrate', '--json');
    expect(partly).toMatchObject({ code: 5, err: expect.stringContaining(`${broken}: The schema is not what`) });
    expect(JSON.parse(partly.out)).toMatchObject({ migrated: [sound], failed: [{ slug: broken }] });
    expect((await tenant('migrate')).code).toBe(1);
    await admin.query(`ALTER TABLE ${schema}.jobs DROP COLUMN stray`);
    expect((await tenant('migrate')).code).toBe(0);
    expect((await tenant('migrate')).out).toBe(`All tenants are at version ${SCHEMA_VERSION}.\n`);
  });
});

test('tenant:domain adds, verifies, lists and removes a domain, and refuses what is taken or is none', async () => {
  const [slug, other] = [newSlug('dom'), newSlug('dom')];
  await create(slug);
  await create(other);
  const host = `portal.${slug}.test`;
  const domain = (who: string, ...args: string[]) => tenant('domain', '--slug', who, ...args, '--json');
  const added = JSON.parse((await domain(slug, '--add', host.toUpperCase())).out).domain;
  expect(added).toEqual({
    host,
    verification_token: expect.stringMatching(/^scp-verify-[0-9a-f]{32}$/),
    created_at: expect.any(String),
    verified_at: null,
  });
  expect(JSON.parse((await domain(slug, '--add', host)).out).domain).toEqual(added);
  // What nobody has confirmed may be claimed by whoever it belongs to, who gets another token.
  const claimed = JSON.parse((await domain(other, '--add', host)).out).domain;
  expect(claimed.verification_token).not.toBe(added.verification_token);
  expect((await domain(slug, '--verify', host)).code).toBe(3);
  expect(JSON.parse((await domain(other, '--verify', host)).out).domain.verified_at).toEqual(expect.any(String));
  expect((await domain(slug, '--add', host)).code).toBe(4);
  expect(JSON.parse((await domain(other)).out).domains).toMatchObject([{ host }]);
  expect((await tenant('domain', '--slug', other)).out).toContain(`${host}  verified`);
  for (const wrong of ['localhost', `${slug}.localhost`, '10.0.0.1', 'portal', 'a b.test', `${host}:80`]) {
    expect([wrong, (await domain(slug, '--add', wrong)).code]).toEqual([wrong, 2]);
  }
  expect((await domain(slug, '--add', host, '--remove', host)).code).toBe(2);
  expect((await domain(slug, '--remove', host)).code).toBe(3);
  expect((await domain(other, '--remove', host)).code).toBe(0);
  expect(JSON.parse((await domain(other)).out).domains).toEqual([]);
  expect((await domain('nobody', '--add', host)).code).toBe(3);
});

test('tenant:quota lists what a tenant uses, sets and clears its limits, and refuses what is none', async () => {
  const slug = newSlug('cli');
  await create(slug);
  const quota = (...args: string[]) => tenant('quota', '--slug', slug, ...args, '--json');
  const of = async (...args: string[]) => {
    const { quotas } = JSON.parse((await quota(...args)).out) as { quotas: { measure: string }[] };
    return quotas.find(({ measure }) => measure === 'api_calls');
  };
  const none = { measure: 'api_calls', used: 0, soft_limit: null, hard_limit: null };
  expect(await of()).toEqual(none);
  const limits = ['--measure', 'api_calls', '--soft', '80', '--hard', '100'];
  expect(await of(...limits)).toEqual({ ...none, soft_limit: 80, hard_limit: 100 });
  expect((await tenant('quota', '--slug', slug)).out).toMatch(/^api_calls +used 0 +soft 80 +hard 100$/m);
  expect(await of('--measure', 'api_calls', '--clear')).toEqual(none);
  for (const wrong of [
    ['--measure', 'tea', '--soft', '1'],
    ['--measure', 'rows'],
    ['--soft', '1'],
    ['--measure', 'rows', '--soft', '0'],
    ['--measure', 'rows', '--soft', '9', '--hard', '8'],
    ['--measure', 'rows', '--soft', '1', '--clear'],
  ]) {
    expect([wrong, (await quota(...wrong)).code]).toEqual([wrong, 2]);
  }
  expect((await tenant('quota', '--slug', 'nobody')).code).toBe(3);
});
