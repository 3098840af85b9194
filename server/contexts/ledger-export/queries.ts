import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope } from '../../operations/list.ts';
import { exportedJournal, type LedgerExportInput } from './schemas.ts';

function visible(scope: Scope) {
  return inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
}

export function hasBook(tx: CommonQueryMethods, scope: Scope, id: string): Promise<boolean> {
  return tx.exists(
    sql.type(v.object({}))`SELECT FROM books b WHERE ${allOf([sql.fragment`b.id = ${id}`, visible(scope)])}`,
  );
}

const snapshotRow = v.object({ epoch: v.number(), snapshot: v.string() });
export type Snapshot = v.InferOutput<typeof snapshotRow>;

/** What is committed now. Journals never change, so this says for ever which of them an export holds. */
export function selectSnapshot(tx: CommonQueryMethods) {
  return tx.one(sql.type(snapshotRow)`SELECT s.epoch, pg_current_snapshot()::text AS snapshot FROM ledger_state s`);
}

/** Some journals of a snapshot after an id, in the order of their ids. */
export function selectJournals(
  tx: CommonQueryMethods,
  scope: Scope,
  { epoch, snapshot }: Snapshot,
  input: LedgerExportInput,
  after: string | null,
  limit: number,
) {
  return tx.any(sql.type(exportedJournal)`
    SELECT j.id, j.transaction_id, j.book_id, b.name AS book, j.kind, j.effective_date, j.original_effective_date, j.recorded_at,
      t.type, t.category, t.description, t.source, t.external_id,
      (SELECT json_agg(json_build_object('position', l.position, 'account_id', l.account_id, 'account_code', a.code,
          'account_name', a.name, 'side', l.side, 'amount', l.amount, 'currency', l.currency,
          'counterparty_book_id', l.counterparty_book_id, 'memo', l.memo) ORDER BY l.position)
        FROM transaction_lines l JOIN accounts a ON a.id = l.account_id WHERE l.journal_id = j.id) AS lines
    FROM transaction_journals j
    JOIN books b ON b.id = j.book_id
    JOIN transactions t ON t.id = j.transaction_id
    WHERE ${allOf([
      sql.fragment`(j.epoch < ${epoch} OR pg_visible_in_snapshot(j.xid, ${snapshot}::pg_snapshot))`,
      visible(scope),
      equals(sql.fragment`j.book_id`, input.book_id),
      input.from ? sql.fragment`j.effective_date >= ${input.from}::date` : null,
      input.to ? sql.fragment`j.effective_date <= ${input.to}::date` : null,
      after ? sql.fragment`j.id > ${after}` : null,
    ])}
    ORDER BY j.id
    LIMIT ${limit}`);
}

const accountRow = v.object({
  id: v.string(),
  book_id: v.string(),
  book: v.string(),
  is_namesake: v.boolean(),
  code: v.string(),
  name: v.string(),
  type: v.picklist(['asset', 'liability', 'equity', 'revenue', 'expense']),
  currency: v.string(),
});
export type ExportedAccount = v.InferOutput<typeof accountRow>;

/** Some accounts after an id, each with its book; `is_namesake` when another book in scope has the same name. */
export function selectAccounts(
  tx: CommonQueryMethods,
  scope: Scope,
  bookId: string | undefined,
  after: string | null,
  limit: number,
) {
  const namesake = [
    sql.fragment`lower(o.name) = lower(b.name) AND o.id <> b.id`,
    inScope(scope, sql.fragment`o.merchant_org_id`, sql.fragment`o.merchant_id`),
  ];
  return tx.any(sql.type(accountRow)`
    SELECT a.id, a.book_id, b.name AS book, a.code, a.name, a.type, a.currency,
      EXISTS (SELECT FROM books o WHERE ${allOf(namesake)}) AS is_namesake
    FROM accounts a
    JOIN books b ON b.id = a.book_id
    WHERE ${allOf([visible(scope), equals(sql.fragment`a.book_id`, bookId), after ? sql.fragment`a.id > ${after}` : null])}
    ORDER BY a.id
    LIMIT ${limit}`);
}

const exponentRow = v.object({ code: v.string(), exponent: v.number() });

/** How many decimals the minor unit of each currency has. */
export async function selectExponents(tx: CommonQueryMethods): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.many(sql.type(exponentRow)`SELECT c.code, c.exponent FROM currencies c ORDER BY c.code`);
  return new Map(rows.map(({ code, exponent }) => [code, exponent]));
}

const documentRow = v.object({ document: v.record(v.string(), v.unknown()) });

/** A block with its anchor and leaves. */
export async function selectBlockDocuments(tx: CommonQueryMethods, number: number) {
  const rows = await tx.any(sql.type(documentRow)`SELECT d.document FROM bundle_block(${number}) AS d (document)`);
  return rows.map(({ document }) => document);
}

const totalRow = v.object({ account_id: v.string(), document: documentRow.entries.document });

/** The totals of some accounts at the end of a block. */
export function selectTotalDocuments(tx: CommonQueryMethods, head: number, after: string | null) {
  return tx.any(sql.type(totalRow)`SELECT d.account_id, d.document FROM bundle_totals(${head}, ${after}) d`);
}
