import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Flag } from '../../flags/evaluate.ts';
import { assignments, contains, inUse, listPage, ofVersion } from '../../operations/list.ts';
import {
  type FeatureFlagUpdate,
  featureFlag,
  type featureFlagCreateInput,
  featureFlagHistory,
  type featureFlagListInput,
  featureFlagOverride,
  type featureFlagOverridesInput,
} from './schemas.ts';

const columns = sql.fragment`f.id, f.key, f.name, f.description, f.type, f.variants, f.rollout, f.rules, f.is_enabled,
  f.off_variant, f.is_built_in, f.archived_at, f.version, f.created_at, f.updated_at`;

const json = (value: unknown) => sql.jsonb(JSON.parse(JSON.stringify(value)));

export function pageOfFlags(tx: CommonQueryMethods, input: v.InferOutput<typeof featureFlagListInput>) {
  return listPage(
    tx,
    {
      name: 'feature_flags',
      row: featureFlag,
      select: sql.fragment`SELECT ${columns} FROM feature_flags f`,
      id: sql.fragment`f.id`,
      sorts: {
        key: { column: sql.fragment`f.key`, type: 'text' },
        name: { column: sql.fragment`f.name`, type: 'text' },
        created_at: 'id',
      },
      defaultSort: 'key',
      where: [
        inUse(sql.fragment`f.archived_at`, input.archived),
        contains([sql.fragment`f.key`, sql.fragment`f.name`, sql.fragment`f.description`], input.q),
      ],
    },
    input,
  );
}

export function selectFlag(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(featureFlag)`SELECT ${columns} FROM feature_flags f WHERE f.id = ${id}`);
}

/** The flag, held until the transaction ends. */
export function lockFlag(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(featureFlag)`SELECT ${columns} FROM feature_flags f WHERE f.id = ${id} FOR UPDATE`);
}

/** The flag in use that has a key, held so that its variants stay. */
export function lockFlagByKey(tx: CommonQueryMethods, key: string) {
  return tx.maybeOne(sql.type(featureFlag)`
    SELECT ${columns} FROM feature_flags f WHERE f.key = ${key} AND f.archived_at IS NULL FOR SHARE`);
}

export function insertFlag(tx: CommonQueryMethods, id: string, input: v.InferOutput<typeof featureFlagCreateInput>) {
  return tx.one(sql.type(featureFlag)`
    INSERT INTO feature_flags AS f (id, key, name, description, type, variants, off_variant, rollout, rules, is_enabled)
    VALUES (${id}, ${input.key}, ${input.name}, ${input.description ?? null}, ${input.type}, ${json(input.variants)},
      ${input.off_variant}, ${json(input.rollout)}, ${json(input.rules ?? [])}, ${input.is_enabled ?? true})
    RETURNING ${columns}`);
}

export function updateFlag(tx: CommonQueryMethods, change: FeatureFlagUpdate, expectedVersion: number | undefined) {
  const { id, variants, rollout, rules, ...plain } = change;
  const lists = Object.entries({ variants, rollout, rules }).filter(([, list]) => list !== undefined);
  const changes = { ...plain, ...Object.fromEntries(lists.map(([name, list]) => [name, json(list)])) };
  return tx.maybeOne(sql.type(featureFlag)`
    UPDATE feature_flags AS f SET ${assignments(changes)}
    WHERE ${ofVersion(sql.fragment`f.id`, id, sql.fragment`f.version`, expectedVersion)}
    RETURNING ${columns}`);
}

export function pageOfOverrides(tx: CommonQueryMethods, input: v.InferOutput<typeof featureFlagOverridesInput>) {
  return listPage(
    tx,
    {
      name: 'feature_flag_overrides',
      row: featureFlagOverride,
      select: sql.fragment`SELECT o.id, o.merchant_id, m.name AS merchant_name, o.variant, o.updated_at
        FROM feature_flag_overrides o JOIN merchants m ON m.id = o.merchant_id`,
      id: sql.fragment`o.id`,
      sorts: { merchant_name: { column: sql.fragment`m.name`, type: 'text' }, created_at: 'id' },
      defaultSort: 'merchant_name',
      where: [sql.fragment`o.flag_id = ${input.id} AND o.variant IS NOT NULL`],
    },
    input,
  );
}

/** The variants of a flag that merchants have of their own. */
export async function selectHeldVariants(tx: CommonQueryMethods, flagId: string): Promise<string[]> {
  const rows = await tx.any(sql.type(v.object({ variant: v.string() }))`
    SELECT DISTINCT variant FROM feature_flag_overrides WHERE flag_id = ${flagId} AND variant IS NOT NULL`);
  return rows.map(({ variant }) => variant);
}

/** The last 100 changes. */
export function selectHistory(tx: CommonQueryMethods, id: string) {
  return tx.any(sql.type(featureFlagHistory.entries.data.item)`
    SELECT e.id AS event_id, e.recorded_at, e.actor_name, e.details ->> 'summary' AS summary, c.before, c.after
    FROM audit_changes c JOIN audit_events e ON e.id = c.event_id
    WHERE c.table_name = 'feature_flags' AND c.row_id = ${id}
    ORDER BY e.id DESC LIMIT 100`);
}

const versionOfAll = sql.fragment`(SELECT coalesce(sum(version), 0) FROM feature_flags)
  + (SELECT coalesce(sum(version), 0) FROM feature_flag_overrides)`;

/** Rises with every change of any flag. */
export async function selectVersionOfAll(tx: CommonQueryMethods): Promise<number> {
  return (await tx.one(sql.type(v.object({ version: v.number() }))`SELECT ${versionOfAll} AS version`)).version;
}

const flagSet = v.object({ version: v.number(), flags: v.custom<Flag[]>(Array.isArray) });

/** All flags in use with what merchants have of their own, as of one moment. */
export function selectFlagSet(tx: CommonQueryMethods) {
  return tx.one(sql.type(flagSet)`
    SELECT ${versionOfAll} AS version, (
      SELECT coalesce(jsonb_agg(jsonb_build_object('key', f.key, 'type', f.type, 'variants', f.variants, 'rollout', f.rollout,
        'rules', f.rules, 'is_enabled', f.is_enabled, 'off_variant', f.off_variant, 'salt', f.salt, 'version', f.version,
        'merchants', coalesce((SELECT jsonb_object_agg(o.merchant_id, o.variant) FROM feature_flag_overrides o
          WHERE o.flag_id = f.id AND o.variant IS NOT NULL), '{}')) ORDER BY f.key), '[]')
      FROM feature_flags f WHERE f.archived_at IS NULL) AS flags`);
}

const nothing = v.object({});

const ownVariant = v.object({
  key: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  own: v.nullable(v.string()),
});

/** The flags in use, with what a merchant has of its own. */
export function selectMerchantFlags(tx: CommonQueryMethods, merchantId: string) {
  return tx.any(sql.type(ownVariant)`
    SELECT f.key, f.name, f.description, o.variant AS own
    FROM feature_flags f LEFT JOIN feature_flag_overrides o ON o.flag_id = f.id AND o.merchant_id = ${merchantId}
    WHERE f.archived_at IS NULL ORDER BY f.key`);
}

/** What is so already stays untouched. */
export async function storeOverride(
  tx: CommonQueryMethods,
  flagId: string,
  merchantId: string,
  variant: string | null,
) {
  await tx.query(sql.type(nothing)`
    INSERT INTO feature_flag_overrides AS o (flag_id, merchant_id, variant)
    SELECT ${flagId}, ${merchantId}, ${variant}
    WHERE ${variant}::text IS NOT NULL OR EXISTS (
      SELECT FROM feature_flag_overrides WHERE flag_id = ${flagId} AND merchant_id = ${merchantId})
    ON CONFLICT ON CONSTRAINT feature_flag_overrides_once DO UPDATE SET variant = excluded.variant
    WHERE o.variant IS DISTINCT FROM excluded.variant`);
}
