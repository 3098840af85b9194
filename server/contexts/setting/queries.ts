import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { settingLevel } from './schemas.ts';

const setRow = v.object({ key: v.string(), value: v.unknown(), level: settingLevel });
export type SetRow = v.InferOutput<typeof setRow>;

/** Whose settings: nobody's are the tenant's; a merchant's come with those of its MerchantOrg. */
export type Owner = { readonly merchantOrgId: string | null; readonly merchantId: string | null };

/** What is set for the owner and above it, the general first. */
export function selectSet(tx: CommonQueryMethods, { merchantOrgId, merchantId }: Owner) {
  return tx.any(sql.type(setRow)`
    SELECT s.key, s.value, CASE WHEN s.merchant_id IS NOT NULL THEN 'merchant' WHEN s.merchant_org_id IS NOT NULL THEN 'merchant_org'
      ELSE 'tenant' END AS level
    FROM settings s
    WHERE s.merchant_org_id IS NULL AND s.merchant_id IS NULL OR s.merchant_org_id = ${merchantOrgId}::uuid
      OR s.merchant_id = ${merchantId}::uuid
    ORDER BY s.merchant_id IS NOT NULL, s.merchant_org_id IS NOT NULL`);
}

const nothing = v.object({});

/** At the most particular level of the owner. */
export async function putSetting(tx: CommonQueryMethods, owner: Owner, key: string, value: unknown): Promise<void> {
  const orgId = owner.merchantId === null ? owner.merchantOrgId : null;
  if (value === null) {
    await tx.query(sql.type(nothing)`
      DELETE FROM settings
      WHERE key = ${key} AND merchant_org_id IS NOT DISTINCT FROM ${orgId}::uuid AND merchant_id IS NOT DISTINCT FROM ${owner.merchantId}::uuid`);
    return;
  }
  await tx.query(sql.type(nothing)`
    INSERT INTO settings (merchant_org_id, merchant_id, key, value)
    VALUES (${orgId}, ${owner.merchantId}, ${key}, ${sql.jsonb(value as never)})
    ON CONFLICT (merchant_org_id, merchant_id, key) DO UPDATE SET value = excluded.value
    WHERE settings.value IS DISTINCT FROM excluded.value`);
}
