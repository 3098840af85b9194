import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { assignments } from '../../operations/list.ts';
import { tenant, tenantLogo, type tenantUpdateInput } from './schemas.ts';

const { status: _status, ...entries } = tenant.entries;
const row = v.object(entries);

const columns = sql.fragment`id, slug, name, legal_name, support_email, support_phone, support_url, brand_colour,
  '/branding/logo?v=' || left(logo_hash, 16) AS logo_url, locale, time_zone, currency, retention_days, version, created_at, updated_at`;

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

/** Sets the picture, or takes it away when there is none. */
export function updateLogo(
  tx: CommonQueryMethods,
  logo: { mediaType: string; image: string } | null,
  expectedVersion: number | undefined,
) {
  const image = logo?.image ?? null;
  return tx.maybeOne(sql.type(row)`
    UPDATE tenant
    SET logo = decode(${image}::text, 'base64'), logo_type = ${logo?.mediaType ?? null},
      logo_hash = encode(sha256(decode(${image}::text, 'base64')), 'hex')
    WHERE ${expectedVersion ?? null}::integer IS NULL OR version = ${expectedVersion ?? null}::integer
    RETURNING ${columns}`);
}

export function selectLogo(tx: CommonQueryMethods) {
  return tx.maybeOne(sql.type(tenantLogo)`
    SELECT logo_type AS media_type, logo_hash AS hash, encode(logo, 'base64') AS image FROM tenant WHERE logo IS NOT NULL`);
}
