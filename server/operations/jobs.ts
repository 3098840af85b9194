import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import { systemActor } from './actor.ts';
import { DomainError } from './errors.ts';
import { execute, type Runtime } from './execute.ts';
import { newId } from './id.ts';
import type { Context } from './operation.ts';

const LEASE_SECONDS = 300;
const MAIL_LASTS_MS = 14 * 86_400_000;

const nothing = v.object({});
const idRow = v.object({ id: v.string() });
const restRow = v.object({ may_rest: v.boolean() });
const claimed = v.object({
  id: v.string(),
  operation: v.string(),
  input: v.unknown(),
  attempts: v.number(),
  max_attempts: v.number(),
});
type ClaimedJob = v.InferOutput<typeof claimed>;

/**
 * Puts work aside for later, in the caller's transaction. With a key, one that waits already is enough.
 * @returns the id of the job that will do it
 */
export async function enqueue(
  ctx: Context,
  operation: string,
  input: object,
  options: { uniqueKey?: string; runAt?: Date } = {},
): Promise<string> {
  return ctx.tx.oneFirst(sql.type(idRow)`
    INSERT INTO jobs (id, operation, input, run_at, unique_key, created_by)
    VALUES (${newId()}, ${operation}, ${sql.jsonb(input as Record<string, never>)}, ${(options.runAt ?? ctx.now).toISOString()}, ${options.uniqueKey ?? null}, ${ctx.actor.id})
    ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO UPDATE SET unique_key = excluded.unique_key
    RETURNING id`);
}

export type Mail = { readonly recipient: string; readonly subject: string; readonly body: string };

/**
 * Writes a mail beside the change that causes it; the job carries it out, at least once. A body may hold a link that stands
 * for a person: it lies in the database sealed, and no longer than it is of use.
 * @param until when nobody needs the mail any more, such as the end of a link in it
 */
export async function sendToOutbox(ctx: Context, topic: 'mail', { body, ...open }: Mail, until?: Date): Promise<void> {
  const subject = open.subject.replace(/\p{Cc}+/gu, ' ');
  // A mail is carried out by a job, which does not know where the portal is.
  const origin = ctx.call.origin ? { origin: ctx.call.origin } : {};
  const payload = {
    ...open,
    ...origin,
    subject,
    sealed_body: await ctx.services.sealer.seal(`mail ${open.recipient}`, body),
  };
  const expiresAt = until ?? new Date(ctx.now.getTime() + MAIL_LASTS_MS);
  await ctx.tx.query(sql.type(nothing)`
    INSERT INTO outbox (topic, payload, event_id, expires_at)
    VALUES (${topic}, ${sql.jsonb(payload)}, ${ctx.eventId}, ${expiresAt.toISOString()})`);
  await enqueue(ctx, 'outbox.deliver', {}, { uniqueKey: `outbox.deliver:${ctx.eventId}` });
}

/**
 * Says how far the job at hand is, and keeps it from being taken for dead.
 * @param leaseSeconds by when the next report is there, or another runner takes over
 */
export async function reportProgress(ctx: Context, progress: object, leaseSeconds = LEASE_SECONDS): Promise<void> {
  if (ctx.call.door === 'job') {
    await ctx.tx.query(sql.type(nothing)`
      UPDATE jobs
      SET progress = ${sql.jsonb(progress as Record<string, never>)}, locked_until = now() + make_interval(secs => ${leaseSeconds})
      WHERE id = ${ctx.call.requestId} AND state = 'running'`);
  }
}

/** A job whose runner died is claimed again when its lease has run out. */
async function claim(runtime: Runtime) {
  return runtime.withPool((pool) =>
    pool.maybeOne(sql.type(claimed)`
      UPDATE jobs
      SET state = 'running', attempts = attempts + 1, locked_until = now() + make_interval(secs => ${LEASE_SECONDS})
      WHERE id = (
        SELECT id FROM jobs
        WHERE (state = 'queued' AND run_at <= now()) OR (state = 'running' AND locked_until <= now())
        ORDER BY run_at, id
        LIMIT 1
        FOR UPDATE SKIP LOCKED)
      RETURNING id, operation, input, attempts, max_attempts`),
  );
}

/**
 * Ends a job, and queues a recurring one anew — also after a failure, or it would never run again. Counts only for the
 * runner that claimed the job last: a late one, whose lease has run out, changes nothing.
 */
async function finish(
  runtime: Runtime,
  job: ClaimedJob,
  state: 'succeeded' | 'dead',
  result: unknown,
  problem: unknown,
) {
  const json = (value: unknown) => (value ? sql.jsonb(JSON.parse(JSON.stringify(value))) : null);
  await runtime.withPool((pool) =>
    pool.query(sql.type(nothing)`
      WITH done AS (
        UPDATE jobs
        SET state = ${state}, result = ${json(result)}, problem = ${json(problem)}, finished_at = now(), locked_until = NULL
        WHERE id = ${job.id} AND state = 'running' AND attempts = ${job.attempts}
        RETURNING operation, input, every, unique_key)
      INSERT INTO jobs (operation, input, every, unique_key, run_at)
      SELECT operation, input, every, unique_key, now() + every FROM done WHERE every IS NOT NULL`),
  );
}

/** Tries again after 5 s, 10 s, 20 s … at most an hour; after the last attempt the job is dead and waits for a person. */
async function fail(runtime: Runtime, job: ClaimedJob, error: unknown): Promise<void> {
  const problem =
    error instanceof DomainError
      ? { code: error.code, detail: error.message }
      : { code: 'internal', detail: 'The handler failed.' };
  if (!(error instanceof DomainError)) {
    console.error(`job ${job.operation} failed`, error);
  }
  if (job.attempts >= job.max_attempts) {
    await finish(runtime, job, 'dead', null, problem);
    return;
  }
  const delaySeconds = Math.min(5 * 2 ** (job.attempts - 1), 3600);
  await runtime.withPool((pool) =>
    pool.query(sql.type(nothing)`
      UPDATE jobs
      SET state = 'queued', problem = ${sql.jsonb(problem)}, locked_until = NULL, run_at = now() + make_interval(secs => ${delaySeconds})
      WHERE id = ${job.id} AND state = 'running' AND attempts = ${job.attempts}`),
  );
}

/**
 * Carries out what is due, one job after the other, until nothing is or the time is up. Several homes may do so at once.
 */
export async function runDueJobs(runtime: Runtime, budgetMs = 20_000): Promise<number> {
  const until = Date.now() + budgetMs;
  let done = 0;
  while (Date.now() < until) {
    const job = await claim(runtime);
    if (!job) {
      break;
    }
    const operation = runtime.operations.find((candidate) => candidate.name === job.operation);
    try {
      if (!operation) {
        throw new DomainError('not_found', `There is no operation ${job.operation} in this version.`);
      }
      const { data } = await execute(runtime, operation, systemActor('jobs', 'Background jobs'), job.input, {
        requestId: job.id,
        door: 'job',
        ...(runtime.origin ? { origin: runtime.origin } : {}),
      });
      await finish(runtime, job, 'succeeded', data, null);
    } catch (error) {
      await fail(runtime, job, error);
    }
    done += 1;
  }
  await rest(runtime);
  return done;
}

/** Tells the control plane when to come back: at the next due job, or when the lease of a running one ends. */
async function rest(runtime: Runtime): Promise<void> {
  await runtime.withPool((pool) =>
    pool.transaction(async (tx) => {
      const { may_rest: mayRest } = await tx.one(sql.type(restRow)`SELECT platform.begin_rest() AS may_rest`);
      if (mayRest) {
        await tx.query(sql.type(nothing)`
          SELECT platform.rest((
            SELECT min(CASE state WHEN 'queued' THEN run_at ELSE locked_until END) FROM jobs WHERE state IN ('queued', 'running')))`);
      }
    }),
  );
}
