import { existsSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import type pg from 'pg';
import { CommandError } from '../../command.ts';
import { ACCOUNTS, type Call, type Contender, expectCounts, type Ledger, type Posted } from './contender.ts';
import type { BenchServer } from './server.ts';

/**
 * pgledger's published SQL, which is not part of this repository.
 * @param paths of its SQL files in the order to load them: first uuid-to-ulid.sql, which it builds on, then pgledger.sql
 * @throws CommandError when a file is missing
 */
export function pgledger(server: BenchServer, paths: string): Contender {
  const sql = paths.split(delimiter).map((path) => {
    if (!existsSync(path)) throw new CommandError(`PGLEDGER_SQL names ${path}, which does not exist.`);
    return readFileSync(path, 'utf8');
  });
  return {
    name: 'pgledger',
    open: async (name): Promise<Ledger> => {
      const { admin } = server;
      await admin.query(`CREATE SCHEMA ${name}; SET search_path = ${name}`);
      await admin.query(sql.join('\n;\n'));
      await admin.query(
        `SELECT pgledger_create_account('Account ' || n, 'USD') FROM generate_series(1, ${ACCOUNTS}) AS n`,
      );
      const accounts = await admin.query<{ id: string }>('SELECT id FROM pgledger_accounts ORDER BY id');
      await admin.query('RESET search_path');
      const accountIds = accounts.rows.map(({ id }) => id);
      return {
        login: { ...server.adminLogin, options: `-c search_path=${name}` },
        statement: (call) => statement(accountIds, call),
        verify: (posted) => verify(admin, name, posted),
        drop: async () => void (await admin.query(`DROP SCHEMA ${name} CASCADE`)),
      };
    },
  };
}

/** It has no transactions of several lines: four legs are two transfers in one call of its batch function. */
function statement(accountIds: readonly string[], call: Call): pg.QueryConfig {
  const transfers = call.flat();
  const [first] = transfers;
  if (transfers.length === 1 && first) {
    return {
      name: 'create_transfer',
      text: 'SELECT * FROM pgledger_create_transfer($1, $2, $3)',
      values: [accountIds[first.from], accountIds[first.to], first.amount],
    };
  }
  return {
    name: 'create_transfers',
    text: 'SELECT * FROM pgledger_create_transfers(transfer_requests => $1::transfer_request[])',
    values: [`{${transfers.map(({ from, to, amount }) => `"(${accountIds[from]},${accountIds[to]},${amount})"`)}}`],
  };
}

async function verify(admin: pg.Client, name: string, posted: Posted): Promise<void> {
  const { rows } = await admin.query(
    `SELECT (SELECT count(*) FROM ${name}.pgledger_transfers) AS transfers,
            (SELECT count(*) FROM ${name}.pgledger_entries) AS entries,
            (SELECT count(*)
               FROM (SELECT FROM ${name}.pgledger_entries GROUP BY transfer_id HAVING sum(amount) <> 0) AS transfer) AS unbalanced,
            (SELECT count(*)
               FROM ${name}.pgledger_accounts a
              WHERE a.balance <> (SELECT coalesce(sum(e.amount), 0) FROM ${name}.pgledger_entries e WHERE e.account_id = a.id)) AS wrong`,
  );
  expectCounts(name, rows[0], {
    transfers: posted.transfers,
    entries: posted.transfers * 2,
    unbalanced: 0,
    wrong: 0,
  });
}
