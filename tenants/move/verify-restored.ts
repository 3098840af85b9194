import pg from 'pg';
import { psqlUrl } from '../psql-url.ts';
import type { TenantRecord } from '../record.ts';

type Finding = { message: string };
type Step = { last: string | null; findings: Finding[] };

/** What the ledger of a tenant was found to be. */
export type LedgerVerification = {
  blocks: number;
  head_hash: string | null;
  journals: number;
  events: number;
  /** Of all lines, in minor units: both sides of each currency must be equal. */
  sides: { currency: string; debits: string; credits: string }[];
  problems: number;
  /** The first of them, in words. */
  findings: string[];
};

const MOST_FINDINGS = 20;

/**
 * Recomputes the seal and every folded sum, and compares both sides of the ledger. Logs in as the tenant's own role:
 * only so can the anchors be read that are the tenant's, and only so is it proved that its login works.
 */
export async function verifyRestored(tenant: TenantRecord, masterSecret: string): Promise<LedgerVerification> {
  const client = new pg.Client({ connectionString: psqlUrl(tenant, masterSecret), connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await verifyAll(client);
  } finally {
    await client.end();
  }
}

async function verifyAll(client: pg.Client): Promise<LedgerVerification> {
  const ask = async <T>(statement: string, values: unknown[] = []): Promise<T> =>
    (await client.query<{ answer: T }>(`SELECT ${statement} AS answer`, values)).rows[0]?.answer as T;
  const found: Finding[] = [];
  const sums = { head_hash: null as string | null, journals: 0, events: 0 };
  const blocks = await ask<number>('(SELECT coalesce(max(number), 0) FROM seal_blocks)');
  for (let number = 1; number <= blocks; number += 1) {
    const block = await ask<{ hash: string; journals: number; events: number; findings: Finding[] }>(
      'verify_block($1)',
      [number],
    );
    found.push(...block.findings);
    sums.head_hash = block.hash;
    sums.journals += block.journals;
    sums.events += block.events;
  }
  found.push(...(await ask<Finding[]>('verify_outside()')));
  const walk = async (statement: string, values: unknown[]) => {
    for (let after: string | null = null; ; ) {
      const step: Step = await ask<Step>(statement, [after, ...values]);
      found.push(...step.findings);
      if (step.last === null) return;
      after = step.last;
    }
  };
  for (const part of ['transaction', 'line', 'change']) await walk('verify_loose($2, $1)', [part]);
  await walk('verify_totals($1)', []);
  const sides = await sidesOf(client);
  for (const { currency, debits, credits } of sides) {
    if (debits !== credits) found.push({ message: `The sides of ${currency} differ: ${debits} and ${credits}.` });
  }
  const findings = found.slice(0, MOST_FINDINGS).map(({ message }) => message);
  return { blocks, ...sums, sides, problems: found.length, findings };
}

async function sidesOf(client: pg.Client): Promise<LedgerVerification['sides']> {
  const { rows } = await client.query<LedgerVerification['sides'][number]>(
    `SELECT currency, coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0)::text AS debits,
            coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0)::text AS credits
       FROM transaction_lines
      GROUP BY currency
      ORDER BY currency`,
  );
  return rows;
}
