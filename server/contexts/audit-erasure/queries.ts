import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { listPage } from '../../operations/list.ts';
import { type EraseInput, erasure, type erasureListInput } from './schemas.ts';

const nothing = v.object({});

const select = sql.fragment`
  SELECT r.id, CASE WHEN r.done_at IS NULL THEN 'pending' ELSE 'done' END AS status, r.actor_id, r.resource_type, r.resource_id,
    r.reason, r.erased, r.event_id, r.requested_at, r.done_at
  FROM audit_erasures r`;

export function pageOfErasures(tx: CommonQueryMethods, input: v.InferOutput<typeof erasureListInput>) {
  return listPage(
    tx,
    {
      name: 'erasures',
      row: erasure,
      select,
      id: sql.fragment`r.id`,
      sorts: { requested_at: 'id' },
      defaultSort: '-requested_at',
      where: [],
    },
    input,
  );
}

export function selectErasure(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(erasure)`${select} WHERE r.id = ${id}`);
}

export async function callRequestErasure(tx: CommonQueryMethods, id: string, input: EraseInput): Promise<void> {
  await tx.query(sql.type(nothing)`
    SELECT request_erasure(${id}, ${input.actor_id ?? null}, ${input.resource_type ?? null}, ${input.resource_id ?? null}, ${input.reason})`);
}

const stepRow = v.object({ step: v.object({ erased: v.number(), has_more: v.boolean() }) });

export async function callErase(tx: CommonQueryMethods) {
  const { step } = await tx.one(sql.type(stepRow)`SELECT erase_sealed() AS step`);
  return step;
}
