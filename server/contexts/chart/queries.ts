import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, inScope } from '../../operations/list.ts';
import { chartNode } from './schemas.ts';

const bookRow = v.object({ book_id: v.string(), name: v.string(), currency: v.string() });
const { parent_id: _parent, depth: _depth, subtree: _subtree, balance: _balance, ...own } = chartNode.entries;
const accountRow = v.object(own);
export type AccountRow = v.InferOutput<typeof accountRow>;

export function selectBook(tx: CommonQueryMethods, scope: Scope, bookId: string) {
  return tx.maybeOne(sql.type(bookRow)`
    SELECT b.id AS book_id, b.name, b.currency
    FROM books b
    WHERE ${allOf([sql.fragment`b.id = ${bookId}`, inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`)])}`);
}

/** Every account of a book with what it holds now. */
export function selectAccounts(tx: CommonQueryMethods, bookId: string) {
  return tx.any(sql.type(accountRow)`
    SELECT a.id AS account_id, a.code, a.name, a.type, a.currency, a.status, s.debits, s.credits, s.pending_debits, s.pending_credits
    FROM sums_now(ARRAY(SELECT a.id FROM accounts a WHERE a.book_id = ${bookId})) s
    JOIN accounts a ON a.id = s.account_id
    ORDER BY a.type, a.code COLLATE "C", a.id`);
}
