import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { contains, equals, listPage } from '../../operations/list.ts';
import { auditEvent, auditEventDetail, type auditListInput } from './schemas.ts';

const columns = sql.fragment`e.id, e.recorded_at, e.actor_type, e.actor_id, e.actor_name, e.impersonator, e.delegator, e.action,
  e.details ->> 'summary' AS summary, e.resource_type, e.resource_id, e.outcome, e.door, e.address, e.user_agent, e.request_id, e.details`;

export function pageOfEvents(tx: CommonQueryMethods, input: v.InferOutput<typeof auditListInput>) {
  return listPage(
    tx,
    {
      name: 'events',
      row: auditEvent,
      select: sql.fragment`SELECT ${columns} FROM audit_events e`,
      id: sql.fragment`e.id`,
      sorts: { recorded_at: 'id' },
      defaultSort: '-recorded_at',
      where: [
        equals(sql.fragment`e.actor_type`, input.actor_type),
        equals(sql.fragment`e.actor_id`, input.actor_id),
        equals(sql.fragment`e.action`, input.action),
        equals(sql.fragment`e.resource_type`, input.resource_type),
        equals(sql.fragment`e.resource_id`, input.resource_id),
        equals(sql.fragment`e.outcome`, input.outcome),
        input.from ? sql.fragment`e.recorded_at >= ${input.from}::timestamptz` : null,
        input.to ? sql.fragment`e.recorded_at < ${input.to}::timestamptz` : null,
        contains([sql.fragment`e.action`, sql.fragment`e.actor_name`, sql.fragment`e.details ->> 'summary'`], input.q),
      ],
    },
    input,
  );
}

export function selectEvent(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(auditEventDetail)`
    SELECT ${columns}, (
      SELECT coalesce(json_agg(json_build_object('table_name', c.table_name, 'row_id', c.row_id, 'verb', c.verb,
        'before', c.before, 'after', c.after) ORDER BY c.position), '[]')
      FROM audit_changes c
      WHERE c.event_id = e.id) AS changes
    FROM audit_events e
    WHERE e.id = ${id}`);
}
