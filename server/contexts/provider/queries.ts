import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import {
  allOf,
  assignments,
  contains,
  equals,
  inMerchantScope,
  inUse,
  listPage,
  ofVersion,
} from '../../operations/list.ts';
import {
  provider,
  providerAbsence,
  type providerAbsenceCreateInput,
  type providerAbsenceListInput,
  type providerCreateInput,
  type providerListInput,
  type providerUpdateInput,
} from './schemas.ts';

const columns = sql.fragment`p.id, p.merchant_id, p.location_id, p.name, p.title, p.email, p.phone, p.colour, p.hours, p.archived_at,
  p.version, p.created_at, p.updated_at`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`p.merchant_id`);

export function pageOfProviders(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof providerListInput>) {
  return listPage(
    tx,
    {
      name: 'providers',
      row: provider,
      select: sql.fragment`SELECT ${columns} FROM providers p`,
      id: sql.fragment`p.id`,
      sorts: { name: { column: sql.fragment`p.name`, type: 'text' }, created_at: 'id' },
      defaultSort: 'name',
      where: [
        visible(scope),
        equals(sql.fragment`p.merchant_id`, input.merchant_id),
        equals(sql.fragment`p.location_id`, input.location_id),
        inUse(sql.fragment`p.archived_at`, input.archived),
        contains([sql.fragment`p.name`, sql.fragment`p.title`, sql.fragment`p.email`], input.q),
      ],
    },
    input,
  );
}

export function selectProvider(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(provider)`
    SELECT ${columns} FROM providers p WHERE ${allOf([sql.fragment`p.id = ${id}`, visible(scope)])}`);
}

export function insertProvider(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof providerCreateInput>,
  colour: string,
) {
  return tx.one(sql.type(provider)`
    INSERT INTO providers AS p (id, merchant_id, location_id, name, title, email, phone, colour, hours)
    VALUES (${id}, ${input.merchant_id}, ${input.location_id ?? null}, ${input.name}, ${input.title ?? null}, ${input.email ?? null},
      ${input.phone ?? null}, ${colour}, ${sql.jsonb(input.hours ?? [])})
    RETURNING ${columns}`);
}

export function updateProvider(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, hours, ...changes }: v.InferOutput<typeof providerUpdateInput>,
  expectedVersion?: number,
) {
  const fields = { ...changes, hours: hours === undefined ? undefined : sql.jsonb(hours) };
  return tx.maybeOne(sql.type(provider)`
    UPDATE providers AS p SET ${assignments(fields)}
    WHERE ${allOf([ofVersion(sql.fragment`p.id`, id, sql.fragment`p.version`, expectedVersion), visible(scope)])}
    RETURNING ${columns}`);
}

const absenceColumns = sql.fragment`a.id, a.merchant_id, a.provider_id, a.starts_at, a.ends_at, a.reason, a.version, a.created_at,
  a.updated_at`;

const visibleAbsence = (scope: Scope) => inMerchantScope(scope, sql.fragment`a.merchant_id`);

export function pageOfAbsences(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof providerAbsenceListInput>,
) {
  return listPage(
    tx,
    {
      name: 'provider_absences',
      row: providerAbsence,
      select: sql.fragment`SELECT ${absenceColumns} FROM provider_absences a`,
      id: sql.fragment`a.id`,
      sorts: { starts_at: { column: sql.fragment`a.starts_at`, type: 'timestamptz' } },
      defaultSort: 'starts_at',
      where: [
        visibleAbsence(scope),
        equals(sql.fragment`a.merchant_id`, input.merchant_id),
        equals(sql.fragment`a.provider_id`, input.provider_id),
        input.from === undefined ? null : sql.fragment`a.ends_at > ${input.from}::timestamptz`,
        input.to === undefined ? null : sql.fragment`a.starts_at < ${input.to}::timestamptz`,
      ],
    },
    input,
  );
}

export function selectAbsence(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(providerAbsence)`
    SELECT ${absenceColumns} FROM provider_absences a WHERE ${allOf([sql.fragment`a.id = ${id}`, visibleAbsence(scope)])}`);
}

/** Null when there is no such provider in scope. */
export function insertAbsence(
  tx: CommonQueryMethods,
  scope: Scope,
  id: string,
  input: v.InferOutput<typeof providerAbsenceCreateInput>,
) {
  return tx.maybeOne(sql.type(providerAbsence)`
    INSERT INTO provider_absences AS a (id, merchant_id, provider_id, starts_at, ends_at, reason)
    SELECT ${id}, p.merchant_id, p.id, ${input.starts_at}, ${input.ends_at}, ${input.reason ?? null}
    FROM providers p
    WHERE ${allOf([sql.fragment`p.id = ${input.provider_id}`, visible(scope)])}
    RETURNING ${absenceColumns}`);
}

export function deleteAbsence(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(providerAbsence)`
    DELETE FROM provider_absences AS a WHERE ${allOf([sql.fragment`a.id = ${id}`, visibleAbsence(scope)])}
    RETURNING ${absenceColumns}`);
}
