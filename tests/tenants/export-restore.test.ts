import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres } from '../../scripts/local/postgres.ts';
import { sealerOf } from '../../server/auth/sealer.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { installControlPlane, withoutCredentials } from '../../tenants/control-plane.ts';
import { dropTenant } from '../../tenants/drop.ts';
import { carriedTables, LEFT_BEHIND, SEALED_VALUES } from '../../tenants/move/contents.ts';
import { exportTenant } from '../../tenants/move/export.ts';
import { type RestoreOptions, restoreTenant } from '../../tenants/move/restore.ts';
import { verifyRestored } from '../../tenants/move/verify-restored.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { loadRelease } from '../../tenants/release.ts';
import { requireTenant, resumeTenant } from '../../tenants/status.ts';
import { verifyFleet } from '../../tenants/verify.ts';
import { SCHEMA_VERSION } from '../../tenants/version.ts';
import { type Books, credit, debit, openBooks } from '../ledger/books.ts';
import { postMix, settle } from '../ledger/sealed.ts';
import { openTenant, type TestTenant } from '../support/tenant.ts';
import { newSlug, tracesOf } from './database.ts';
import type { RestoreFault } from './restore-child.ts';

const CHILD = fileURLToPath(new URL('restore-child.ts', import.meta.url));
/** What a restore changes: the epoch, its own event, and what was sealed. */
const CHANGED = ['audit_changes', 'audit_events', 'books', 'ledger_state', 'second_factors', 'tenant'];
/** What the tenant that was exported goes on counting. */
const COUNTED = ['usage_days', 'usage_state'];

let books: Books;
let tenant: TestTenant;
let folder: string;
let path: string;
let userId: string;

beforeAll(async () => {
  books = await openBooks();
  tenant = books.tenant;
  folder = await mkdtemp(join(tmpdir(), 'scp-export-'));
  path = join(folder, 'acme.scp.gz');
  await postMix(books);
  await settle(tenant);
  userId = await tenant.createUser({ email: 'ada@acme.test', password: 'correct horse battery staple' });
  const sealed = await sealerOf(tenant.settings.MASTER_SECRET, tenant.record.id).seal(userId, 'JBSWY3DPEHPK3PXP');
  await tenant.arrange('INSERT INTO second_factors (id, sealed_secret) VALUES ($1, $2)', [userId, sealed]);
  await settle(tenant);
  await exported(path);
});
afterAll(async () => {
  await books?.site.stop();
  await rm(folder, { recursive: true, force: true });
});

function exported(to: string) {
  const { slug, settings, database } = tenant;
  return exportTenant(database.admin, { slug, path: to, masterSecret: settings.MASTER_SECRET });
}

function restored(options: Partial<RestoreOptions> = {}) {
  const { masterSecret, admin } = tenant.database;
  return restoreTenant(admin, { path, masterSecret, sealerOf, slug: newSlug('back'), ...options });
}

/** One digest per carried table, of its rows in any order. */
async function digests(admin: pg.Client, schema: string): Promise<Record<string, string>> {
  const tables = await carriedTables(admin, schema);
  const parts = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') AS digest FROM ${schema}.${name} t`,
  );
  const { rows } = await admin.query<{ name: string; digest: string }>(parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

/** What every account held at each instant at which something was recorded. */
async function balancesAtAllTimes(admin: pg.Client, schema: string) {
  await admin.query(`SET search_path = ${schema}`);
  const { rows } = await admin.query(
    `SELECT j.recorded_at, s.account_id, s.debits, s.credits, s.pending_debits, s.pending_credits
       FROM (SELECT DISTINCT recorded_at FROM transaction_journals ORDER BY 1 LIMIT 12) j
      CROSS JOIN LATERAL sums_at(ARRAY(SELECT id FROM accounts), j.recorded_at) s
      WHERE s.debits + s.credits + s.pending_debits + s.pending_credits <> 0
      ORDER BY 1, 2`,
  );
  await admin.query('RESET search_path');
  return rows;
}

describe('a tenant on another server, under another master secret', () => {
  test('is the same table by table, at all times, and goes on', async () => {
    const server = await startPostgres({ dataDir: await mkdtemp(join(folder, 'server-')) });
    const masterSecret = randomBytes(32).toString('hex');
    const admin = await connectAdmin(server.url);
    let moved: TestTenant | undefined;
    try {
      await installControlPlane(admin, { databaseUrl: server.url, masterSecret });
      await expect(restoreTenant(admin, { path, masterSecret, sealerOf })).rejects.toThrow('SOURCE_MASTER_SECRET');
      const sourceMasterSecret = tenant.settings.MASTER_SECRET;
      const result = await restoreTenant(admin, { path, masterSecret, sourceMasterSecret, sealerOf });
      expect(result).toMatchObject({
        tenant: { id: tenant.record.id, slug: tenant.slug, status: 'active' },
        resealed: 1,
        verification: { problems: 0, findings: [] },
      });
      expect(result.verification.blocks).toBeGreaterThan(0);
      for (const { debits, credits } of result.verification.sides) expect(debits).toBe(credits);

      const [before, after] = await Promise.all([
        digests(tenant.database.admin, tenant.record.schema),
        digests(admin, tenant.record.schema),
      ]);
      const differing = Object.keys(before).filter((name) => before[name] !== after[name]);
      expect([...CHANGED, ...COUNTED]).toEqual(expect.arrayContaining(differing));
      expect(Object.keys(after).toSorted()).toEqual(Object.keys(before).toSorted());
      expect(await balancesAtAllTimes(admin, tenant.record.schema)).toEqual(
        await balancesAtAllTimes(tenant.database.admin, tenant.record.schema),
      );
      const { rows } = await admin.query(`SELECT sealed_secret FROM ${tenant.record.schema}.second_factors`);
      const opened = await sealerOf(masterSecret, tenant.record.id).open(userId, rows[0].sealed_secret);
      expect(opened).toBe('JBSWY3DPEHPK3PXP');
      expect((await verifyFleet(admin)).drifted).toEqual([]);

      const settings = {
        ...tenant.settings,
        MASTER_SECRET: masterSecret,
        DATABASE_URL: withoutCredentials(server.url),
      };
      const database = {
        ...tenant.database,
        url: server.url,
        masterSecret,
        admin,
        connect: () => connectAdmin(server.url),
      };
      moved = await openTenant(database, settings, result.tenant, tenant.apiKey, '');
      const [cash, equity] = [books.account('tenant', 'cash'), books.account('tenant', 'equity')];
      const balance = async () => Number((await moved?.owner.get(`/api/accounts/${cash}/balance`))?.body.balance);
      const held = await balance();
      expect(held).toBe(await books.balanceOf(cash));
      const posted = await moved.owner.post('/api/transactions', {
        description: 'After the move',
        lines: [debit(cash, 4_200), credit(equity, 4_200)],
      });
      expect(posted.status).toBe(201);
      expect(await balance()).toBe(held + 4_200);
      await settle(moved);
      expect(await verifyRestored(result.tenant, masterSecret)).toMatchObject({ problems: 0 });
      const events = await moved.owner.get('/api/audit-logs?action=tenant.restore');
      expect(events.body.data).toMatchObject([
        { action: 'tenant.restore', outcome: 'success', resource_type: 'tenant', resource_id: tenant.record.id },
      ]);
    } finally {
      await moved?.close();
      await admin.end();
      await server.stop('fast');
    }
  });
});

describe('beside the original', () => {
  test('an export that is made while postings go on is of one instant, and is another tenant with the same history', async () => {
    const live = join(folder, 'live.scp.gz');
    const lines = [debit(books.account('tenant', 'cash'), 1), credit(books.account('tenant', 'equity'), 1)];
    let isExporting = true;
    const posting = (async () => {
      let count = 0;
      for (; isExporting || count < 5; count += 1) expect((await books.post(lines)).status).toBe(201);
      return count;
    })();
    await exported(live);
    isExporting = false;
    expect(await posting).toBeGreaterThan(0);
    expect((await stat(live)).mode & 0o777).toBe(0o600);
    const { tenant: copy, verification } = await restored({ path: live });
    expect(copy).toMatchObject({ status: 'active' });
    expect(copy.id).not.toBe(tenant.record.id);
    expect(verification).toMatchObject({ problems: 0 });
    const rows = await tenant.database.admin.query(`SELECT id, slug FROM ${copy.schema}.tenant`);
    expect(rows.rows).toEqual([{ id: copy.id, slug: copy.slug }]);
    const sealed = await tenant.database.admin.query(`SELECT sealed_secret FROM ${copy.schema}.second_factors`);
    const sealer = sealerOf(tenant.settings.MASTER_SECRET, copy.id);
    expect(await sealer.open(userId, sealed.rows[0].sealed_secret)).toBe('JBSWY3DPEHPK3PXP');
    expect(await verifyRestored(tenant.record, tenant.settings.MASTER_SECRET)).toMatchObject({ problems: 0 });
  });

  test('an older tenant is brought to this release with its id, and has another id when blocks were anchored after the export', async () => {
    const { admin, masterSecret } = tenant.database;
    const [slug, file] = [newSlug('older'), join(folder, 'older.scp.gz')];
    const older = loadRelease({ upTo: SCHEMA_VERSION - 1 });
    const owner = { name: 'Acme', ownerEmail: 'owner@acme.test' };
    const { tenant: first } = await provisionTenant(admin, { slug, masterSecret, release: older, ...owner });
    await exportTenant(admin, { slug, path: file, masterSecret });
    await dropTenant(admin, slug);
    const again = await restored({ path: file, slug: undefined });
    expect(again).toMatchObject({
      tenant: { id: first.id, slug, status: 'active', schema_version: SCHEMA_VERSION },
      exported: { schema_version: SCHEMA_VERSION - 1 },
      verification: { problems: 0 },
    });
    expect((await verifyFleet(admin, { slug })).drifted).toEqual([]);
    await dropTenant(admin, slug);
    await admin.query('INSERT INTO platform.anchors (tenant_id, block, hash) VALUES ($1, 1, sha256($2))', [
      first.id,
      Buffer.from('later'),
    ]);
    const later = await restored({ path: file, slug: undefined });
    expect(later.tenant.id).not.toBe(first.id);
    // Its books are the old id's, as what was sealed says: the contract tells callers where to read it.
    const { rows: books } = await admin.query(
      `SELECT party_id FROM ${later.tenant.schema}.books WHERE party_type = 'tenant'`,
    );
    expect(books).toEqual([{ party_id: first.id }]);
    expect(later.verification.problems).toBe(0);
  });

  test('a slug that is taken, one that is none, and a file that is there already are refused', async () => {
    await expect(restored({ slug: tenant.slug })).rejects.toMatchObject({ kind: 'conflict' });
    await expect(restored({ slug: 'www' })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(restored({ path: join(folder, 'none') })).rejects.toMatchObject({ kind: 'invalid' });
    await writeFile(join(folder, 'busy.gz.partial'), 'another');
    await expect(exported(join(folder, 'busy.gz'))).rejects.toMatchObject({ kind: 'conflict' });
    expect(await readFile(join(folder, 'busy.gz.partial'), 'utf8')).toBe('another');
  });
});

describe('a file that is not what was written', () => {
  const refuse = async (name: string, bytes: Buffer) => {
    const file = join(folder, name);
    const slug = newSlug('bad');
    await writeFile(file, bytes);
    await expect(restored({ path: file, slug }), name).rejects.toMatchObject({ kind: 'failed' });
    expect(await tracesOf(tenant.database.admin, slug)).toEqual({ tenants: 0, schemas: 0, roles: 0 });
  };

  test('is refused wherever it was changed or cut, and nothing is left', async () => {
    const whole = await readFile(path);
    const text = gunzipSync(whole).toString('utf8');
    const lines = text.split('\n');
    const withLines = (change: (copy: string[]) => string[]) => gzipSync(change([...lines]).join('\n'));
    await refuse('cut', whole.subarray(0, whole.length - 40));
    await refuse('half', whole.subarray(0, whole.length / 2));
    await refuse('empty', Buffer.alloc(0));
    await refuse('other', gzipSync('{"format":"other"}\n'));
    await refuse('no gzip', Buffer.from('hello'));
    await refuse('a value', gzipSync(text.replace('ada@acme.test', 'eve@acme.test')));
    await refuse('the head', gzipSync(text.replace(`"slug":"${tenant.slug}"`, '"slug":"stolen"')));
    await refuse(
      'no tail',
      withLines((copy) => copy.slice(0, -2)),
    );
    await refuse('more', gzipSync(`${text}{}\n`));
    const start = lines.findIndex((line) => line.startsWith('{"table":"users"'));
    const end = lines.indexOf('\\.', start) + 2;
    await refuse(
      'without a table',
      withLines((copy) => [...copy.slice(0, start), ...copy.slice(end)]),
    );
  });

  test('is refused when it is newer, or of other migrations', async () => {
    const older = loadRelease({ upTo: SCHEMA_VERSION - 1 });
    await expect(restored({ release: older })).rejects.toThrow('update the code first');
    const release = loadRelease();
    const [first, ...rest] = release.migrations;
    const changed = { ...release, migrations: [{ ...first!, sha256: 'another' }, ...rest] };
    await expect(restored({ release: changed })).rejects.toThrow('Migration 1 of the file');
  });

  test('holds no session, no plain secret and no undecided table or sealed value', async () => {
    const text = gunzipSync(await readFile(path)).toString('utf8');
    expect(text).not.toContain('JBSWY3DPEHPK3PXP');
    expect(text).not.toContain('{"table":"sessions"');
    const { admin } = tenant.database;
    const { rows } = await admin.query<{ name: string; sealed: string[] | null }>(
      `SELECT c.relname AS name, array_agg(a.attname::text) FILTER (WHERE a.attname LIKE 'sealed%' AND a.atttypid = 'text'::regtype) AS sealed
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' GROUP BY 1`,
      [tenant.record.schema],
    );
    const names = rows.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(LEFT_BEHIND)));
    for (const { name } of rows) {
      expect(text.includes(`{"table":"${name}"`), name).toBe(!Object.hasOwn(LEFT_BEHIND, name));
    }
    // A new column that is sealed must be sealed anew by a restore: say how in SEALED_VALUES.
    const found = rows.flatMap(({ name, sealed }) => (sealed ?? []).map((column) => `${name}.${column}`));
    const known = SEALED_VALUES.map(({ table, column }) => `${table}.${column}`);
    expect(known).toEqual(expect.arrayContaining(found));
    // A transaction id says nothing on another server unless the epoch stands beside it.
    const { rows: bare } = await admin.query(
      `SELECT c.relname
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' GROUP BY 1
       HAVING bool_or(a.atttypid = 'xid8'::regtype) AND NOT bool_or(a.attname LIKE '%epoch')`,
      [tenant.record.schema],
    );
    expect(bare).toEqual([]);
  });
});

test('kill -9 of a restore anywhere leaves nothing, or a whole tenant that is closed', async () => {
  const { url, masterSecret, admin } = tenant.database;
  const runAndKill = async (word: string, moment: RestoreFault['moment'], slug: string) => {
    const fault: RestoreFault = { url, masterSecret, path, slug, word, moment };
    const child = spawn(process.execPath, [CHILD, JSON.stringify(fault)], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    for (let isBusy = true; isBusy; await sleep(10)) {
      const { rowCount } = await admin.query(
        `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'scp-admin'
            AND state <> 'idle'`,
      );
      isBusy = rowCount !== 0;
    }
    return tracesOf(admin, slug);
  };
  const nothing = { tenants: 0, schemas: 0, roles: 0 };
  const slug = newSlug('kill');
  for (const word of ['COPY "merchants"', 'COMMIT']) {
    expect(await runAndKill(word, 'before', slug), word).toEqual(nothing);
  }
  const left = await runAndKill("UPDATE platform.tenants SET status = 'active'", 'before', slug);
  expect(left).toEqual({ tenants: 1, schemas: 1, roles: 1 });
  const closed = await requireTenant(admin, slug);
  expect(closed.status).toBe('suspended');
  expect(await verifyRestored(closed, masterSecret)).toMatchObject({ problems: 0 });
  // Nobody has verified it where it counts: it is not opened by hand.
  await expect(resumeTenant(admin, slug)).rejects.toMatchObject({ kind: 'failed' });
  expect((await requireTenant(admin, slug)).status).toBe('suspended');
  expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual(['busy.gz.partial']);
});
