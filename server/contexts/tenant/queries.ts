import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { tenant } from './schemas.ts';

const { status: _status, ...entries } = tenant.entries;
const row = v.object(entries);

const columns = sql.fragment`id, slug, name, legal_name, support_email, locale, time_zone, currency, version, created_at, updated_at`;

export function selectTenant(tx: CommonQueryMethods) {
  return tx.one(sql.type(row)`SELECT ${columns} FROM tenant`);
}

type Changes = {
  name?: string | undefined;
  legal_name?: string | null | undefined;
  support_email?: string | null | undefined;
  locale?: string | undefined;
  time_zone?: string | undefined;
  currency?: string | undefined;
};

export function updateTenant(tx: CommonQueryMethods, changes: Changes, expectedVersion: number | undefined) {
  return tx.maybeOne(sql.type(row)`
    UPDATE tenant
    SET name = coalesce(${changes.name ?? null}, name),
      legal_name = CASE WHEN ${changes.legal_name !== undefined} THEN ${changes.legal_name ?? null} ELSE legal_name END,
      support_email = CASE WHEN ${changes.support_email !== undefined} THEN ${changes.support_email ?? null} ELSE support_email END,
      locale = coalesce(${changes.locale ?? null}, locale),
      time_zone = coalesce(${changes.time_zone ?? null}, time_zone),
      currency = coalesce(${changes.currency ?? null}, currency)
    WHERE ${expectedVersion ?? null}::integer IS NULL OR version = ${expectedVersion ?? null}::integer
    RETURNING ${columns}`);
}
