import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, listPage } from '../../operations/list.ts';
import type { StatementAnswer, Work } from '../../operations/operation.ts';
import { answerRow, workParameter } from '../../operations/statement.ts';
import {
  expiredHolds,
  type rawTransactionInput,
  transaction,
  type transactionListInput,
  transactionPreview,
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
        CROSS JOIN LATERAL transaction_documents(ARRAY[t.id], ${sql.jsonb(scope)}) AS r (document)
        CROSS JOIN LATERAL json_to_record(r.document) AS d (
          id uuid, type text, category text, status text, description text, "from" json, "to" json, amount json, posted_amount bigint,
          effective_date date, recorded_at text, expires_at text, source text, external_id text, caused_by uuid, reason text,
          metadata json, journals json)`,
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
    SELECT d.document
    FROM transactions t
    CROSS JOIN LATERAL transaction_documents(ARRAY[t.id], ${sql.jsonb(scope)}) AS d (document)
    WHERE ${allOf([sql.fragment`t.id = ${id}`, visible(scope)])}`);
  return row?.document ?? null;
}

/** A transaction as post_transactions takes it: its header, and its lines when they are given. */
export type Posting = { header: object; lines: readonly v.InferOutput<typeof rawTransactionInput>['lines'][number][] };

/** Headers and lines as the parameters of the posting functions. */
function postingParameters(postings: readonly Posting[], isBatch: boolean) {
  const headers = postings.map(({ header }) => header);
  const lines = postings.flatMap(({ lines: own }, index) => own.map((line) => ({ ...line, entry: index + 1 })));
  const column = (name: 'entry' | 'account_id' | 'side' | 'amount', type: string) =>
    sql.array(
      lines.map((line) => line[name]),
      type,
    );
  const memos = sql.array(
    lines.map((line) => line.memo ?? null),
    'text',
  );
  return sql.fragment`${sql.jsonb(JSON.parse(JSON.stringify(isBatch ? headers : headers[0])))}, ${column('entry', 'int4')},
    ${column('account_id', 'uuid')}, ${column('side', 'entry_side')}, ${column('amount', 'int8')}, ${memos}`;
}

/** Posts one transaction or a batch: one statement, a unit of work by itself. */
export async function callPostTransactions(
  tx: CommonQueryMethods,
  work: Work | null,
  postings: readonly Posting[],
  isBatch: boolean,
): Promise<StatementAnswer> {
  const { answer } = await tx.one(sql.type(answerRow)`
    SELECT post_transactions(${workParameter(work)}, ${postingParameters(postings, isBatch)}) AS answer`);
  return answer;
}

const previewRow = v.object({ document: transactionPreview });

export async function callPreview(tx: CommonQueryMethods, work: Work, posting: Posting) {
  const { document } = await tx.one(sql.type(previewRow)`
    SELECT preview_transaction(${workParameter(work)}, ${postingParameters([posting], false)}) AS document`);
  return document;
}

export async function callStep(
  tx: CommonQueryMethods,
  work: Work | null,
  id: string,
  step: 'post' | 'release' | 'reversal',
  input: object,
): Promise<StatementAnswer> {
  const { answer } = await tx.one(sql.type(answerRow)`
    SELECT step_transaction(${workParameter(work)}, ${id}, ${step}::journal_kind, ${sql.jsonb(JSON.parse(JSON.stringify(input)))}) AS answer`);
  return answer;
}

export function callExpireHolds(tx: CommonQueryMethods) {
  return tx.one(sql.type(expiredHolds)`SELECT expire_holds() AS expired`);
}
