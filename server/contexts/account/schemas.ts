import * as v from 'valibot';
import {
  calendarDate,
  currency,
  givenInstant,
  id,
  instant,
  listInput,
  listOf,
  optional,
  text,
  version,
} from '../../operations/schemas.ts';

export const accountType = v.picklist(['asset', 'liability', 'equity', 'revenue', 'expense']);
export const partyType = v.picklist(['tenant', 'merchant_org', 'merchant']);

export const bookStatus = v.picklist(['open', 'closed']);
export const accountStatus = v.picklist(['open', 'closed']);

export const book = v.object({
  id,
  party_type: partyType,
  party_id: id,
  name: v.string(),
  currency,
  status: bookStatus,
  /** The last closed day; null while no period is closed. */
  closed_through: v.nullable(calendarDate),
  version,
  created_at: instant,
  updated_at: instant,
});
/** Of a list; `merchant_org_id` is whose it is, or whose merchant's. */
export const listedBook = v.object({ ...book.entries, merchant_org_id: v.nullable(id) });
export type Book = v.InferOutput<typeof listedBook>;
export const bookListInput = v.strictObject({
  ...listInput,
  party_type: v.optional(partyType),
  party_id: v.optional(id),
  ids: v.optional(v.pipe(v.array(id), v.maxLength(200, 'must have at most 200 books'))),
  status: v.optional(bookStatus),
});
export const bookStatusInput = v.strictObject({ id, reason: text(500) });
export const bookList = listOf(listedBook);

export const account = v.object({
  id,
  book_id: id,
  code: v.string(),
  name: v.string(),
  type: accountType,
  currency,
  purpose: v.nullable(v.string()),
  /** Limits on the account's normal side, in minor units. */
  minimum_balance: v.nullable(v.number()),
  maximum_balance: v.nullable(v.number()),
  status: accountStatus,
  version,
  created_at: instant,
  updated_at: instant,
});
export type Account = v.InferOutput<typeof account>;

/** On the account's normal side: debits − credits of assets and expenses, otherwise credits − debits. */
const limit = v.pipe(v.number(), v.safeInteger('must be a whole number of minor units'));

export const accountCreateInput = v.strictObject({
  code: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,39}$/, 'must be up to 40 letters, digits, dots, colons and hyphens'),
  ),
  name: text(200),
  type: accountType,
  currency,
  book_id: optional(id),
  minimum_balance: optional(limit),
  maximum_balance: optional(limit),
});
/** A limit that is left out stays, one that is null is lifted. */
export const accountUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  minimum_balance: optional(limit),
  maximum_balance: optional(limit),
});
export const accountListInput = v.strictObject({
  ...listInput,
  book_id: v.optional(id),
  type: v.optional(accountType),
  status: v.optional(accountStatus),
  currency: v.optional(currency),
  code: v.optional(text(40)),
  q: v.optional(text(200)),
});
export const accountList = listOf(account);

/**
 * `balance` is debits − credits, in minor units; what is pending counts beside it. At an effective date all of that day counts,
 * and pending amounts are not told. `final` when nothing can change the answer any more.
 */
export const balance = v.object({
  account_id: id,
  debits: v.number(),
  credits: v.number(),
  balance: v.number(),
  pending_debits: v.number(),
  pending_credits: v.number(),
  currency,
  axis: v.picklist(['effective', 'recorded']),
  at: v.nullable(v.string()),
  final: v.boolean(),
});
export const balanceInput = v.strictObject({
  id,
  at: v.optional(v.union([calendarDate, givenInstant])),
  axis: v.optional(v.picklist(['effective', 'recorded'])),
});
