import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, listPage } from '../../operations/list.ts';
import type { StatementAnswer, Work } from '../../operations/operation.ts';
import { answerRow, workParameter } from '../../operations/statement.ts';
import {
  type rawTransactionInput,
  transaction,
  type transactionListInput,
  type typedTransactionInput,
} from './schemas.ts';

const documentRow = v.object({ document: transaction });

function inBooks(scope: Scope) {
  return inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
}

/** Transactions that touch a book in scope, or one such book: which others they touch is not for the reader to find out. */
function visible(scope: Scope, wanted: FragmentSqlToken | null = null) {
  const conditions = [wanted, inBooks(scope)];
  return conditions.every((condition) => condition === null)
    ? null
    : sql.fragment`EXISTS (
        SELECT FROM transaction_journals j JOIN books b ON b.id = j.book_id
        WHERE ${allOf([sql.fragment`j.transaction_id = t.id`, ...conditions])})`;
}

export function pageOfTransactions(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof transactionListInput>,
) {
  const { book_id: bookId, account_id: accountId, from, to } = input;
  return listPage(
    tx,
    {
      name: 'transactions',
      row: transaction,
      select: sql.fragment`
        SELECT d.*
        FROM transactions t
        CROSS JOIN LATERAL json_to_record(transaction_document(t, ${sql.jsonb(scope)})) AS d (
          id uuid, type text, status text, description text, "from" json, "to" json, amount json, effective_date date,
          recorded_at text, external_id text, metadata json, journals json)`,
      id: sql.fragment`t.id`,
      sorts: {
        recorded_at: { column: sql.fragment`t.recorded_at`, type: 'timestamptz' },
        effective_date: { column: sql.fragment`t.effective_date`, type: 'date' },
      },
      defaultSort: '-recorded_at',
      where: [
        visible(scope),
        equals(sql.fragment`t.type`, input.type),
        equals(sql.fragment`t.status`, input.status),
        equals(sql.fragment`t.external_id`, input.external_id),
        bookId ? visible(scope, sql.fragment`j.book_id = ${bookId}`) : null,
        accountId
          ? sql.fragment`t.id IN (
              SELECT j.transaction_id
              FROM transaction_lines l
              JOIN transaction_journals j ON j.id = l.journal_id
              JOIN books b ON b.id = j.book_id
              WHERE ${allOf([sql.fragment`l.account_id = ${accountId}`, inBooks(scope)])})`
          : null,
        from ? sql.fragment`t.effective_date >= ${from}::date` : null,
        to ? sql.fragment`t.effective_date <= ${to}::date` : null,
        contains([sql.fragment`t.description`, sql.fragment`t.external_id`], input.q),
      ],
    },
    input,
  );
}

export async function selectTransaction(tx: CommonQueryMethods, scope: Scope, id: string) {
  const row = await tx.maybeOne(sql.type(documentRow)`
    SELECT transaction_document(t, ${sql.jsonb(scope)}) AS document
    FROM transactions t
    WHERE ${allOf([sql.fragment`t.id = ${id}`, visible(scope)])}`);
  return row?.document ?? null;
}

export async function callPostLines(
  tx: CommonQueryMethods,
  work: Work | null,
  { lines, ...header }: v.InferOutput<typeof rawTransactionInput>,
): Promise<StatementAnswer> {
  const { answer } = await tx.one(sql.type(answerRow)`
    SELECT post_lines(${workParameter(work)}, ${sql.jsonb(header)},
      ${sql.array(
        lines.map((line) => line.account_id),
        'uuid',
      )},
      ${sql.array(
        lines.map((line) => line.side),
        'entry_side',
      )},
      ${sql.array(
        lines.map((line) => line.amount),
        'int8',
      )},
      ${sql.array(
        lines.map((line) => line.memo ?? null),
        'text',
      )}) AS answer`);
  return answer;
}

export async function callPostByRule(
  tx: CommonQueryMethods,
  work: Work | null,
  input: v.InferOutput<typeof typedTransactionInput> & { description: string },
): Promise<StatementAnswer> {
  const { answer } = await tx.one(
    sql.type(answerRow)`SELECT post_by_rule(${workParameter(work)}, ${sql.jsonb(input)}) AS answer`,
  );
  return answer;
}
