import { createHash } from 'node:crypto';
import pg from 'pg';
import { newId } from '../../../server/operations/id.ts';

// The tenant's SQL functions, called as its homes call them: as the tenant's own role, several callers at once.

export type Side = 'debit' | 'credit';
export type Line = { account: string; side: Side; amount: number };

/** What a call was answered: its JSON text, new or replayed, or the code of the problem that refused it. */
export type Answer = { ok: true; body: string; isReplay: boolean } | { ok: false; code: string };

/** One call of a function that is a unit of work by itself. */
export type Call = { text: string; values: (key: string | null, salt: string) => unknown[] };

export type Rig = {
  /** As the administrator, with the tenant's schema first. */
  admin: pg.Client;
  tenantBook: string;
  /** @throws whatever is no problem of the contract: a deadlock, a violated constraint, a bug */
  run(call: Call, key?: string | null, salt?: string): Promise<Answer>;
  /** Like `run`, and asks something in the same transaction before it commits. */
  runAnd<T>(call: Call, question: string, values: unknown[]): Promise<{ answer: Answer; found: T | undefined }>;
  close(): Promise<void>;
};

const EVERYWHERE = { all: true, merchant_org_ids: [], merchant_ids: [] };

/** @param salt part of the request's hash: another one is another request */
export function workOf(operation: string, key: string | null = null, salt = '', id?: string): string {
  return JSON.stringify({
    operation,
    summary: operation,
    actor: { type: 'system', id: 'prover', name: 'Prover' },
    resource: { type: 'transaction', id },
    scope: EVERYWHERE,
    request: { id: 'prove', door: 'command' },
    idempotency: key === null ? undefined : { key, hash: createHash('sha256').update(salt).digest('hex') },
  });
}

/** Posts transactions given as headers and lines; a typed one has no lines. */
export function postCall(input: object | object[], lines: readonly (Line & { entry: number })[]): Call {
  const operation = Array.isArray(input) ? 'transaction.create_batch' : 'transaction.create';
  return {
    text: 'SELECT post_transactions($1, $2, $3::integer[], $4::uuid[], $5::entry_side[], $6::bigint[], $7::text[]) AS answer',
    values: (key, salt) => [
      workOf(operation, key, salt),
      JSON.stringify(input),
      lines.map(({ entry }) => entry),
      lines.map(({ account }) => account),
      lines.map(({ side }) => side),
      lines.map(({ amount }) => amount),
      lines.map(() => null),
    ],
  };
}

export function stepCall(id: string, step: 'post' | 'release' | 'reversal', input: object): Call {
  return {
    text: 'SELECT step_transaction($1, $2, $3::journal_kind, $4) AS answer',
    values: (key, salt) => [workOf(`transaction.${step}`, key, salt, id), id, step, JSON.stringify(input)],
  };
}

export function closeCall(book: string, through: string): Call {
  return {
    text: 'SELECT close_period($1, $2, $3) AS answer',
    values: (key, salt) => [workOf('period.close', key, salt), book, JSON.stringify({ through })],
  };
}

export function limitCall(
  account: string,
  limits: { minimum_balance: number | null; maximum_balance: number | null },
): Call {
  return {
    text: 'SELECT update_account($1, $2, $3, NULL) AS answer',
    values: (key, salt) => [workOf('account.update', key, salt), account, JSON.stringify(limits)],
  };
}

/** A call that answers no document. */
export function plainCall(expression: string, operation: string | null = null): Call {
  const opened = operation === null ? '' : 'work_begin($1::jsonb),';
  return {
    text: `SELECT ${opened} ${expression}::text AS plain`,
    values: () => (operation === null ? [] : [workOf(operation)]),
  };
}

type Row = { answer?: { body: string } | { replay: { body: string } }; plain?: string };

function read({ answer, plain }: Row): Answer {
  if (answer === undefined) return { ok: true, body: plain ?? '', isReplay: false };
  return 'replay' in answer
    ? { ok: true, body: answer.replay.body, isReplay: true }
    : { ok: true, body: answer.body, isReplay: false };
}

/** A refusal of the contract; everything else is thrown on. */
function refusal(error: unknown): Answer {
  if (error instanceof pg.DatabaseError && error.code === 'SCP01') return { ok: false, code: error.message };
  if (error instanceof pg.DatabaseError && error.constraint === 'transactions_external_id_unique')
    return { ok: false, code: 'conflict' };
  throw error;
}

/** @param connect a new connection as the tenant's own role */
export async function openRig(admin: pg.Client, connect: () => Promise<pg.Client>, callers: number): Promise<Rig> {
  const clients = await Promise.all(Array.from({ length: callers }, connect));
  const { rows } = await admin.query<{ id: string }>(`SELECT id FROM books WHERE party_type = 'tenant'`);
  const free = [...clients];
  const waiting: ((client: pg.Client) => void)[] = [];
  /** Whoever is free; who finds nobody waits in line. */
  const withClient = async <T>(use: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = free.pop() ?? (await new Promise<pg.Client>((resolve) => waiting.push(resolve)));
    try {
      return await use(client);
    } finally {
      const next = waiting.shift();
      if (next) next(client);
      else free.push(client);
    }
  };
  return {
    admin,
    tenantBook: rows[0]!.id,
    run: (call, key = null, salt = '') =>
      withClient(async (client) => {
        const result = await client.query<Row>(call.text, call.values(key, salt)).catch(refusal);
        return 'ok' in result ? result : read(result.rows[0]!);
      }),
    runAnd: <T>(call: Call, question: string, values: unknown[]) =>
      withClient(async (client) => {
        let end = 'ROLLBACK';
        await client.query('BEGIN');
        try {
          const result = await client.query<Row>(call.text, call.values(null, '')).catch(refusal);
          if ('ok' in result) return { answer: result, found: undefined };
          const [found] = (await client.query(question, values)).rows;
          end = 'COMMIT';
          return { answer: read(result.rows[0]!), found: found as T | undefined };
        } finally {
          // Also after what is no refusal: the next call would fail for this one's reason.
          await client.query(end);
        }
      }),
    close: async () => {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}

/** Runs one statement of preparation in a unit of work of its own. */
export async function arrange<T extends pg.QueryResultRow>(
  admin: pg.Client,
  text: string,
  values: unknown[],
): Promise<T[]> {
  await admin.query('BEGIN');
  try {
    await admin.query('SELECT work_begin($1)', [workOf('prove.arrange', null, '', newId())]);
    const { rows } = await admin.query<T>(text, values);
    await admin.query('COMMIT');
    return rows;
  } catch (error) {
    await admin.query('ROLLBACK');
    throw error;
  }
}
