import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope } from '../../operations/list.ts';
import type { StatementAnswer, Work } from '../../operations/operation.ts';
import { answerRow, workParameter } from '../../operations/statement.ts';
import {
  period,
  type periodCalendar,
  type periodCloseInput,
  type periodListInput,
  type periodReopenInput,
  readiness,
} from './schemas.ts';

const calendarRow = v.object({
  book_id: v.string(),
  book_name: v.string(),
  year: v.number(),
  closed_through: v.nullable(v.string()),
  data: v.array(period),
});

/** A year of a book: of the one asked for, else of the first in scope. */
export function selectCalendar(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof periodListInput>,
): Promise<v.InferOutput<typeof periodCalendar> | null> {
  const visible = inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
  return tx.maybeOne(sql.type(calendarRow)`
    SELECT b.id AS book_id, b.name AS book_name, y.year, b.closed_through, period_calendar(b, y.year) AS data
    FROM books b
    CROSS JOIN (
      SELECT coalesce(${input.year ?? null}::integer, extract(year FROM now() AT TIME ZONE t.time_zone)::integer) AS year
      FROM tenant t) y
    WHERE ${allOf([visible, equals(sql.fragment`b.id`, input.book_id)])}
    ORDER BY b.party_type, b.created_at, b.id
    LIMIT 1`);
}

const readinessRow = v.object({ readiness });

export async function callReadiness(tx: CommonQueryMethods, scope: Scope, bookId: string, through: string) {
  const row = await tx.one(sql.type(readinessRow)`
    SELECT period_readiness(${sql.jsonb(JSON.parse(JSON.stringify(scope)))}, ${bookId}, ${through}::date) AS readiness`);
  return row.readiness;
}

export async function callClosePeriod(
  tx: CommonQueryMethods,
  work: Work | null,
  { id, ...input }: v.InferOutput<typeof periodCloseInput>,
): Promise<StatementAnswer> {
  const { answer } = await tx.one(sql.type(answerRow)`
    SELECT close_period(${workParameter(work)}, ${id}, ${sql.jsonb(JSON.parse(JSON.stringify(input)))}) AS answer`);
  return answer;
}

export async function callReopenPeriod(
  tx: CommonQueryMethods,
  work: Work | null,
  { id, ...input }: v.InferOutput<typeof periodReopenInput>,
): Promise<StatementAnswer> {
  const { answer } = await tx.one(sql.type(answerRow)`
    SELECT reopen_period(${workParameter(work)}, ${id}, ${sql.jsonb(input)}) AS answer`);
  return answer;
}
