import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/local/ports.ts';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../../scripts/local/system.ts';
import { type Client, createClient } from '../../scripts/prove/client.ts';
import { auditLedgers, openLedger, startLoad } from '../../scripts/prove/postings.ts';
import { smokeApi } from '../../scripts/prove/smoke.ts';
import { psqlUrl } from '../../tenants/psql-url.ts';
import { isPgbouncerInstalled, type Pgbouncer, startPgbouncer } from '../support/pgbouncer.ts';

/** Fewer server connections than clients, so that clients of a role share them, transaction by transaction. */
const SERVER_CONNECTIONS = 2;

describe.skipIf(!isPgbouncerInstalled)('through PgBouncer in transaction mode', () => {
  let bouncer: Pgbouncer;
  let system: LocalSystem;
  let client: Client;
  let tenants: SystemTenant[];

  beforeAll(async () => {
    const port = await freePort();
    system = await startLocalSystem({
      log: () => {},
      route: (url) => {
        const pooled = new URL(url);
        pooled.port = String(port);
        return pooled.href;
      },
    });
    bouncer = await startPgbouncer({ adminUrl: system.adminUrl, serverConnections: SERVER_CONNECTIONS, port });
    client = createClient(system.workerPort);
    tenants = [await system.createTenant('pool-a'), await system.createTenant('pool-b')];
  });

  afterAll(async () => {
    client?.close();
    const errors = system?.logs.filter((line) => line.startsWith('error:'));
    await system?.stop();
    await bouncer?.stop();
    expect(errors).toEqual([]);
  });

  /** Logged in through the pooler, with the URL that tenant:psql-url prints. */
  async function connectAs(tenant: SystemTenant): Promise<pg.Client> {
    const connection = new pg.Client({ connectionString: psqlUrl(tenant.record, system.settings.MASTER_SECRET) });
    await connection.connect();
    return connection;
  }

  test('the API works for every tenant at once', async () => {
    await Promise.all(tenants.map((tenant) => smokeApi(client, tenant)));
  });

  test("each role keeps its own search path and limits, whoever's transaction was before", async () => {
    const connections = await Promise.all([...tenants, ...tenants, ...tenants].map(connectAs));
    const look = async (connection: pg.Client, tenant: SystemTenant) => {
      for (let count = 0; count < 10; count += 1) {
        const { rows } = await connection.query(
          `SELECT current_user AS role, current_setting('search_path') AS path, current_setting('statement_timeout') AS statement,
                  current_setting('transaction_timeout') AS transaction, current_setting('lock_timeout') AS lock,
                  current_setting('idle_in_transaction_session_timeout') AS idle,
                  nullif(current_setting('scp.event', true), '') AS event, (SELECT slug FROM tenant) AS slug`,
        );
        const { role, schema: path, slug } = tenant.record;
        const limits = { statement: '15s', transaction: '30s', lock: '5s', idle: '10s' };
        expect(rows).toEqual([{ role, path, slug, event: null, ...limits }]);
      }
    };
    await Promise.all(connections.map((connection, index) => look(connection, tenants[index % tenants.length]!)));
    await Promise.all(connections.map((connection) => connection.end()));
  });

  test.each([
    'SELECT * FROM OTHER.users',
    'SELECT * FROM OTHER.transaction_lines',
    'SELECT * FROM platform.tenants',
    'SELECT * FROM platform.installation',
    'SET ROLE OTHER',
    'INSERT INTO transaction_lines DEFAULT VALUES',
    'UPDATE transaction_lines SET amount = 1',
    'DELETE FROM transactions',
    'TRUNCATE audit_events',
    'CREATE TABLE stray (a integer)',
  ])('%s is refused', async (statement) => {
    const connection = await connectAs(tenants[0]!);
    const aimed = statement.replaceAll('OTHER', tenants[1]!.record.schema);
    await expect(connection.query(aimed)).rejects.toMatchObject({ code: '42501' });
    await connection.end();
  });

  test('a unit of work opened in one transaction does not serve the next', async () => {
    const connection = await connectAs(tenants[0]!);
    const rename = `UPDATE tenant SET name = 'Renamed'`;
    await expect(connection.query(rename)).rejects.toMatchObject({ code: 'SCP02' });
    // Claimed for the session, as a forger would: it proves nothing.
    const { rows } = await connection.query('SELECT id FROM audit_events ORDER BY id DESC LIMIT 1');
    await connection.query('BEGIN');
    await connection.query(`SELECT set_config('scp.event', $1, true)`, [rows[0].id]);
    await expect(connection.query(rename)).rejects.toMatchObject({ code: 'SCP02' });
    await connection.query('ROLLBACK');
    await connection.end();
  });

  test('postings of both tenants at once are each there exactly once, and their books balance', async () => {
    const ledgers = [await openLedger(client, tenants[0]!), await openLedger(client, tenants[1]!)];
    const load = startLoad(client, ledgers, 40);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await load.stop();
    const { found, unbalanced } = await auditLedgers(system.adminUrl, ledgers);
    expect(load.postings.length).toBeGreaterThan(40);
    expect(load.postings.filter(({ status }) => status !== 201)).toEqual([]);
    expect(load.postings.filter(({ key }) => found.get(key) !== 1)).toEqual([]);
    expect(unbalanced).toBe(0);
    for (const tenant of tenants) {
      expect(JSON.parse((await client.api(tenant, '/api/ledger/integrity')).text).balanced).toBe(true);
    }
  });

  test('without the pooler requests are 503, and recover with it', async () => {
    const { port } = bouncer;
    await bouncer.stop();
    expect((await client.api(tenants[0]!, '/api/accounts')).status).toBe(503);
    bouncer = await startPgbouncer({ adminUrl: system.adminUrl, serverConnections: SERVER_CONNECTIONS, port });
    expect((await client.api(tenants[0]!, '/api/accounts')).status).toBe(200);
  });
});
