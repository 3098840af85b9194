import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { TenantError } from './error.ts';
import { ACT_AS_ADMIN, actAsOwner } from './statements.ts';
import { requireTenant } from './status.ts';

export const MEASURES = ['rows', 'bytes', 'api_calls', 'worker_time', 'messages', 'jobs'] as const;
export type Measure = (typeof MEASURES)[number];

/** How much a tenant may use, and what it uses: rows and bytes now, the others today. Worker time is in milliseconds. */
export type Quota = { measure: Measure; used: number; soft_limit: number | null; hard_limit: number | null };

async function asOwner<T>(admin: pg.Client, slug: string, use: () => Promise<T>): Promise<T> {
  const { schema, role } = await requireTenant(admin, slug);
  await admin.query('BEGIN');
  try {
    await admin.query(actAsOwner({ schema, role }));
    const answer = await use();
    await admin.query(ACT_AS_ADMIN);
    await admin.query('COMMIT');
    return answer;
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Every measure of a tenant with its limits. @throws TenantError not_found */
export async function listQuotas(admin: pg.Client, slug: string): Promise<Quota[]> {
  return asOwner(admin, slug, async () => {
    const { rows } = await admin.query<Record<keyof Quota, string | null>>(
      'SELECT measure, used, soft_limit, hard_limit FROM usage_standing()',
    );
    const whole = (value: string | null) => (value === null ? null : Number(value));
    return rows.map((row) => ({
      measure: row.measure as Measure,
      used: Number(row.used),
      soft_limit: whole(row.soft_limit),
      hard_limit: whole(row.hard_limit),
    }));
  });
}

/**
 * Sets both limits of one measure; two nulls take the quota away. Recorded in the tenant's audit trail. Idempotent.
 * @throws TenantError not_found; invalid for limits that contradict each other
 */
export async function setQuota(
  admin: pg.Client,
  slug: string,
  { measure, soft_limit: soft, hard_limit: hard }: Omit<Quota, 'used'>,
): Promise<void> {
  if (soft !== null && hard !== null && soft > hard) {
    throw new TenantError('invalid', 'The soft limit is at most the hard one.');
  }
  await asOwner(admin, slug, () =>
    admin.query('SELECT set_quota($1, $2, $3, $4)', [measure, soft, hard, randomUUID()]),
  );
}
