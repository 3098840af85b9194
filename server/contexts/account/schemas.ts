import * as v from 'valibot';
import {
  calendarDate,
  currency,
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

export const book = v.object({
  id,
  party_type: partyType,
  party_id: id,
  name: v.string(),
  currency,
  version,
  created_at: instant,
  updated_at: instant,
});
export type Book = v.InferOutput<typeof book>;
export const bookListInput = v.strictObject({
  ...listInput,
  party_type: v.optional(partyType),
  party_id: v.optional(id),
});
export const bookList = listOf(book);

export const account = v.object({
  id,
  book_id: id,
  code: v.string(),
  name: v.string(),
  type: accountType,
  currency,
  purpose: v.nullable(v.string()),
  status: v.picklist(['open', 'closed']),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Account = v.InferOutput<typeof account>;

export const accountCreateInput = v.strictObject({
  code: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,39}$/, 'must be up to 40 letters, digits, dots, colons and hyphens'),
  ),
  name: text(200),
  type: accountType,
  currency,
  book_id: optional(id),
});
export const accountListInput = v.strictObject({
  ...listInput,
  book_id: v.optional(id),
  type: v.optional(accountType),
  currency: v.optional(currency),
  code: v.optional(text(40)),
  q: v.optional(text(200)),
});
export const accountList = listOf(account);

/** `balance` is debits − credits, in minor units. At an effective date all of that day counts. */
export const balance = v.object({
  account_id: id,
  debits: v.number(),
  credits: v.number(),
  balance: v.number(),
  currency,
  axis: v.picklist(['effective', 'recorded']),
  at: v.nullable(v.string()),
});
export const balanceInput = v.strictObject({
  id,
  at: v.optional(v.union([calendarDate, instant])),
  axis: v.optional(v.picklist(['effective', 'recorded'])),
});
