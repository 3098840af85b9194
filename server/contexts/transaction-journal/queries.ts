import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope, listPage } from '../../operations/list.ts';
import { journal, type journalListInput } from './schemas.ts';

const select = sql.fragment`
  SELECT j.id, j.transaction_id, j.book_id, j.kind, j.effective_date, j.original_effective_date, j.recorded_at,
    journal_lines(j.id) AS lines
  FROM transaction_journals j
  JOIN books b ON b.id = j.book_id`;

function visible(scope: Scope) {
  return inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
}

export function pageOfJournals(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof journalListInput>) {
  return listPage(
    tx,
    {
      name: 'journals',
      row: journal,
      select,
      id: sql.fragment`j.id`,
      sorts: {
        recorded_at: 'id',
        effective_date: { column: sql.fragment`j.effective_date`, type: 'date' },
      },
      defaultSort: '-recorded_at',
      where: [
        visible(scope),
        equals(sql.fragment`j.book_id`, input.book_id),
        equals(sql.fragment`j.transaction_id`, input.transaction_id),
        input.from ? sql.fragment`j.effective_date >= ${input.from}::date` : null,
        input.to ? sql.fragment`j.effective_date <= ${input.to}::date` : null,
        input.late === undefined
          ? null
          : sql.fragment`j.original_effective_date ${input.late ? sql.fragment`IS NOT NULL` : sql.fragment`IS NULL`}`,
      ],
    },
    input,
  );
}

export function selectJournal(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(journal)`${select} WHERE ${allOf([sql.fragment`j.id = ${id}`, visible(scope)])}`);
}

const integrityRow = v.object({
  book_id: v.string(),
  name: v.string(),
  currency: v.string(),
  debits: v.number(),
  credits: v.number(),
  difference: v.number(),
});

/** Left and right side of every book and currency in scope: every line, from folded sums and what lies above them. */
export function selectSides(tx: CommonQueryMethods, scope: Scope) {
  return tx.any(sql.type(integrityRow)`
    SELECT b.id AS book_id, b.name, coalesce(s.currency, b.currency) AS currency, coalesce(s.debits, 0) AS debits,
      coalesce(s.credits, 0) AS credits, coalesce(s.debits - s.credits, 0) AS difference
    FROM books b
    LEFT JOIN book_sides() s ON s.book_id = b.id
    WHERE ${allOf([visible(scope)])}
    ORDER BY b.party_type, b.name, b.id, currency`);
}
