import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { newId } from '../../../server/operations/id.ts';
import { ACCOUNTS, type Call, type Contender, expectCounts, type Ledger, type Posted } from './contender.ts';
import { linesOf } from './posting-call.ts';
import type { BenchServer } from './server.ts';

/** What Postgres itself can do with one journal and its lines, beside which the product's own work is seen. */
export function bare(server: BenchServer): Contender {
  const sql = readFileSync(new URL('bare.sql', import.meta.url), 'utf8');
  return {
    name: 'bare',
    open: async (name): Promise<Ledger> => {
      const { admin } = server;
      await admin.query(`CREATE SCHEMA ${name}; SET search_path = ${name}; ${sql}; RESET search_path`);
      const accountIds = Array.from({ length: ACCOUNTS }, () => newId()).sort();
      return {
        login: { ...server.adminLogin, options: `-c search_path=${name}` },
        statement: (call) => statement(accountIds, call),
        verify: (posted) => verify(admin, name, posted),
        drop: async () => void (await admin.query(`DROP SCHEMA ${name} CASCADE`)),
      };
    },
  };
}

function statement(accountIds: readonly string[], call: Call): pg.QueryConfig {
  const [first] = call[0]!;
  if (call.length === 1 && call[0]!.length === 1 && first) {
    return {
      name: 'post_pair',
      text: 'SELECT post_pair($1, $2::uuid, $3::uuid, $4::bigint)',
      values: ['Benchmark', accountIds[first.to], accountIds[first.from], first.amount],
    };
  }
  const lines = linesOf(accountIds, call);
  return {
    name: 'post_set',
    text: 'SELECT post_set($1::text[], $2::integer, $3::uuid[], $4::entry_side[], $5::bigint[])',
    values: [`{${call.map(() => 'Benchmark')}}`, call[0]!.length * 2, lines.accountIds, lines.sides, lines.amounts],
  };
}

async function verify(admin: pg.Client, name: string, posted: Posted): Promise<void> {
  const { rows } = await admin.query(
    `SELECT (SELECT count(*) FROM ${name}.journals) AS journals,
            (SELECT count(*) FROM ${name}.lines) AS lines,
            (SELECT count(*)
               FROM (SELECT FROM ${name}.lines
                      GROUP BY journal_id
                     HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0) AS journal) AS unbalanced`,
  );
  expectCounts(name, rows[0], { journals: posted.transactions, lines: posted.transfers * 2, unbalanced: 0 });
}
