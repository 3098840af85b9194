import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { equals, listPage } from '../../operations/list.ts';
import { job, type jobListInput } from './schemas.ts';

const columns = sql.fragment`j.id, j.operation, j.state, j.progress, j.result, j.problem, j.attempts, j.run_at, j.created_at, j.finished_at`;
const nothing = v.object({});

export function pageOfJobs(tx: CommonQueryMethods, input: v.InferOutput<typeof jobListInput>) {
  return listPage(
    tx,
    {
      name: 'jobs',
      row: job,
      select: sql.fragment`SELECT ${columns} FROM jobs j`,
      id: sql.fragment`j.id`,
      sorts: {
        created_at: { column: sql.fragment`j.created_at`, type: 'timestamptz' },
        run_at: { column: sql.fragment`j.run_at`, type: 'timestamptz' },
      },
      defaultSort: '-created_at',
      where: [equals(sql.fragment`j.state`, input.state), equals(sql.fragment`j.operation`, input.operation)],
    },
    input,
  );
}

export function selectJob(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(job)`SELECT ${columns} FROM jobs j WHERE j.id = ${id}`);
}

export async function sweepExpired(tx: CommonQueryMethods): Promise<number> {
  return tx.oneFirst(sql.type(v.object({ swept: v.number() }))`SELECT sweep_expired() AS swept`);
}

const outboxRow = v.object({ id: v.string(), topic: v.string(), payload: v.record(v.string(), v.unknown()) });

/** Undelivered rows, oldest first, for this runner alone. */
export function claimOutbox(tx: CommonQueryMethods) {
  return tx.any(sql.type(outboxRow)`
    SELECT o.id, o.topic, o.payload
    FROM outbox o
    WHERE o.delivered_at IS NULL
    ORDER BY o.created_at, o.id
    LIMIT 100
    FOR UPDATE SKIP LOCKED`);
}

export async function markDelivered(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`UPDATE outbox SET delivered_at = now() WHERE id = ${id}`);
}

export async function insertMail(
  tx: CommonQueryMethods,
  id: string,
  mail: { recipient: string; subject: string; body: string },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO mailbox (id, recipient, subject, body) VALUES (${id}, ${mail.recipient}, ${mail.subject}, ${mail.body})
    ON CONFLICT (id) DO NOTHING`);
}
