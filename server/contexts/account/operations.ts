// Books and their charts of accounts. Every party has one book; an account belongs to one book and has one type and
// one currency. Written by SQL functions only.
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import {
  callCreateAccount,
  callSetAccountStatus,
  callSetBookStatus,
  callUpdateAccount,
  insertBook,
  pageOfAccounts,
  pageOfBooks,
  selectAccount,
  selectBalance,
} from './queries.ts';
import {
  account,
  accountCreateInput,
  accountListInput,
  accountList as accountListSchema,
  accountUpdateInput,
  balance,
  balanceInput,
  book,
  bookListInput,
  bookList as bookListSchema,
  bookStatusInput,
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

function limitsOutOfOrder(): DomainError {
  return new DomainError('invalid', 'The minimum balance is above the maximum.', {
    errors: { minimum_balance: ['must not be above the maximum'] },
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

export const bookClose = defineOperation({
  name: 'book.close',
  kind: 'write',
  risk: 'money',
  permission: 'book:close',
  resource: 'book',
  summary: 'Close the books of a party that owns nothing and owes nothing: nothing is posted to them any more',
  input: bookStatusInput,
  output: book,
  http: { method: 'POST', path: '/api/books/{id}/close' },
  describe: ({ reason }) => `Closed the books: ${reason}`,
  statement: (ctx, { id }, work) => callSetBookStatus(ctx.tx, work, id, 'closed'),
});

export const bookReopen = defineOperation({
  name: 'book.reopen',
  kind: 'write',
  risk: 'money',
  permission: 'book:reopen',
  resource: 'book',
  summary: 'Open closed books again',
  input: bookStatusInput,
  output: book,
  http: { method: 'POST', path: '/api/books/{id}/reopen' },
  describe: ({ reason }) => `Reopened the books: ${reason}`,
  statement: (ctx, { id }, work) => callSetBookStatus(ctx.tx, work, id, 'open'),
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
    accounts_limits_in_order: limitsOutOfOrder,
  },
  statement: (ctx, input, work) => callCreateAccount(ctx.tx, work, input),
});

export const accountUpdate = defineOperation({
  name: 'account.update',
  kind: 'write',
  risk: 'write',
  permission: 'account:update',
  resource: 'account',
  summary: 'Change the name of an account, or set and lift its limits',
  input: accountUpdateInput,
  output: account,
  http: { method: 'PATCH', path: '/api/accounts/{id}' },
  describe: ({ minimum_balance, maximum_balance }) =>
    minimum_balance === undefined && maximum_balance === undefined
      ? 'Changed an account'
      : 'Changed the limits of an account',
  onConstraint: { accounts_limits_in_order: limitsOutOfOrder },
  statement: (ctx, input, work) => callUpdateAccount(ctx.tx, work, input, ctx.call.expectedVersion),
});

export const accountClose = defineOperation({
  name: 'account.close',
  kind: 'write',
  risk: 'write',
  permission: 'account:close',
  resource: 'account',
  summary: 'Close an account that holds nothing: nothing is posted to it any more',
  input: idInput,
  output: account,
  http: { method: 'POST', path: '/api/accounts/{id}/close' },
  describe: () => 'Closed an account',
  statement: (ctx, { id }, work) => callSetAccountStatus(ctx.tx, work, id, 'closed'),
});

export const accountReopen = defineOperation({
  name: 'account.reopen',
  kind: 'write',
  risk: 'write',
  permission: 'account:reopen',
  resource: 'account',
  summary: 'Open a closed account again',
  input: idInput,
  output: account,
  http: { method: 'POST', path: '/api/accounts/{id}/reopen' },
  describe: () => 'Reopened an account',
  statement: (ctx, { id }, work) => callSetAccountStatus(ctx.tx, work, id, 'open'),
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
    // A day is one of the books, an instant one of the clock.
    const axis = input.axis ?? (input.at?.length === 'YYYY-MM-DD'.length ? 'effective' : 'recorded');
    const found = await selectBalance(ctx.tx, ctx.scope, { ...input, axis });
    if (!found) {
      throw notFound();
    }
    return { account_id: input.id, ...found, balance: found.debits - found.credits, axis, at: input.at ?? null };
  },
});
