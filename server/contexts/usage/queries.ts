import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { equals, listPage } from '../../operations/list.ts';
import { standing, usageDay, type usageListInput } from './schemas.ts';

export function pageOfUsage(tx: CommonQueryMethods, input: v.InferOutput<typeof usageListInput>) {
  const { from, to } = input;
  return listPage(
    tx,
    {
      name: 'usage_days',
      row: usageDay,
      select: sql.fragment`SELECT u.id, u.day, u.measure, u.amount FROM usage_days u`,
      id: sql.fragment`u.id`,
      sorts: { day: { column: sql.fragment`u.day`, type: 'date' } },
      defaultSort: '-day',
      where: [
        equals(sql.fragment`u.measure`, input.measure),
        from === undefined ? null : sql.fragment`u.day >= ${from}`,
        to === undefined ? null : sql.fragment`u.day <= ${to}`,
      ],
    },
    input,
  );
}

export function selectStanding(tx: CommonQueryMethods) {
  return tx.any(sql.type(standing)`
    SELECT s.measure, s.is_daily, s.used, s.soft_limit, s.hard_limit FROM usage_standing() s`);
}

/** How things stand; `ends_in` are the seconds of the tenant's day that are left. */
const usageReport = v.object({ ends_in: v.number(), measures: v.array(standing) });
export type UsageReport = v.InferOutput<typeof usageReport>;

/** Adds what a home has counted since the last time. */
export async function countUsage(tx: CommonQueryMethods, calls: number, workerMs: number): Promise<UsageReport> {
  const row = v.object({ report: usageReport });
  return (await tx.one(sql.type(row)`SELECT count_usage(${calls}, ${workerMs}) AS report`)).report;
}
