import * as v from 'valibot';
import { calendarDate, id } from '../../operations/schemas.ts';

export const exportFormats = ['csv', 'jsonl', 'hledger', 'bundle'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Days are effective dates, both included. A bundle is always of everything. */
export const ledgerExportInput = v.strictObject({
  format: v.optional(v.picklist(exportFormats)),
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
  book_id: v.optional(id),
});
export type LedgerExportInput = v.InferOutput<typeof ledgerExportInput>;

const line = v.object({
  position: v.number(),
  account_id: id,
  account_code: v.string(),
  account_name: v.string(),
  side: v.picklist(['debit', 'credit']),
  amount: v.number(),
  currency: v.string(),
  counterparty_book_id: v.nullable(id),
  memo: v.nullable(v.string()),
});
export type ExportedLine = v.InferOutput<typeof line>;

/** One line of a JSONL export: a journal with its lines and what its transaction says. Amounts are in minor units. */
export const exportedJournal = v.object({
  id,
  transaction_id: id,
  book_id: id,
  book: v.string(),
  kind: v.picklist(['hold', 'release', 'post', 'reversal']),
  effective_date: v.string(),
  original_effective_date: v.nullable(v.string()),
  recorded_at: v.string(),
  type: v.string(),
  category: v.nullable(v.string()),
  description: v.string(),
  source: v.string(),
  external_id: v.nullable(v.string()),
  lines: v.array(line),
});
export type ExportedJournal = v.InferOutput<typeof exportedJournal>;
