import pg from 'pg';
import { newId } from '../../../server/operations/id.ts';
import { derivePassword } from '../../../tenants/credentials.ts';
import { dropTenant } from '../../../tenants/drop.ts';
import { provisionTenant } from '../../../tenants/provision.ts';
import { ACCOUNTS, type Contender, expectCounts, type Ledger, type Posted } from './contender.ts';
import { type PostingContext, postingStatement } from './posting-call.ts';
import type { BenchServer } from './server.ts';

/** A tenant as the product makes it, posted to by its own role: checks, idempotency, audit event, every index. */
export function ours(server: BenchServer): Contender {
  return {
    name: 'ours',
    open: async (name): Promise<Ledger> => {
      const slug = name.replaceAll('_', '-');
      const { admin, address, masterSecret } = server;
      const { tenant } = await provisionTenant(admin, {
        slug,
        name,
        ownerEmail: `owner@${slug}.test`,
        masterSecret,
      });
      const login = {
        ...address,
        user: tenant.role,
        password: derivePassword(masterSecret, tenant.id, tenant.key_version),
      };
      const client = new pg.Client(login);
      client.on('error', () => {});
      await client.connect();
      const context = await openAccounts(client);
      return {
        login,
        statement: (call) => postingStatement(context, call),
        settle: () => settle(client),
        verify: (posted) => verify(client, name, posted),
        drop: async () => {
          await client.end();
          await dropTenant(admin, slug);
        },
      };
    },
  };
}

/** What the job `ledger.settle` does. */
async function settle(client: pg.Client): Promise<void> {
  for (const step of ['fold_ledger', 'seal_ledger', 'index_ledger']) {
    for (let hasMore = true; hasMore; ) {
      const { rows } = await client.query<{ more: boolean }>(`SELECT (${step}() ->> 'has_more')::boolean AS more`);
      hasMore = rows[0]?.more ?? false;
    }
  }
}

async function openAccounts(client: pg.Client): Promise<PostingContext> {
  const work = {
    operation: 'account.create',
    summary: 'Opened the accounts of the benchmark',
    actor: { type: 'system', id: 'bench', name: 'bench' },
    resource: { type: 'account' },
    scope: { all: true, merchant_org_ids: [], merchant_ids: [] },
    request: { id: newId(), door: 'command' },
  };
  await client.query(
    `SELECT create_account($1::jsonb, jsonb_build_object('code', 'B' || n, 'name', 'Account ' || n, 'type', 'asset', 'currency', 'USD'))
       FROM generate_series(1, $2::integer) AS n`,
    [JSON.stringify(work), ACCOUNTS],
  );
  const accounts = await client.query<{ id: string }>(`SELECT id FROM accounts WHERE code ~ '^B[0-9]+$' ORDER BY id`);
  const state = await client.query<{ version: string }>('SELECT version FROM access_state');
  return { accountIds: accounts.rows.map(({ id }) => id), accessVersion: Number(state.rows[0]!.version) };
}

async function verify(client: pg.Client, name: string, posted: Posted): Promise<void> {
  const { rows } = await client.query(
    `SELECT (SELECT count(*) FROM transactions) AS transactions,
            (SELECT count(*) FROM transaction_journals) AS journals,
            (SELECT count(*) FROM transaction_lines) AS lines,
            (SELECT count(*) FROM audit_events WHERE action LIKE 'transaction.%') AS events,
            (SELECT count(*) FROM idempotency_keys WHERE status = 201) AS keys,
            (SELECT count(*)
               FROM (SELECT FROM transaction_lines
                      GROUP BY journal_id, currency
                     HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0) AS journal) AS unbalanced`,
  );
  expectCounts(name, rows[0], {
    transactions: posted.transactions,
    journals: posted.transactions,
    lines: posted.transfers * 2,
    events: posted.calls,
    keys: posted.calls,
    unbalanced: 0,
  });
}
