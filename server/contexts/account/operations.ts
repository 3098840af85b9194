// Books and their charts of accounts. Every party has one book; an account belongs to one book and has one type and
// one currency. Written by SQL functions only.
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { callCreateAccount, insertBook, pageOfAccounts, pageOfBooks, selectAccount, selectBalance } from './queries.ts';
import {
  account,
  accountCreateInput,
  accountListInput,
  accountList as accountListSchema,
  balance,
  balanceInput,
  bookListInput,
  bookList as bookListSchema,
} from './schemas.ts';

/** Opens the books of a new party, in the transaction that creates it; in the tenant's currency unless told otherwise. */
export async function openBook(
  ctx: Context,
  party: { type: 'merchant_org' | 'merchant'; id: string; merchantOrgId: string; name: string; currency?: string },
): Promise<void> {
  await insertBook(ctx.tx, party);
}

/** A currency that ISO 4217 does not have, found by the database. */
export function unknownCurrency(): DomainError {
  return new DomainError('invalid', 'The currency does not exist.', {
    errors: { currency: ['is not an ISO 4217 currency'] },
  });
}

export const bookList = defineOperation({
  name: 'book.list',
  kind: 'read',
  risk: 'read',
  permission: 'account:read',
  resource: 'book',
  summary: 'List books: one per party',
  input: bookListInput,
  output: bookListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/books' },
  run: (ctx, input) => pageOfBooks(ctx.tx, ctx.scope, input),
});

export const accountList = defineOperation({
  name: 'account.list',
  kind: 'read',
  risk: 'read',
  permission: 'account:read',
  resource: 'account',
  summary: 'List accounts of the charts',
  input: accountListInput,
  output: accountListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/accounts' },
  run: (ctx, input) => pageOfAccounts(ctx.tx, ctx.scope, input),
});

export const accountGet = defineOperation({
  name: 'account.get',
  kind: 'read',
  risk: 'read',
  permission: 'account:read',
  resource: 'account',
  summary: 'Read an account',
  input: idInput,
  output: account,
  http: { method: 'GET', path: '/api/accounts/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectAccount(ctx.tx, ctx.scope, id)),
});

export const accountCreate = defineOperation({
  name: 'account.create',
  kind: 'write',
  risk: 'write',
  permission: 'account:create',
  resource: 'account',
  summary: "Create an account, in the tenant's own book unless book_id says otherwise",
  input: accountCreateInput,
  output: account,
  http: { method: 'POST', path: '/api/accounts', status: 201 },
  describe: (input) => `Created account ${input.code} ${input.name}`,
  onConstraint: {
    accounts_code_unique: () =>
      new DomainError('conflict', 'The book has an account with this code already.', {
        errors: { code: ['is taken in this book'] },
      }),
    accounts_currency_exists: unknownCurrency,
  },
  statement: (ctx, input, work) => callCreateAccount(ctx.tx, work, input),
});

export const accountBalance = defineOperation({
  name: 'account.balance',
  kind: 'read',
  risk: 'read',
  permission: 'account:read',
  resource: 'account',
  summary: 'Read the balance of an account, now or at a day (effective) or an instant (recorded)',
  input: balanceInput,
  output: balance,
  http: { method: 'GET', path: '/api/accounts/{id}/balance' },
  run: async (ctx, input) => {
    const found = await selectBalance(ctx.tx, ctx.scope, input);
    if (!found) {
      throw notFound();
    }
    const axis = input.axis ?? 'recorded';
    return { account_id: input.id, ...found, balance: found.debits - found.credits, axis, at: input.at ?? null };
  },
});
