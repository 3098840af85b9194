import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { SystemTenant } from '../local/system.ts';
import type { Client } from './client.ts';

/** A tenant with the two accounts that postings move money between. */
export type Ledger = { readonly tenant: SystemTenant; readonly debit: string; readonly credit: string };

/** One posting of the load and what its sender knows of it. */
export type Posting = {
  readonly ledger: Ledger;
  readonly key: string;
  readonly body: { description: string; external_id?: string; lines: object[] };
  /** The status answered; null while it is under way, or when the connection broke. */
  status: number | null;
  text: string | null;
};

export type Load = {
  readonly postings: Posting[];
  readonly inFlight: () => number;
  /** No new postings; resolves when those under way are answered or broken off. */
  stop(): Promise<void>;
};

export async function openLedger(client: Client, tenant: SystemTenant): Promise<Ledger> {
  const account = async (code: string): Promise<string> => {
    const json = { code, name: `Load ${code}`, type: 'asset', currency: 'USD' };
    const { status, text } = await client.api(tenant, '/api/accounts', { json });
    if (status !== 201) throw new Error(`An account was answered ${status}: ${text}`);
    return JSON.parse(text).id;
  };
  return { tenant, debit: await account('9001'), credit: await account('9002') };
}

/** A posting known by its description. Every second one has an external id, so that either guard stands alone for some. */
export function newPosting(ledger: Ledger, number: number): Posting {
  const key = randomUUID();
  const amount = 1 + (number % 1000);
  return {
    ledger,
    key,
    body: {
      description: key,
      ...(number % 2 === 0 && { external_id: key }),
      lines: [
        { account_id: ledger.debit, side: 'debit', amount },
        { account_id: ledger.credit, side: 'credit', amount },
      ],
    },
    status: null,
    text: null,
  };
}

/** Sends a posting and notes its answer; a broken connection leaves it unanswered. Never tries again. */
export async function send(client: Client, posting: Posting): Promise<boolean> {
  const { ledger, key, body } = posting;
  try {
    const answered = await client.api(ledger.tenant, '/api/transactions', {
      json: body,
      headers: { 'idempotency-key': key },
    });
    posting.status = answered.status;
    posting.text = answered.text;
    return true;
  } catch {
    return false;
  }
}

/** Keeps so many postings under way, spread over the ledgers, until stopped. A sender whose connection breaks gives up. */
export function startLoad(client: Client, ledgers: readonly Ledger[], inFlight: number): Load {
  const postings: Posting[] = [];
  let flying = 0;
  let isStopped = false;
  const sender = async () => {
    for (let isUp = true; isUp && !isStopped; ) {
      const posting = newPosting(ledgers[postings.length % ledgers.length]!, postings.length);
      postings.push(posting);
      flying += 1;
      isUp = await send(client, posting);
      flying -= 1;
    }
  };
  const senders = Promise.all(Array.from({ length: inFlight }, sender));
  return {
    postings,
    inFlight: () => flying,
    stop: async () => {
      isStopped = true;
      await senders;
    },
  };
}

/** What the database holds of postings, asked as the administrator, past all our code. */
export type Audit = { found: Map<string, number>; unbalanced: number; transactions: number };

export async function auditLedgers(adminUrl: string, ledgers: readonly Ledger[]): Promise<Audit> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const audit: Audit = { found: new Map(), unbalanced: 0, transactions: 0 };
  for (const { tenant } of ledgers) {
    const schema = pg.escapeIdentifier(tenant.record.schema);
    const { rows } = await admin.query<{ description: string; count: number }>(
      `SELECT description, count(*)::integer AS count FROM ${schema}.transactions GROUP BY description`,
    );
    for (const { description, count } of rows) {
      audit.found.set(description, count);
      audit.transactions += count;
    }
    // A side that differs in a book and currency, a transaction without its two lines, lines without their journal.
    const broken = await admin.query<{ count: number }>(
      `SELECT (SELECT count(*) FROM (
                SELECT FROM ${schema}.transaction_lines
                GROUP BY book_id, currency
                HAVING sum(amount) FILTER (WHERE side = 'debit') IS DISTINCT FROM sum(amount) FILTER (WHERE side = 'credit')) AS b)::integer
            + (SELECT count(*) FROM ${schema}.transactions AS t
                WHERE (SELECT count(*) FROM ${schema}.transaction_journals AS j
                         JOIN ${schema}.transaction_lines AS l ON l.journal_id = j.id
                        WHERE j.transaction_id = t.id) <> 2)::integer AS count`,
    );
    audit.unbalanced += broken.rows[0]?.count ?? 0;
  }
  await admin.end();
  return audit;
}
