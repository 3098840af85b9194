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

const sweptRow = v.object({ swept: v.number(), resumed: v.number() });

/**
 * Drops what has expired, and queues again what waits for a processor (tenants/functions/41-customer-payments.sql) or for its
 * day (14-transfers.sql).
 */
export function sweep(tx: CommonQueryMethods) {
  return tx.one(sql.type(sweptRow)`SELECT sweep_expired() AS swept, resume_cards() + queue_transfers() AS resumed`);
}

const pruned = v.object({ sessions: v.number(), mails: v.number(), jobs: v.number(), probes: v.number() });

/** Drops what is over for longer than the tenant keeps it, and tells how many of each. */
export async function pruneKept(tx: CommonQueryMethods): Promise<v.InferOutput<typeof pruned>> {
  return (await tx.one(sql.type(v.object({ pruned }))`SELECT prune_kept() AS pruned`)).pruned;
}

const waitingMail = v.object({
  id: v.string(),
  expires_at: v.string(),
  payload: v.object({
    recipient: v.string(),
    subject: v.string(),
    /** Where the portal is, when the mail was written on a request. */
    origin: v.optional(v.string()),
    sealed_body: v.optional(v.string()),
    /** Of mail that was queued before bodies were sealed. */
    body: v.optional(v.string()),
  }),
});

/** Mail that is still of use, oldest first, for this runner alone. */
export function claimMail(tx: CommonQueryMethods) {
  return tx.any(sql.type(waitingMail)`
    SELECT o.id, o.expires_at, o.payload
    FROM outbox o
    WHERE o.delivered_at IS NULL AND o.topic = 'mail' AND o.expires_at > now()
    ORDER BY o.created_at, o.id
    LIMIT 100
    FOR UPDATE SKIP LOCKED`);
}

/** What was said is of no use any more; to whom and about what stays for a while. */
export async function markDelivered(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE outbox SET delivered_at = now(), payload = payload - 'sealed_body' - 'body' WHERE id = ${id}`);
}

export async function insertMail(
  tx: CommonQueryMethods,
  { id, expires_at, payload }: v.InferOutput<typeof waitingMail>,
  { text, html }: { text: string; html: string },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO mailbox (id, recipient, subject, body, html, expires_at)
    VALUES (${id}, ${payload.recipient}, ${payload.subject}, ${text}, ${html}, ${expires_at})
    ON CONFLICT (id) DO NOTHING`);
}
