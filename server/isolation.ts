import type { DatabasePool } from 'slonik';
import * as v from 'valibot';
import { sql } from '../db/pool.ts';
import type { TenantRecord } from '../tenants/record.ts';
import { systemActor } from './operations/actor.ts';
import { sqlStateOf } from './operations/database-errors.ts';
import { DomainError } from './operations/errors.ts';
import { newId } from './operations/id.ts';
import { envelope, workParameter } from './operations/statement.ts';

const nothing = v.object({});
const loginRow = v.object({ role: v.string(), schema: v.nullable(v.string()) });

/** Tables, functions or rights that are not there: what a login of another tenant, or without its schema, runs into. */
const LOST_STATES = /^(42P01|42883|42501|3F000)$/;

/** Whether an error may come from a connection that is not in its tenant's schema. */
export function looksLost(error: unknown): boolean {
  return LOST_STATES.test(sqlStateOf(error) ?? '');
}

/**
 * Has the database say whose login a pool holds and where its names lead: the one thing that no mistake of ours can
 * forge. A pool of another tenant is refused, and the tenant whose login it is finds that in its audit trail.
 * @throws DomainError unavailable
 */
export async function requireOwnLogin(pool: DatabasePool, record: TenantRecord): Promise<void> {
  const login = await pool.one(sql.type(loginRow)`SELECT session_user::text AS role, current_schema()::text AS schema`);
  if (login.role === record.role && login.schema === record.schema) {
    return;
  }
  console.error(`isolation: the home of ${record.role} holds a login of ${login.role} in ${login.schema}`);
  await recordForeignLogin(pool, login.role);
  throw new DomainError('unavailable', 'This portal is closed until its operator has looked at it.', {
    retryAfterSeconds: 60,
    extra: { failing: ['isolation'] },
  });
}

/** A tenant's role has the name of its schema, and the function pins its own search path. */
async function recordForeignLogin(pool: DatabasePool, role: string): Promise<void> {
  const work = envelope(
    systemActor('isolation', 'Isolation check'),
    { requestId: newId(), door: 'job' },
    { operation: 'isolation.check', summary: 'Refused: a login in the wrong place', resource: { type: 'tenant' } },
  );
  await pool
    .query(sql.type(nothing)`SELECT ${sql.identifier([role, 'work_deny'])}(${workParameter(work)}, 'isolation')`)
    .catch((error) => console.warn('a foreign login could not be recorded', error instanceof Error ? error.name : ''));
}
