import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, inScope } from '../../operations/list.ts';
import { id } from '../../operations/schemas.ts';
import { type SettingLevel, settingLevel } from './schemas.ts';

const nothing = v.object({});
const stored = v.object({ level: settingLevel, key: v.string(), value: v.unknown() });
export type StoredSetting = v.InferOutput<typeof stored>;

/** Who inherits from whom: a merchant, its MerchantOrg, the tenant; what lies below the level asked for is null. */
const owners = v.object({ merchant_id: v.nullable(id), merchant_org_id: v.nullable(id), tenant_id: id });
export type Owners = v.InferOutput<typeof owners>;

/** The owners above a merchant or MerchantOrg in scope, and the tenant's alone; null when there is none. */
export function selectOwners(
  tx: CommonQueryMethods,
  scope: Scope,
  level: SettingLevel,
  ownerId: string,
): Promise<Owners | null> {
  if (level === 'merchant') {
    return tx.maybeOne(sql.type(owners)`
      SELECT m.id AS merchant_id, m.merchant_org_id, t.id AS tenant_id FROM merchants m CROSS JOIN tenant t
      WHERE ${allOf([sql.fragment`m.id = ${ownerId}`, inScope(scope, sql.fragment`m.merchant_org_id`, sql.fragment`m.id`)])}`);
  }
  if (level === 'merchant_org') {
    return tx.maybeOne(sql.type(owners)`
      SELECT NULL AS merchant_id, o.id AS merchant_org_id, t.id AS tenant_id FROM merchant_orgs o CROSS JOIN tenant t
      WHERE ${allOf([sql.fragment`o.id = ${ownerId}`, inScope(scope, sql.fragment`o.id`, sql.fragment`NULL::uuid`)])}`);
  }
  return tx.maybeOne(sql.type(owners)`
    SELECT NULL AS merchant_id, NULL AS merchant_org_id, t.id AS tenant_id FROM tenant t`);
}

export function selectSettings(tx: CommonQueryMethods, { merchant_id, merchant_org_id, tenant_id }: Owners) {
  const ids = [merchant_id, merchant_org_id, tenant_id].filter((owner) => owner !== null);
  return tx.any(sql.type(stored)`
    SELECT level, key, value FROM settings WHERE owner_id = ANY(${sql.array(ids, 'uuid')})`);
}

/** What is set for a merchant, whoever asks. */
export function selectSettingsOfMerchant(tx: CommonQueryMethods, merchantId: string) {
  return tx.any(sql.type(stored)`
    SELECT s.level, s.key, s.value
    FROM merchants m CROSS JOIN tenant t JOIN settings s ON s.owner_id IN (m.id, m.merchant_org_id, t.id)
    WHERE m.id = ${merchantId}`);
}

/** Sets what has a value and takes away what is null. What is so already stays untouched. */
export async function storeSettings(
  tx: CommonQueryMethods,
  level: SettingLevel,
  ownerId: string,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const wanted = sql.jsonb(JSON.parse(JSON.stringify(values)));
  await tx.query(sql.type(nothing)`
    DELETE FROM settings s USING jsonb_each(${wanted}) w
    WHERE s.owner_id = ${ownerId} AND s.key = w.key AND w.value = 'null'`);
  await tx.query(sql.type(nothing)`
    INSERT INTO settings AS s (level, owner_id, key, value)
    SELECT ${level}, ${ownerId}, w.key, w.value FROM jsonb_each(${wanted}) w WHERE w.value <> 'null'
    ON CONFLICT ON CONSTRAINT settings_once DO UPDATE SET value = excluded.value WHERE s.value <> excluded.value`);
}
