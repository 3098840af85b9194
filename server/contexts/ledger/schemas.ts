import * as v from 'valibot';
import { currency, id } from '../../operations/schemas.ts';
import { chain, horizon, seal } from '../seal/schemas.ts';

/** Left and right of every book and currency in scope; `balanced` when every difference is zero. Sums are in minor units. */
export const integrity = v.object({
  balanced: v.boolean(),
  books: v.array(
    v.object({
      book_id: id,
      name: v.string(),
      currency,
      debits: v.number(),
      credits: v.number(),
      difference: v.number(),
    }),
  ),
  seal,
  horizon,
  /** For readers of the whole tenant, else null. */
  chain: v.nullable(chain),
});
export type Integrity = v.InferOutput<typeof integrity>;

/** The figures of the dashboard. Revenue is credits − debits of revenue accounts, by currency, over the days asked for. */
export const overview = v.object({
  merchant_orgs: v.number(),
  merchants: v.number(),
  merchants_by_status: v.record(v.string(), v.number()),
  transactions_last_30_days: v.number(),
  revenue_last_30_days: v.array(v.object({ currency, amount: v.number() })),
  daily_volume: v.array(v.object({ date: v.string(), transactions: v.number() })),
  balanced: v.boolean(),
});
export type Overview = v.InferOutput<typeof overview>;

export const settled = v.object({ folded: v.number(), sealed: v.number() });
