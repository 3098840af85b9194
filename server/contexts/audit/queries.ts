import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { allOf, listPage } from '../../operations/list.ts';
import { type AuditFilters, auditEvent, auditEventDetail, type auditListInput } from './schemas.ts';

const columns = sql.fragment`e.id, e.recorded_at, e.actor_type, e.actor_id, e.actor_name, e.impersonator, e.delegator, e.action,
  e.details ->> 'summary' AS summary, e.resource_type, e.resource_id, e.outcome, e.door, e.address, e.user_agent, e.request_id, e.details`;

const changes = sql.fragment`(
  SELECT coalesce(json_agg(json_build_object('table_name', c.table_name, 'row_id', c.row_id, 'verb', c.verb,
    'before', c.before, 'after', c.after) ORDER BY c.position), '[]')
  FROM audit_changes c
  WHERE c.event_id = e.id) AS changes`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MARKS = ['actor_type', 'action', 'resource_type', 'resource_id', 'outcome', 'address'] as const;

/** The words of a search, or the id that it is. */
function wordsOf(q: string | undefined): { id: string | null; words: string | null } {
  const given = q?.trim();
  return given && UUID.test(given) ? { id: given.toLowerCase(), words: null } : { id: null, words: given ?? null };
}

/** What the filters ask of an event's document (tenants/functions/31-audit-search.sql); null when they ask nothing of it. */
function documentQuery(input: AuditFilters): FragmentSqlToken | null {
  const { id, words } = wordsOf(input.q);
  const marks = [
    ...MARKS.flatMap((name) => (input[name] === undefined ? [] : `@${name}=${input[name]}`)),
    ...(input.actor_id === undefined ? [] : [`@actor=${input.actor_id}`]),
    ...(input.merchant_id === undefined ? [] : [`@merchant=${input.merchant_id.toLowerCase()}`]),
  ];
  if (words === null && id === null && marks.length === 0) return null;
  const anyOf = id && ['id', 'actor', 'resource_id', 'merchant'].map((name) => `@${name}=${id}`);
  return sql.fragment`search_query(${words}, ${marks.length > 0 ? sql.array(marks, 'text') : null}, ${anyOf ? sql.array(anyOf, 'text') : null})`;
}

/** An event is also found by its own id, which its document does not repeat. */
function matches(condition: FragmentSqlToken, id: FragmentSqlToken, input: AuditFilters): FragmentSqlToken {
  const wanted = wordsOf(input.q).id;
  return wanted === null ? condition : sql.fragment`(${condition} OR ${id} = ${wanted}::uuid)`;
}

/** All events in the order of their ids; or what the search finds, with the events that it does not hold yet, by time. */
export async function pageOfEvents(tx: CommonQueryMethods, input: v.InferOutput<typeof auditListInput>) {
  const query = documentQuery(input);
  const isSearched = query !== null || input.from !== undefined || input.to !== undefined;
  if (isSearched) await callCatchUp(tx);
  const id = isSearched ? sql.fragment`s.event_id` : sql.fragment`s.id`;
  return listPage(
    tx,
    {
      name: 'events',
      row: auditEvent,
      select: isSearched
        ? sql.fragment`SELECT s.event_id FROM (
            SELECT k.event_id, k.recorded_at, k.document FROM audit_search k
            UNION ALL SELECT n.event_id, n.recorded_at, n.document FROM audit_tail() n) s`
        : sql.fragment`SELECT s.id FROM audit_events s`,
      rowsOf: (page) => sql.fragment`
        SELECT ${columns}
        FROM unnest(ARRAY(${page})) WITH ORDINALITY AS r (id, place)
        JOIN audit_events e ON e.id = r.id
        ORDER BY r.place`,
      id,
      sorts: { recorded_at: isSearched ? { column: sql.fragment`s.recorded_at`, type: 'timestamptz' } : 'id' },
      defaultSort: '-recorded_at',
      where: [
        query && matches(sql.fragment`s.document @@ ${query}`, id, input),
        input.from ? sql.fragment`s.recorded_at >= ${input.from}::timestamptz` : null,
        input.to ? sql.fragment`s.recorded_at < ${input.to}::timestamptz` : null,
      ],
    },
    input,
  );
}

export function selectEvent(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(auditEventDetail)`
    SELECT ${columns}, ${changes}
    FROM audit_events e
    WHERE e.id = ${id}`);
}

/** A place in the order of recording. */
const place = v.object({ epoch: v.number(), xid: v.string() });
export type Place = v.InferOutput<typeof place>;

/** Below it nothing can be added any more: whatever is in flight lies at or above it. */
export function selectHorizon(tx: CommonQueryMethods) {
  return tx.one(sql.type(place)`
    SELECT s.epoch, pg_snapshot_xmin(pg_current_snapshot())::text AS xid FROM ledger_state s`);
}

/** What was committed at or above a place, oldest first, at most so many. */
export function selectEventsSince(tx: CommonQueryMethods, since: Place, input: AuditFilters, limit: number) {
  const query = documentQuery(input);
  return tx.any(sql.type(auditEvent)`
    SELECT ${columns}
    FROM audit_events e
    WHERE (e.epoch, e.xid) >= (${since.epoch}::smallint, ${since.xid}::xid8)
      AND ${allOf([query && matches(sql.fragment`audit_matches(e.id, ${query})`, sql.fragment`e.id`, input)])}
    ORDER BY e.epoch, e.xid, e.id
    LIMIT ${limit}`);
}

const exportPlace = v.object({ ...place.entries, id: v.string() });
export type ExportPlace = v.InferOutput<typeof exportPlace>;

export function selectPlaceOf(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(exportPlace)`
    SELECT e.epoch, e.xid::text AS xid, e.id FROM audit_events e WHERE e.id = ${id}`);
}

const exportRow = v.object({
  last: v.nullable(exportPlace),
  rows: v.array(v.object({ ...auditEventDetail.entries })),
});

/** Looks at so many events after a place and below another, and answers those that match, in the order of recording. */
export function selectExportStep(
  tx: CommonQueryMethods,
  after: ExportPlace | null,
  until: Place,
  input: AuditFilters,
  events: number,
) {
  const query = documentQuery(input);
  const matching = [
    query && matches(sql.fragment`audit_matches(e.id, ${query})`, sql.fragment`e.id`, input),
    input.from ? sql.fragment`e.recorded_at >= ${input.from}::timestamptz` : null,
    input.to ? sql.fragment`e.recorded_at < ${input.to}::timestamptz` : null,
  ];
  const beyond = after && [
    sql.fragment`(e.epoch, e.xid) >= (${after.epoch}::smallint, ${after.xid}::xid8)`,
    sql.fragment`(e.epoch, e.xid, e.id) > (${after.epoch}::smallint, ${after.xid}::xid8, ${after.id}::uuid)`,
  ];
  return tx.one(sql.type(exportRow)`
    WITH looked_at AS MATERIALIZED (
      SELECT e.*
      FROM audit_events e
      WHERE ${allOf([...(beyond ?? []), sql.fragment`(e.epoch, e.xid) < (${until.epoch}::smallint, ${until.xid}::xid8)`])}
      ORDER BY e.epoch, e.xid, e.id
      LIMIT ${events})
    SELECT
      (SELECT json_build_object('epoch', e.epoch, 'xid', e.xid::text, 'id', e.id)
        FROM looked_at e ORDER BY e.epoch DESC, e.xid DESC, e.id DESC LIMIT 1) AS last,
      (SELECT coalesce(json_agg(json_build_object('id', e.id, 'recorded_at', rfc3339(e.recorded_at), 'actor_type', e.actor_type,
          'actor_id', e.actor_id, 'actor_name', e.actor_name, 'impersonator', e.impersonator, 'delegator', e.delegator,
          'action', e.action, 'summary', e.details ->> 'summary', 'resource_type', e.resource_type, 'resource_id', e.resource_id,
          'outcome', e.outcome, 'door', e.door, 'address', e.address, 'user_agent', e.user_agent, 'request_id', e.request_id,
          'details', e.details, 'changes', c.changes) ORDER BY e.epoch, e.xid, e.id), '[]')
        FROM looked_at e
        CROSS JOIN LATERAL (SELECT ${changes}) c
        WHERE ${allOf(matching)}) AS rows`);
}

const indexRow = v.object({ step: v.object({ indexed: v.number(), has_more: v.boolean() }) });

const nothing = v.object({});

/** Keeps what a search has to work out by itself short. */
export async function callCatchUp(tx: CommonQueryMethods): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT catch_up_audit()`);
}

export async function callIndexAudit(tx: CommonQueryMethods) {
  const { step } = await tx.one(sql.type(indexRow)`SELECT index_audit() AS step`);
  return step;
}
