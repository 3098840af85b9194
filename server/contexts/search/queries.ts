import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, inMerchantScope, inScope, inUse } from '../../operations/list.ts';
import { assignmentsWithin } from '../role-assignment/operations.ts';
import { type FoundKind, found } from './schemas.ts';

type Searched = {
  /** `table t …`: the row that is found is `t`. */
  readonly from: FragmentSqlToken;
  readonly label: FragmentSqlToken;
  readonly detail?: FragmentSqlToken;
  readonly startsAt?: FragmentSqlToken;
  readonly timeZone?: FragmentSqlToken;
  /** Where the words are looked for. */
  readonly words: readonly FragmentSqlToken[];
  readonly merchantId?: FragmentSqlToken;
  /** Of rows that match as well as each other; by their label when left out. */
  readonly order?: FragmentSqlToken;
  where(scope: Scope): readonly (FragmentSqlToken | null)[];
};

const name = sql.fragment`t.name`;
const email = sql.fragment`t.email`;
const phone = sql.fragment`t.phone`;
const inUseOnly = inUse(sql.fragment`t.archived_at`, undefined);

/** What a merchant has: read by whoever reads that of the merchant. */
function ofMerchant(searched: Omit<Searched, 'where' | 'merchantId'>, conditions = [inUseOnly]): Searched {
  const merchantId = sql.fragment`t.merchant_id`;
  return { ...searched, merchantId, where: (scope) => [inMerchantScope(scope, merchantId), ...conditions] };
}

/** What is of the tenant is there for those whose right reaches over all of it. */
const ofTenant = (scope: Scope) => (scope.all ? null : sql.fragment`FALSE`);

/** One small declaration for each kind. Transactions have a search of their own. */
const SEARCHED: Readonly<Record<Exclude<FoundKind, 'transaction'>, Searched>> = {
  merchant: {
    from: sql.fragment`merchants t`,
    label: name,
    detail: sql.fragment`nullif(t.public_name, t.name)`,
    words: [name, sql.fragment`t.public_name`, email],
    where: (scope) => [inScope(scope, sql.fragment`t.merchant_org_id`, sql.fragment`t.id`), inUseOnly],
  },
  end_customer: ofMerchant({
    from: sql.fragment`end_customers t`,
    label: name,
    detail: sql.fragment`coalesce(t.email, t.phone)`,
    words: [name, email, phone],
  }),
  appointment: ofMerchant(
    {
      from: sql.fragment`appointments t JOIN end_customers c ON c.id = t.end_customer_id JOIN merchants w ON w.id = t.merchant_id`,
      label: sql.fragment`c.name`,
      detail: sql.fragment`t.title`,
      startsAt: sql.fragment`t.starts_at`,
      timeZone: sql.fragment`w.time_zone`,
      words: [sql.fragment`c.name`],
      order: sql.fragment`t.starts_at DESC`,
    },
    [],
  ),
  customer_invoice: ofMerchant(
    {
      from: sql.fragment`customer_invoices t JOIN end_customers c ON c.id = t.end_customer_id`,
      label: sql.fragment`t.number`,
      detail: sql.fragment`c.name`,
      words: [sql.fragment`t.number`],
      order: sql.fragment`t.id DESC`,
    },
    [],
  ),
  merchant_org: {
    from: sql.fragment`merchant_orgs t`,
    label: name,
    detail: sql.fragment`nullif(t.legal_name, t.name)`,
    words: [name, sql.fragment`t.legal_name`, email],
    where: (scope) => [inScope(scope, sql.fragment`t.id`, sql.fragment`NULL::uuid`), inUseOnly],
  },
  prospect: {
    from: sql.fragment`prospects t`,
    label: name,
    detail: sql.fragment`t.contact_name`,
    words: [name, sql.fragment`t.contact_name`, email, phone],
    where: (scope) => [ofTenant(scope), sql.fragment`t.status <> 'merged'`],
  },
  service: ofMerchant({ from: sql.fragment`services t`, label: name, words: [name, sql.fragment`t.description`] }),
  provider: ofMerchant({
    from: sql.fragment`providers t`,
    label: name,
    detail: sql.fragment`t.title`,
    words: [name, sql.fragment`t.title`, email],
  }),
  location: ofMerchant({
    from: sql.fragment`locations t`,
    label: name,
    detail: sql.fragment`t.address`,
    words: [name, sql.fragment`t.address`],
  }),
  account: {
    from: sql.fragment`accounts t JOIN books b ON b.id = t.book_id`,
    label: sql.fragment`t.code || ' ' || t.name`,
    detail: sql.fragment`b.name`,
    words: [sql.fragment`t.code`, name],
    where: (scope) => [inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`)],
  },
  user: {
    from: sql.fragment`users t`,
    label: name,
    detail: email,
    words: [name, email],
    where: (scope) => [holdingWithin(scope)],
  },
  feature_flag: {
    from: sql.fragment`feature_flags t`,
    label: name,
    detail: sql.fragment`t.key`,
    words: [name, sql.fragment`t.key`, sql.fragment`t.description`],
    where: (scope) => [ofTenant(scope), inUseOnly],
  },
};

export type SearchedKind = keyof typeof SEARCHED;
export const SEARCHED_KINDS = Object.keys(SEARCHED) as SearchedKind[];

/** People who hold a role within the scope. */
function holdingWithin(scope: Scope): FragmentSqlToken | null {
  const within = assignmentsWithin(scope);
  return (
    within &&
    sql.fragment`EXISTS (
      SELECT FROM role_assignments a LEFT JOIN merchants m ON m.id = a.merchant_id
      WHERE ${allOf([sql.fragment`a.user_id = t.id`, within])})`
  );
}

const MOST_OF_A_KIND = 5;
const MOST_WORDS = 8;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By id, or every word in one of the columns or another. */
function matching(words: readonly FragmentSqlToken[], q: string): (FragmentSqlToken | null)[] {
  if (UUID.test(q)) return [sql.fragment`t.id = ${q}::uuid`];
  const searched = sql.fragment`concat_ws(' ', ${sql.join([...words], sql.fragment`, `)})`;
  return q
    .split(/\s+/)
    .slice(0, MOST_WORDS)
    .map((word) => contains([searched], word));
}

/** The best of one kind: called so, beginning so, a word of it beginning so, anything else. */
function bestOf(kind: SearchedKind, q: string, scope: Scope): FragmentSqlToken {
  const { from, label, detail, startsAt, timeZone, words, merchantId, order, where } = SEARCHED[kind];
  return sql.fragment`(
    SELECT ${kind} AS kind, t.id, ${label} AS label, ${detail ?? sql.fragment`NULL`} AS detail,
      ${startsAt ?? sql.fragment`NULL::timestamptz`} AS starts_at, ${timeZone ?? sql.fragment`NULL`} AS time_zone,
      ${merchantId ?? sql.fragment`NULL::uuid`} AS merchant_id,
      CASE WHEN lower(${label}) = lower(${q}) THEN 0
        WHEN starts_with(lower(${label}), lower(${q})) THEN 1
        WHEN strpos(lower(${label}), ' ' || lower(${q})) > 0 THEN 2
        ELSE 3 END AS rank
    FROM ${from}
    WHERE ${allOf([...where(scope), ...matching(words, q)])}
    ORDER BY rank, ${order ?? label}, t.id
    LIMIT ${MOST_OF_A_KIND})`;
}

const ranked = v.object({ ...found.entries, rank: v.number() });

/** In one statement, whatever the number of kinds; in the order of their kinds, and of each the best first. */
export function selectFound(
  tx: CommonQueryMethods,
  q: string,
  kinds: readonly { kind: SearchedKind; scope: Scope }[],
  merchants: Scope | null,
) {
  const each = kinds.map(({ kind, scope }) => bestOf(kind, q, scope));
  const known = merchants
    ? inScope(merchants, sql.fragment`m.merchant_org_id`, sql.fragment`m.id`)
    : sql.fragment`FALSE`;
  return tx.any(sql.type(ranked)`
    SELECT f.kind, f.id, f.label, f.detail, f.starts_at, f.time_zone, f.merchant_id, m.name AS merchant_name, f.rank
    FROM (${sql.join(each, sql.fragment` UNION ALL `)}) f
    LEFT JOIN merchants m ON ${allOf([sql.fragment`m.id = f.merchant_id`, known])}`);
}
