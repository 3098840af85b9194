import http from 'node:http';
import pg from 'pg';
import { parseEndpoint } from '../../db/endpoint.ts';
import { openPool } from '../../db/pool.ts';
import { accountCreate } from '../../server/contexts/account/operations.ts';
import { callPostTransactions } from '../../server/contexts/transaction/queries.ts';
import { createNodeHome } from '../../server/node.ts';
import { systemActor } from '../../server/operations/actor.ts';
import { execute } from '../../server/operations/execute.ts';
import { newId } from '../../server/operations/id.ts';
import { derivePassword } from '../../tenants/credentials.ts';
import { type LocalSystem, startLocalSystem } from '../local/system.ts';
import { median, perSecond } from './measure.ts';

const CLIENTS = 8;
const ROUNDS = 5;
const ROUND_MS = 3_000;

type Measured = { readonly name: string; run(): Promise<void> };

function request(
  system: LocalSystem,
  agent: http.Agent,
  host: string,
  options: http.RequestOptions,
  body?: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = http.request(
      { host: '127.0.0.1', port: system.workerPort, agent, ...options, headers: { host, ...options.headers } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Requests per second through workerd beside the same SQL function called from a Node pool, in one run. */
export async function benchEdge(): Promise<void> {
  const system = await startLocalSystem();
  try {
    const { record, apiKey } = await system.createTenant('bench');
    const host = `bench.localhost:${system.workerPort}`;
    const home = createNodeHome(system.settings, record);
    const account = async (code: string) =>
      (
        await execute(
          home.runtime,
          accountCreate,
          systemActor('bench'),
          { code, name: code, type: 'asset', currency: 'USD' },
          { requestId: code, door: 'command' },
        )
      ).data.id;
    const lines = [
      { account_id: await account('9001'), side: 'debit' as const, amount: 100 },
      { account_id: await account('9002'), side: 'credit' as const, amount: 100 },
    ];
    await home.close();
    const input = { description: 'Benchmark', lines };
    const body = JSON.stringify(input);
    const pool = await openPool(
      parseEndpoint(record.cluster.url),
      { user: record.role, password: derivePassword(system.settings.MASTER_SECRET, record.id, record.key_version) },
      { maximumPoolSize: CLIENTS },
    );
    const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
    const authorization = `Bearer ${apiKey}`;
    const posting = {
      method: 'POST',
      path: '/api/transactions',
      headers: { authorization, 'content-type': 'application/json' },
    };
    const expect = async (status: number, answered: Promise<number>) => {
      const got = await answered;
      if (got !== status) {
        throw new Error(`expected ${status}, got ${got}`);
      }
    };
    const work = () => ({
      operation: 'transaction.create',
      summary: 'Posted Benchmark',
      actor: { type: 'system', id: 'bench', name: 'bench' },
      resource: { type: 'transaction', id: newId() },
      scope: { all: true, merchant_org_ids: [], merchant_ids: [] },
      request: { id: newId(), door: 'command' },
    });
    const measured: Measured[] = [
      {
        name: 'post_transactions() from a Node pool',
        run: async () =>
          void (await callPostTransactions(
            pool,
            work(),
            [{ header: { description: input.description }, lines: input.lines }],
            false,
          )),
      },
      { name: 'POST /api/transactions', run: () => expect(201, request(system, agent, host, posting, body)) },
      {
        name: 'GET /api/merchants',
        run: () => expect(200, request(system, agent, host, { path: '/api/merchants', headers: { authorization } })),
      },
      { name: 'page /sign-in', run: () => expect(200, request(system, agent, host, { path: '/sign-in' })) },
      { name: 'page / (dashboard, signed in)', run: await signedInPage(system, agent, host) },
    ];
    await report(measured, system);
    await pool.end();
    agent.destroy();
  } finally {
    await system.stop();
  }
}

async function signedInPage(system: LocalSystem, agent: http.Agent, host: string): Promise<() => Promise<void>> {
  const admin = new pg.Client(system.adminUrl);
  await admin.connect();
  const token = newId().replaceAll('-', '');
  const { hashSecret } = await import('../../tenants/credentials.ts');
  await admin.query(
    `INSERT INTO tenant_bench.sessions (id, user_id, expires_at) SELECT $1, id, now() + interval '13 days' FROM tenant_bench.users`,
    [hashSecret(token)],
  );
  await admin.query(`BEGIN; SELECT tenant_bench.work_begin('{"operation": "bench", "actor": {"type": "system", "id": "bench", "name": "bench"}, "request": {"id": "bench", "door": "command"}}');
    UPDATE tenant_bench.users SET status = 'active'; COMMIT`);
  await admin.end();
  return async () => {
    const status = await request(system, agent, host, { path: '/', headers: { cookie: `scp_session=${token}` } });
    if (status !== 200) {
      throw new Error(`expected 200, got ${status}`);
    }
  };
}

async function report(measured: readonly Measured[], system: LocalSystem): Promise<void> {
  const rates = new Map<string, number[]>(measured.map(({ name }) => [name, []]));
  for (const { run } of measured) {
    await perSecond(run, CLIENTS, 1_000);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, run } of measured) {
      rates.get(name)!.push(await perSecond(run, CLIENTS, ROUND_MS));
    }
  }
  const base = median(rates.get(measured[0]!.name)!);
  console.log(`${CLIENTS} clients, medians of ${ROUNDS} rounds of ${ROUND_MS / 1000} s, interleaved`);
  for (const { name } of measured) {
    const rate = median(rates.get(name)!);
    console.log(`${name.padEnd(32)} ${rate.toFixed(0).padStart(6)}/s  ${(rate / base).toFixed(2)} ×`);
  }
  console.log(`worker ${(system.gzippedBytes / 1024).toFixed(0)} KiB gzipped (limit 1024)`);
}
