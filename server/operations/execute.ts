import { type DatabasePool, NotFoundError } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import { hashSecret } from '../../tenants/credentials.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import type { KeyMemory } from '../auth/key-memory.ts';
import { type Actor, type Scope, scopeOf } from './actor.ts';
import { fromDatabase } from './database-errors.ts';
import { DomainError, notFound } from './errors.ts';
import { newId } from './id.ts';
import { refuseWhileImpersonating } from './impersonated.ts';
import { checkInput } from './input.ts';
import type { Call, Context, Operation, Services, StatementAnswer, Work } from './operation.ts';
import { begunRow, envelope, workParameter } from './statement.ts';

/** What an operation runs against: one tenant's database and the services around it. */
export type Runtime = {
  readonly tenant: TenantRecord;
  readonly services: Services;
  readonly operations: readonly Operation[];
  /** Every permission that some operation asks for. */
  readonly permissions: readonly string[];
  readonly keys: KeyMemory;
  /** Where the portal is; what comes from a request goes by that. */
  readonly origin?: string;
  /** Its pool is one read-only snapshot of an export, which is recorded as a whole. */
  readonly isSnapshot?: boolean;
  /** Runs with the tenant's pool; reconnects when the role's password has changed. */
  withPool<T>(use: (pool: DatabasePool) => Promise<T>): Promise<T>;
};

export type Outcome<O> = { readonly data: O; readonly status: number; readonly isReplayed: boolean };

const nothing = v.object({});

/** Never hashed into the record of a request: a hash of what people choose can be guessed. A token is random and stays in. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['password', 'current_password', 'totp', 'client_secret']);

/** What a quota that is used up refuses to whoever asks from outside; work that was accepted goes on. */
async function requireQuota(runtime: Runtime, operation: Operation, call: Call): Promise<void> {
  if (operation.permission === null || call.door === 'job') return;
  if (operation.http?.status === 201) await runtime.services.usage.require('rows', 'bytes');
  if (operation.http?.status === 202) await runtime.services.usage.require('jobs');
}

/** Outcomes that leave an audit event although nothing was done. */
const DENIALS: ReadonlySet<string> = new Set([
  'forbidden',
  'invalid_credentials',
  'second_factor_wrong',
  'step_up_required',
  'not_while_impersonating',
  'passkey_refused',
  'passkey_copied',
  'sso_refused',
  'sso_required',
  'rate_limited',
]);

/** The same for the same request, whatever order its fields were written in. */
function requestHash(operation: Operation, input: unknown, call: Call): string {
  const fields = Object.entries(input as object).filter(([name]) => !SECRET_FIELDS.has(name));
  const request = [operation.name, Object.fromEntries(fields), call.expectedVersion ?? null];
  return hashSecret(JSON.stringify(request, (_key, inner) => sorted(inner)));
}

function sorted(inner: unknown): unknown {
  return inner !== null && typeof inner === 'object' && !Array.isArray(inner)
    ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
    : inner;
}

/** The unit of work of one call of an operation. */
function workOf<I>(
  operation: Operation<I, unknown>,
  actor: Actor,
  scope: Scope,
  call: Call,
  input: I,
  resourceId: string | undefined,
): Work {
  const summary = operation.describe?.(input) ?? operation.summary;
  const resource = { type: operation.resource, id: resourceId };
  return {
    ...envelope(actor, call, { operation: operation.name, summary, resource }),
    scope,
    access_version: actor.accessVersion,
    answer: operation.minimal && call.wantsMinimal ? 'minimal' : undefined,
    idempotency: call.idempotencyKey && {
      key: call.idempotencyKey,
      hash: requestHash(operation as Operation, input, call),
    },
  };
}

/** The id of the object that the input names, or of the tenant when that is the object. */
function subjectOf(operation: Operation, input: unknown, tenant: TenantRecord): string | null {
  const id = typeof input === 'object' && input !== null && 'id' in input ? input.id : null;
  return typeof id === 'string' ? id : operation.resource === 'tenant' ? tenant.id : null;
}

/** Records a denial in a transaction of its own. A failure to record never turns a denial into something else. */
async function recordDenial(
  runtime: Runtime,
  operation: Operation,
  actor: Actor,
  call: Call,
  denial: DomainError,
): Promise<void> {
  const work = envelope(actor, call, {
    operation: operation.name,
    summary: `Denied: ${denial.detail.reason ?? operation.summary}`,
    resource: { type: operation.resource, id: denial.detail.subject, about: denial.detail.about },
  });
  await runtime
    .withPool((pool) => pool.query(sql.type(nothing)`SELECT work_deny(${workParameter(work)}, ${denial.code})`))
    .catch((error) => console.warn('a denial could not be recorded', error instanceof Error ? error.name : error));
}

/** Who views as somebody else leaves an event of what they saw, and sees nothing that could not be recorded. */
async function recordImpersonatedRead<I>(
  pool: DatabasePool,
  operation: Operation<I, unknown>,
  actor: Actor,
  call: Call,
  input: I,
  id: string | null,
): Promise<void> {
  const work = envelope(actor, call, {
    operation: operation.name,
    summary: `${operation.describe?.(input) ?? operation.summary}, while impersonating`,
    resource: { type: operation.resource, id: id ?? undefined },
  });
  await pool.query(sql.type(nothing)`SELECT work_read(${workParameter(work)})`);
}

/** Runs the part that happens inside one transaction: open the unit of work, do it, keep the answer for replays. */
async function runInTransaction<I, O>(
  pool: DatabasePool,
  operation: Operation<I, O>,
  ctx: Context,
  input: I,
  outside: object,
  work: Work,
): Promise<Outcome<O>> {
  const status = operation.http?.status ?? 200;
  return pool.transaction(async (tx) => {
    const { begun } = await tx.one(sql.type(begunRow)`SELECT work_begin(${workParameter(work)}) AS begun`);
    if ('replay' in begun) {
      return { data: JSON.parse(begun.replay.body), status: begun.replay.status, isReplayed: true };
    }
    const data = await operation.run!({ ...ctx, tx, eventId: begun.event_id }, input, outside);
    if (ctx.call.idempotencyKey) {
      const kept = operation.isAnswerSecret ? null : JSON.stringify(data ?? null);
      await tx.query(sql.type(nothing)`SELECT work_complete(${workParameter(work)}, ${status}, ${kept})`);
    }
    return { data, status, isReplayed: false };
  });
}

function fromStatement<I, O>(operation: Operation<I, O>, answer: StatementAnswer): Outcome<O> {
  return 'replay' in answer
    ? { data: JSON.parse(answer.replay.body), status: answer.replay.status, isReplayed: true }
    : { data: JSON.parse(answer.body), status: operation.http?.status ?? 200, isReplayed: false };
}

/**
 * Runs an operation for an actor: permission, input, unit of work. Every door comes through here.
 * @throws DomainError for every outcome that the contract names
 */
export async function execute<I, O>(
  runtime: Runtime,
  operation: Operation<I, O>,
  actor: Actor,
  rawInput: unknown,
  call: Call,
): Promise<Outcome<O>> {
  const require = (permission: string): Scope => {
    const granted = scopeOf(actor, permission);
    if (!granted) {
      throw new DomainError('forbidden', `This needs the permission ${permission}.`);
    }
    return granted;
  };
  try {
    refuseWhileImpersonating(operation as Operation, actor);
    const scope = operation.permission === null ? scopeOf(actor, null)! : require(operation.permission);
    const input = checkInput(operation, rawInput);
    await requireQuota(runtime, operation as Operation, call);
    const subject = subjectOf(operation, input, runtime.tenant);
    const id = subject ?? newId();
    const base = {
      tenant: runtime.tenant,
      actor,
      scope,
      now: new Date(),
      call,
      id,
      eventId: null,
      services: runtime.services,
      knownPermissions: runtime.permissions,
      catalogue: runtime.operations,
      require,
    };
    return await runtime.withPool(async (pool) => {
      if (operation.kind === 'read') {
        const data = await operation.run!({ ...base, tx: pool }, input, {});
        if (actor.impersonator && !runtime.isSnapshot) {
          await recordImpersonatedRead(pool, operation, actor, call, input, subject);
        }
        return { data, status: operation.http?.status ?? 200, isReplayed: false };
      }
      const outside = (await operation.outside?.({ ...base, tx: pool }, input)) ?? {};
      const worker = outside.actor ?? actor;
      const isCreation = operation.http?.status === 201;
      const work = workOf(operation, worker, scope, call, input, isCreation ? id : (subject ?? undefined));
      if (operation.statement) {
        return fromStatement(operation, await operation.statement({ ...base, tx: pool }, input, work));
      }
      return runInTransaction(pool, operation, { ...base, actor: worker, tx: pool }, input, outside, work);
    });
  } catch (error) {
    const known = error instanceof NotFoundError ? notFound() : fromDatabase(error, operation);
    if (known instanceof DomainError && DENIALS.has(known.code)) {
      await recordDenial(runtime, operation, actor, call, known);
    }
    throw known;
  }
}
