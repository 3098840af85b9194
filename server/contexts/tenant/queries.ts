import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { assignments } from '../../operations/list.ts';
import { tenant, type tenantUpdateInput } from './schemas.ts';

const { status: _status, ...entries } = tenant.entries;
const row = v.object(entries);

const columns = sql.fragment`id, slug, name, legal_name, support_email, support_phone, support_url, brand_colour, locale, time_zone, currency, version, created_at, updated_at`;

export function selectTenant(tx: CommonQueryMethods) {
  return tx.one(sql.type(row)`SELECT ${columns} FROM tenant`);
}

export function updateTenant(
  tx: CommonQueryMethods,
  changes: v.InferOutput<typeof tenantUpdateInput>,
  expectedVersion: number | undefined,
) {
  return tx.maybeOne(sql.type(row)`
    UPDATE tenant SET ${assignments(changes)}
    WHERE ${expectedVersion ?? null}::integer IS NULL OR version = ${expectedVersion ?? null}::integer
    RETURNING ${columns}`);
}
