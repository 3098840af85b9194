import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope, listPage } from '../../operations/list.ts';
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

/** Transactions that touch a book in scope: which others they touch is not for the reader to find out. */
function visible(scope: Scope) {
  const condition = inBooks(scope);
  return condition === null
    ? null
    : sql.fragment`EXISTS (
        SELECT FROM transaction_journals j JOIN books b ON b.id = j.book_id
        WHERE ${allOf([sql.fragment`j.transaction_id = t.id`, condition])})`;
}

type Filters = v.InferOutput<typeof transactionListInput>;
const bookRow = v.object({ id: v.string() });

/** The books whose transactions are wanted: those in scope, and of these the named one and the named account's. Null: any. */
async function wantedBooks(tx: CommonQueryMethods, scope: Scope, input: Filters): Promise<readonly string[] | null> {
  const { book_id: bookId, account_id: accountId } = input;
  if (scope.all && !bookId) return null;
  return tx.anyFirst(sql.type(bookRow)`
    SELECT b.id
    FROM books b
    WHERE ${allOf([
      inBooks(scope),
      equals(sql.fragment`b.id`, bookId),
      accountId ? sql.fragment`b.id = (SELECT a.book_id FROM accounts a WHERE a.id = ${accountId})` : null,
    ])}`);
}

/** What the search document of a transaction must be marked with (tenants/functions/27-flows.sql). */
function marksOf(input: Filters): string[] {
  const { type, category, source, currency, party, account_id } = input;
  const wanted = { type, category, source, currency, party: party?.toLowerCase(), account: account_id?.toLowerCase() };
  return Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : `@${name}=${value}`));
}

/** By its own id, that of one of its journals, or its external id. */
function named(id: string, books: readonly string[] | null) {
  const journal = [
    sql.fragment`j.id = ${id}::uuid`,
    books && sql.fragment`j.book_id = ANY(${sql.array([...books], 'uuid')})`,
  ];
  return sql.fragment`t.id IN (
    SELECT ${id}::uuid
    UNION ALL SELECT j.transaction_id FROM transaction_journals j WHERE ${allOf(journal)}
    UNION ALL SELECT e.id FROM transactions e WHERE e.external_id = ${id})`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Where the page is taken from: all transactions; or what the search finds, with the transactions that it does not hold
 * yet; or the few of a status other than posted, each tried by itself.
 */
async function sourceOf(tx: CommonQueryMethods, scope: Scope, input: Filters) {
  const { amount_min: least = null, amount_max: largest = null, currency = null } = input;
  // What a transaction says and moves in books outside the scope may not decide whether it is found, nor that it is not.
  const most = scope.all ? largest : null;
  const q = input.q?.trim();
  const [id, words] = q && UUID.test(q) ? [q, null] : [null, q ?? null];
  const marks = marksOf(input);
  const books = await wantedBooks(tx, scope, input);
  const array = (values: readonly string[] | undefined) => (values ? sql.array([...values], 'text') : null);
  const query = sql.fragment`search_query(${words}, ${array(marks.length > 0 ? marks : undefined)},
    ${array(books?.map((book) => `@book=${book}`))})`;
  const byId = id === null ? null : named(id, books);
  const shown =
    scope.all || [words, least, largest, currency].every((each) => each === null)
      ? null
      : sql.fragment`search_shows(t.id, ${words}, ${currency}, ${least}, ${largest},
          ARRAY(SELECT b.id FROM books b WHERE ${allOf([inBooks(scope)])}))`;
  const isSearched = [words, books, least, most].some((each) => each !== null) || marks.length > 0;
  if (!isSearched || id !== null || (input.status && input.status !== 'posted')) {
    return {
      from: sql.fragment`transactions t`,
      id: sql.fragment`t.id`,
      day: sql.fragment`t.effective_date`,
      where: [byId, isSearched ? sql.fragment`search_matches(t.id, ${query}, ${least}, ${most})` : null, shown],
    };
  }
  return {
    from: sql.fragment`(
        SELECT s.transaction_id, s.effective_date, s.size, s.document FROM transaction_search s
        UNION ALL SELECT n.transaction_id, n.effective_date, n.size, n.document FROM search_tail() n) s
      JOIN transactions t ON t.id = s.transaction_id`,
    id: sql.fragment`s.transaction_id`,
    day: sql.fragment`s.effective_date`,
    where: [
      words !== null || books !== null || marks.length > 0 ? sql.fragment`s.document @@ ${query}` : null,
      least === null ? null : sql.fragment`s.size >= ${least}`,
      most === null ? null : sql.fragment`s.size <= ${most}`,
      shown,
    ],
  };
}

export async function pageOfTransactions(tx: CommonQueryMethods, scope: Scope, input: Filters) {
  const { from, to } = input;
  const source = await sourceOf(tx, scope, input);
  return listPage(
    tx,
    {
      name: 'transactions',
      row: transaction,
      select: sql.fragment`SELECT ${source.id} FROM ${source.from}`,
      rowsOf: (page) => sql.fragment`
        SELECT d.*
        FROM transaction_documents(ARRAY(${page}), ${sql.jsonb(scope)}) WITH ORDINALITY AS r (document, place)
        CROSS JOIN LATERAL json_to_record(r.document) AS d (
          id uuid, type text, category text, status text, description text, "from" json, "to" json, amount json, posted_amount bigint,
          effective_date date, recorded_at text, expires_at text, source text, external_id text, caused_by uuid, reason text,
          metadata json, journals json)
        ORDER BY r.place`,
      id: source.id,
      sorts: { recorded_at: 'id', effective_date: { column: source.day, type: 'date' } },
      // A period is read in its own order, so that none but its own transactions are looked at.
      defaultSort: from || to ? '-effective_date' : '-recorded_at',
      where: [
        ...source.where,
        equals(sql.fragment`t.status`, input.status),
        equals(sql.fragment`t.external_id`, input.external_id),
        equals(sql.fragment`t.caused_by`, input.caused_by),
        from ? sql.fragment`${source.day} >= ${from}::date` : null,
        to ? sql.fragment`${source.day} <= ${to}::date` : null,
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
