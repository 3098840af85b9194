import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { startUpstash, type UpstashServer } from '../../scripts/local/upstash.ts';
import { hashPassword } from '../../server/auth/password.ts';
import type { Settings } from '../../server/env.ts';
import type { Home } from '../../server/home.ts';
import { createNodeHome } from '../../server/node.ts';
import { withoutCredentials } from '../../tenants/control-plane.ts';
import { newApiKey } from '../../tenants/credentials.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { freshDatabase, newSlug, type TestDatabase } from '../tenants/database.ts';
import { type Client, clientOf, type Door, doorOf } from './door.ts';

/** The role and scope of a test's own key or user. A list of permissions makes a custom role. */
export type Holding = {
  role?: string | readonly string[];
  merchant_org_id?: string;
  merchant_id?: string;
  expires_at?: string;
};

export type TestTenant = {
  record: TenantRecord;
  slug: string;
  origin: string;
  home: Home;
  door: Door;
  /** Holds the key of the whole tenant's owner. */
  owner: Client;
  apiKey: string;
  invitationToken: string;
  database: TestDatabase;
  settings: Settings;
  /** A caller with a key, or with headers of its own, or nobody. */
  as(who: string | Record<string, string> | null): Client;
  /** Reads or breaks the schema as the administrator, past every rule of the product. */
  rows(statement: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Arranges rows that no operation makes yet, inside a unit of work. */
  arrange(statement: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  createKey(holding?: Holding): Promise<string>;
  createUser(options: Holding & { email: string; password: string; status?: string }): Promise<string>;
  /** One digest per table: what changed between two looks. Denials and events of reads are left out. */
  contents(): Promise<Record<string, string>>;
  /** Another home of the same tenant, as two isolates have it. */
  anotherHome(settings?: Partial<Settings>): Home;
  close(): Promise<void>;
};

export type Site = {
  tenants: TestTenant[];
  database: TestDatabase;
  upstash: UpstashServer;
  settings: Settings;
  stop(): Promise<void>;
};

const PLENTY = { limit: 1_000_000, window: '1 m' };
export const NO_LIMITS = JSON.stringify({
  sign_in: PLENTY,
  sign_in_day: PLENTY,
  sign_in_account: PLENTY,
  sign_in_address: PLENTY,
  api: PLENTY,
  page: PLENTY,
});

/** A database and tenants of a test file's own, served by homes in Node. Call `stop` in `afterAll`. */
export async function startSite(options: { tenants?: number; settings?: Partial<Settings> } = {}): Promise<Site> {
  const database = await freshDatabase();
  const upstash = await startUpstash();
  const settings: Settings = {
    BASE_DOMAIN: 'localhost',
    DATABASE_URL: withoutCredentials(database.url),
    MASTER_SECRET: database.masterSecret,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    RATE_LIMITS: NO_LIMITS,
    LOCAL_MAILBOX: 'on',
    SANDBOX_PAYMENTS: 'on',
    ...options.settings,
  };
  const tenants: TestTenant[] = [];
  for (let count = 0; count < (options.tenants ?? 1); count += 1) {
    const slug = newSlug('site');
    const { masterSecret } = database;
    const created = await provisionTenant(database.admin, {
      slug,
      name: `Acme ${slug}`,
      ownerEmail: `owner@${slug}.test`,
      masterSecret,
      withApiKey: true,
    });
    tenants.push(await openTenant(database, settings, created.tenant, created.apiKey ?? '', created.invitationToken));
  }
  const stop = async () => {
    await Promise.all(tenants.map((tenant) => tenant.close()));
    await upstash.stop();
    await database.drop();
  };
  return { tenants, database, upstash, settings, stop };
}

/** Opens a provisioned tenant for tests, through a home in Node unless a door is given. */
export async function openTenant(
  database: TestDatabase,
  settings: Settings,
  record: TenantRecord,
  apiKey: string,
  invitationToken: string,
  edge?: { door: Door; origin: string },
): Promise<TestTenant> {
  const admin = await database.connect();
  await admin.query(`SET search_path = ${record.schema}`);
  const homes = [createNodeHome(settings, record)];
  const home = homes[0]!;
  const origin = edge?.origin ?? `http://${record.slug}.localhost`;
  const door = edge?.door ?? doorOf(home, origin);
  const arrange = arranger(admin);
  return {
    record,
    slug: record.slug,
    origin,
    home,
    door,
    owner: clientOf(door, apiKey),
    apiKey,
    invitationToken,
    database,
    settings,
    as: (who) => clientOf(door, who),
    rows: async (statement, values = []) => (await admin.query(statement, [...values])).rows,
    arrange,
    createKey: (holding = {}) => createKey(arrange, holding),
    createUser: (options) => createUser(arrange, options),
    contents: () => contentsOf(admin, record.schema),
    anotherHome: (changed = {}) => {
      const another = createNodeHome({ ...settings, ...changed }, record);
      homes.push(another);
      return another;
    },
    close: async () => {
      await Promise.all(homes.map((each) => each.close()));
      await admin.end();
    },
  };
}

function arranger(admin: pg.Client): TestTenant['arrange'] {
  const work = {
    operation: 'test.arrange',
    summary: 'Arranged by a test',
    actor: { type: 'system', id: 'test', name: 'Test' },
    request: { id: 'test', door: 'command' },
  };
  // One after the other: all share one connection.
  let last: Promise<unknown> = Promise.resolve();
  const run = async (statement: string, values: readonly unknown[]) => {
    await admin.query('BEGIN');
    try {
      await admin.query('SELECT work_begin($1)', [JSON.stringify(work)]);
      const { rows } = await admin.query(statement, [...values]);
      await admin.query('COMMIT');
      return rows;
    } catch (error) {
      await admin.query('ROLLBACK');
      throw error;
    }
  };
  return (statement, values = []) => {
    const next = last.then(() => run(statement, values));
    last = next.catch(() => {});
    return next;
  };
}

async function roleOf(arrange: TestTenant['arrange'], role: Holding['role'] = 'owner'): Promise<unknown> {
  const [row] =
    typeof role === 'string'
      ? await arrange('SELECT id FROM roles WHERE key = $1', [role])
      : await arrange('INSERT INTO roles (name, permissions) VALUES ($1, $2) RETURNING id', [
          `Custom ${randomBytes(6).toString('hex')}`,
          [...role],
        ]);
  if (!row) throw new Error('There is no such built-in role');
  return row.id;
}

async function createKey(arrange: TestTenant['arrange'], holding: Holding): Promise<string> {
  const { key, hash, prefix } = newApiKey();
  await arrange(
    `INSERT INTO api_keys (name, prefix, key_hash, role_id, merchant_org_id, merchant_id, expires_at)
     VALUES ('Test', $1, $2, $3, $4, $5, $6)`,
    [
      prefix,
      hash,
      await roleOf(arrange, holding.role),
      holding.merchant_org_id,
      holding.merchant_id,
      holding.expires_at,
    ],
  );
  return key;
}

/** Takes no time to make and none to verify: whether a real one is slow enough is not what most tests are about. */
export const hashCheaply = (password: string) => hashPassword(password, { N: 16, r: 8, p: 1 });

async function createUser(
  arrange: TestTenant['arrange'],
  options: Holding & { email: string; password: string; status?: string },
): Promise<string> {
  const [user] = await arrange(
    `INSERT INTO users (email, name, status, password_hash) VALUES ($1, 'Staff', $2, $3) RETURNING id`,
    [options.email, options.status ?? 'active', await hashCheaply(options.password)],
  );
  await arrange(
    'INSERT INTO role_assignments (user_id, role_id, merchant_org_id, merchant_id, expires_at) VALUES ($1, $2, $3, $4, $5)',
    [user?.id, await roleOf(arrange, options.role), options.merchant_org_id, options.merchant_id, options.expires_at],
  );
  return String(user?.id);
}

const UNCOUNTED: readonly string[] = ['audit_events', 'denial_counts', 'api_key_uses', 'usage_days', 'usage_state'];

/** Every version of a row names the transaction that wrote it. */
async function contentsOf(admin: pg.Client, schema: string): Promise<Record<string, string>> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY relname`,
    [schema],
  );
  const names = tables.map(({ name }) => name).filter((name) => !UNCOUNTED.includes(name));
  // Prepared, since planning takes longer than looking; subqueries of one row, since a union of them starts parallel workers.
  const digests = names.map((name) => `(SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM ${name})`);
  const { rows } = await admin.query<{ digests: string[] }>({
    name: `contents ${digests.length}`,
    text: `SELECT ARRAY[${digests.join(', ')}] AS digests`,
  });
  return Object.fromEntries(names.map((name, at) => [name, rows[0]!.digests[at]!]));
}
