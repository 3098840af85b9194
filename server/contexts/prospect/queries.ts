import type { CommonQueryMethods, FragmentSqlToken, ValueExpression } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, assignments, contains, equals, inScope, listPage, ofVersion } from '../../operations/list.ts';
import {
  type boardInput,
  duplicate,
  prospect,
  type prospectCreateInput,
  type prospectListInput,
  prospectStatus,
  type prospectUpdateInput,
} from './schemas.ts';

const columns = sql.fragment`p.id, p.name, p.contact_name, p.email, p.phone, p.vertical, p.source,
  jsonb_build_object('amount', p.value, 'currency', p.currency) AS value,
  prospect_probability(p) AS probability, p.own_probability IS NOT NULL AS has_own_probability,
  (SELECT jsonb_build_object('id', u.id, 'name', u.name) FROM users u WHERE u.id = p.owner_id) AS owner,
  p.expected_close::text AS expected_close, p.notes, p.status,
  (SELECT max(s.moved_at) FROM prospect_moves s WHERE s.prospect_id = p.id) AS status_since,
  p.lost_reason, p.status_reason, p.merged_into, p.merchant_org_id, p.merchant_id, p.version, p.created_at, p.updated_at`;

type Filters = v.InferOutput<typeof boardInput>;

function filtered(input: Filters): (FragmentSqlToken | null)[] {
  return [
    equals(sql.fragment`p.owner_id`, input.owner_id),
    equals(sql.fragment`p.source`, input.source),
    equals(sql.fragment`p.vertical`, input.vertical),
    contains(
      [sql.fragment`p.name`, sql.fragment`p.contact_name`, sql.fragment`p.email`, sql.fragment`p.phone`],
      input.q,
    ),
  ];
}

export function pageOfProspects(tx: CommonQueryMethods, input: v.InferOutput<typeof prospectListInput>) {
  const { status, open, closes_before, merchant_org_id, merchant_id } = input;
  return listPage(
    tx,
    {
      name: 'prospects',
      row: prospect,
      select: sql.fragment`SELECT ${columns} FROM prospects p`,
      id: sql.fragment`p.id`,
      sorts: {
        created_at: 'id',
        name: { column: sql.fragment`p.name`, type: 'text' },
        updated_at: { column: sql.fragment`p.updated_at`, type: 'timestamptz' },
      },
      defaultSort: '-created_at',
      where: [
        ...filtered(input),
        status ? equals(sql.fragment`p.status`, status) : sql.fragment`p.status <> 'merged'`,
        open === undefined ? null : sql.fragment`(p.status IN ('lead', 'qualified', 'proposal')) = ${open}`,
        equals(sql.fragment`p.merchant_org_id`, merchant_org_id),
        equals(sql.fragment`p.merchant_id`, merchant_id),
        closes_before ? sql.fragment`p.expected_close < ${closes_before}` : null,
      ],
    },
    input,
  );
}

export function selectProspect(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(prospect)`SELECT ${columns} FROM prospects p WHERE p.id = ${id}`);
}

/** Holds them until the transaction ends, always in the same order. */
export function lockProspects(tx: CommonQueryMethods, ids: readonly string[]) {
  return tx.any(sql.type(prospect)`
    SELECT ${columns} FROM prospects p WHERE p.id = ANY(${sql.array([...ids], 'uuid')}) ORDER BY p.id FOR UPDATE`);
}

export function insertProspect(tx: CommonQueryMethods, id: string, input: v.InferOutput<typeof prospectCreateInput>) {
  return tx.query(sql.unsafe`
    INSERT INTO prospects (id, name, contact_name, email, phone, vertical, source, value, currency, own_probability, owner_id,
      expected_close, notes)
    SELECT ${id}, ${input.name}, ${input.contact_name ?? null}, ${input.email ?? null}, ${input.phone ?? null},
      ${input.vertical ?? 'other'}, ${input.source ?? null}, ${input.value?.amount ?? 0},
      coalesce(${input.value?.currency ?? null}, t.currency), ${input.probability ?? null}, ${input.owner_id ?? null},
      ${input.expected_close ?? null}, ${input.notes ?? null}
    FROM tenant t`);
}

/** Whether there was one of that version. */
export async function updateProspect(
  tx: CommonQueryMethods,
  id: string,
  { value, probability, ...changes }: Omit<v.InferOutput<typeof prospectUpdateInput>, 'id'>,
  expectedVersion?: number,
): Promise<boolean> {
  const price = value ? { value: value.amount, currency: value.currency } : {};
  return assign(tx, id, { ...changes, ...price, own_probability: probability }, expectedVersion);
}

/** Whether there was one of that version. */
export async function assign(
  tx: CommonQueryMethods,
  id: string,
  fields: Readonly<Record<string, ValueExpression | undefined>>,
  expectedVersion?: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(sql.unsafe`
    UPDATE prospects AS p SET ${assignments(fields)}
    WHERE ${ofVersion(sql.fragment`p.id`, id, sql.fragment`p.version`, expectedVersion)}`);
  return rowCount > 0;
}

/** What was noted about one is the other's from now on. */
export async function moveActivities(tx: CommonQueryMethods, from: string, to: string): Promise<void> {
  await tx.query(sql.unsafe`UPDATE prospect_activities SET prospect_id = ${to} WHERE prospect_id = ${from}`);
}

const CARDS = 50;
const sumRow = v.object({
  status: prospectStatus,
  currency: v.string(),
  count: v.number(),
  value: v.number(),
  weighted: v.number(),
});

/** Of the closed stages what entered them lately. */
const onBoard = sql.fragment`p.status IN ('lead', 'qualified', 'proposal') OR (p.status IN ('won', 'lost')
  AND (SELECT max(s.moved_at) FROM prospect_moves s WHERE s.prospect_id = p.id) > now() - interval '90 days')`;

/** Count and sums of each stage that has any, by currency; a sum that JSON cannot carry exactly is refused, not rounded. */
export function selectSums(tx: CommonQueryMethods, input: Filters) {
  return tx.any(sql.type(sumRow)`
    SELECT p.status, p.currency, count(*)::integer AS count, sum(p.value)::bigint AS value,
      sum(round(p.value * prospect_probability(p) / 100.0))::bigint AS weighted
    FROM prospects p WHERE ${allOf([sql.fragment`(${onBoard})`, ...filtered(input)])}
    GROUP BY p.status, p.currency ORDER BY p.currency`);
}

/** The cards of the board: those that close soonest first, those without a day last. */
export function selectCards(tx: CommonQueryMethods, input: Filters) {
  return tx.any(sql.type(prospect)`
    SELECT ${columns} FROM prospects p
    JOIN (
      SELECT p.id, row_number() OVER (PARTITION BY p.status ORDER BY p.expected_close NULLS LAST, p.id) AS place
      FROM prospects p WHERE ${allOf([sql.fragment`(${onBoard})`, ...filtered(input)])}) c USING (id)
    WHERE c.place <= ${CARDS} ORDER BY c.place`);
}

const nobody = sql.fragment`false`;

/**
 * The same business, told by name, mail or phone: prospects that are not merged, and MerchantOrgs and merchants as far as the
 * reader may read them; a scope of null is for none.
 */
export function selectDuplicates(tx: CommonQueryMethods, id: string, orgs: Scope | null, merchants: Scope | null) {
  const readable = {
    orgs: orgs ? inScope(orgs, sql.fragment`m.id`, sql.fragment`NULL::uuid`) : nobody,
    merchants: merchants ? inScope(merchants, sql.fragment`m.merchant_org_id`, sql.fragment`m.id`) : nobody,
  };
  return tx.any(sql.type(duplicate)`
    SELECT d.kind, d.id, d.name, d.status, d.email, d.phone, to_jsonb(array_remove(ARRAY[
      CASE WHEN d.name_key = p.name_key AND p.name_key <> '' THEN 'name' END,
      CASE WHEN lower(d.email) = lower(p.email) THEN 'email' END,
      CASE WHEN d.phone_key = p.phone_key THEN 'phone' END], NULL)) AS matches
    FROM prospects p
    CROSS JOIN LATERAL (
      SELECT 'prospect' AS kind, o.id, o.name, o.status, o.email, o.phone, o.name_key, o.phone_key
      FROM prospects o
      WHERE o.id <> p.id AND o.status <> 'merged'
        AND (o.name_key = p.name_key AND p.name_key <> '' OR lower(o.email) = lower(p.email) OR o.phone_key = p.phone_key)
      UNION ALL
      SELECT o.kind, o.id, o.name, o.status, o.email, o.phone, regexp_replace(lower(o.name), '[\\s[:punct:]]+', '', 'g'),
        nullif(regexp_replace(o.phone, '\\D+', '', 'g'), '')
      FROM (
        SELECT 'merchant_org' AS kind, m.id, m.name, m.status, m.email, m.phone FROM merchant_orgs m
        WHERE ${allOf([readable.orgs])}
        UNION ALL SELECT 'merchant', m.id, m.name, m.status, m.email, m.phone FROM merchants m WHERE ${allOf([readable.merchants])}) o
      WHERE o.id IS DISTINCT FROM p.merchant_org_id AND o.id IS DISTINCT FROM p.merchant_id
        AND (regexp_replace(lower(o.name), '[\\s[:punct:]]+', '', 'g') = p.name_key AND p.name_key <> ''
          OR lower(o.email) = lower(p.email) OR nullif(regexp_replace(o.phone, '\\D+', '', 'g'), '') = p.phone_key)) d
    WHERE p.id = ${id}
    ORDER BY d.kind DESC, d.name, d.id LIMIT 20`);
}
