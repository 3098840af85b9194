import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, listPage } from '../../operations/list.ts';
import type { StatementAnswer, Work } from '../../operations/operation.ts';
import { answerRow, workParameter } from '../../operations/statement.ts';
import {
  account,
  type accountCreateInput,
  type accountListInput,
  type accountUpdateInput,
  type balanceInput,
  type bookListInput,
  listedBook,
} from './schemas.ts';

const columns = sql.fragment`a.id, a.book_id, a.code, a.name, a.type, a.currency, a.purpose, a.minimum_balance, a.maximum_balance, a.status, a.version, a.created_at, a.updated_at`;

function visible(scope: Scope) {
  return inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
}

export function pageOfBooks(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof bookListInput>) {
  return listPage(
    tx,
    {
      name: 'books',
      row: listedBook,
      select: sql.fragment`SELECT b.id, b.party_type, b.party_id, b.merchant_org_id, b.name, b.currency, b.status, b.closed_through, b.version, b.created_at, b.updated_at FROM books b`,
      id: sql.fragment`b.id`,
      sorts: {
        created_at: { column: sql.fragment`b.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`b.name`, type: 'text' },
      },
      defaultSort: 'created_at',
      where: [
        visible(scope),
        equals(sql.fragment`b.party_type`, input.party_type),
        equals(sql.fragment`b.party_id`, input.party_id),
        input.ids ? sql.fragment`b.id = ANY(${sql.array(input.ids, 'uuid')})` : null,
        equals(sql.fragment`b.status`, input.status),
      ],
    },
    input,
  );
}

export async function insertBook(
  tx: CommonQueryMethods,
  party: { type: 'merchant_org' | 'merchant'; id: string; merchantOrgId: string; name: string; currency?: string },
): Promise<void> {
  await tx.one(sql.type(v.object({ open_book: v.string() }))`
    SELECT open_book(${party.type}::party_type, ${party.id}, ${party.merchantOrgId}, ${party.name}, coalesce(${party.currency ?? null}, t.currency))
    FROM tenant t`);
}

export function pageOfAccounts(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof accountListInput>) {
  return listPage(
    tx,
    {
      name: 'accounts',
      row: account,
      select: sql.fragment`SELECT ${columns} FROM accounts a JOIN books b ON b.id = a.book_id`,
      id: sql.fragment`a.id`,
      sorts: {
        code: { column: sql.fragment`a.code`, type: 'text' },
        created_at: { column: sql.fragment`a.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`a.name`, type: 'text' },
      },
      defaultSort: 'code',
      where: [
        visible(scope),
        equals(sql.fragment`a.book_id`, input.book_id),
        equals(sql.fragment`a.type`, input.type),
        equals(sql.fragment`a.status`, input.status),
        equals(sql.fragment`a.currency`, input.currency),
        equals(sql.fragment`a.code`, input.code),
        contains([sql.fragment`a.code`, sql.fragment`a.name`], input.q),
      ],
    },
    input,
  );
}

export function selectAccount(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(account)`
    SELECT ${columns}
    FROM accounts a
    JOIN books b ON b.id = a.book_id
    WHERE ${allOf([sql.fragment`a.id = ${id}`, visible(scope)])}`);
}

export async function callCreateAccount(
  tx: CommonQueryMethods,
  work: Work | null,
  input: v.InferOutput<typeof accountCreateInput>,
): Promise<StatementAnswer> {
  const { answer } = await tx.one(
    sql.type(answerRow)`SELECT create_account(${workParameter(work)}, ${sql.jsonb(input)}) AS answer`,
  );
  return answer;
}

export async function callUpdateAccount(
  tx: CommonQueryMethods,
  work: Work | null,
  { id, ...change }: v.InferOutput<typeof accountUpdateInput>,
  expectedVersion?: number,
): Promise<StatementAnswer> {
  const { answer } = await tx.one(sql.type(answerRow)`
    SELECT update_account(${workParameter(work)}, ${id}, ${sql.jsonb(JSON.parse(JSON.stringify(change)))}, ${expectedVersion ?? null}::integer) AS answer`);
  return answer;
}

export async function callSetAccountStatus(
  tx: CommonQueryMethods,
  work: Work | null,
  id: string,
  status: 'open' | 'closed',
): Promise<StatementAnswer> {
  const { answer } = await tx.one(
    sql.type(answerRow)`SELECT set_account_status(${workParameter(work)}, ${id}, ${status}) AS answer`,
  );
  return answer;
}

export async function callSetBookStatus(
  tx: CommonQueryMethods,
  work: Work | null,
  id: string,
  status: 'open' | 'closed',
): Promise<StatementAnswer> {
  const { answer } = await tx.one(
    sql.type(answerRow)`SELECT set_book_status(${workParameter(work)}, ${id}, ${status}) AS answer`,
  );
  return answer;
}

const sums = v.object({
  debits: v.number(),
  credits: v.number(),
  pending_debits: v.number(),
  pending_credits: v.number(),
  currency: v.string(),
  final: v.boolean(),
});

/**
 * What an account holds now, held at the end of a day (effective) or at an instant (recorded). `final` when nothing can change
 * the answer any more: the day's period is closed, or nothing that was in flight at the instant still is.
 */
export function selectBalance(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof balanceInput>) {
  const at = input.at ?? null;
  const isEffective = input.axis === 'effective';
  const [source, final] =
    at === null
      ? [sql.fragment`sums_now(ARRAY[a.id])`, sql.fragment`FALSE`]
      : isEffective
        ? [
            sql.fragment`sums_on(ARRAY[a.id], ${at}::date)`,
            sql.fragment`coalesce(${at}::date <= b.closed_through, FALSE)`,
          ]
        : [sql.fragment`sums_at(ARRAY[a.id], ${at}::timestamptz)`, sql.fragment`is_final_at(${at}::timestamptz)`];
  return tx.maybeOne(sql.type(sums)`
    SELECT a.currency, s.debits, s.credits, s.pending_debits, s.pending_credits, ${final} AS final
    FROM accounts a
    JOIN books b ON b.id = a.book_id
    CROSS JOIN LATERAL ${source} s
    WHERE ${allOf([sql.fragment`a.id = ${input.id}`, visible(scope)])}`);
}
