import * as v from 'valibot';
import { currency, id } from '../../operations/schemas.ts';
import { accountType } from '../account/schemas.ts';

/** In minor units; `balance` is debits − credits of what is posted, what is pending counts beside it. */
const sums = {
  debits: v.number(),
  credits: v.number(),
  balance: v.number(),
  pending_debits: v.number(),
  pending_credits: v.number(),
};

export const subtreeSum = v.object({ currency, ...sums });
export type SubtreeSum = v.InferOutput<typeof subtreeSum>;

/** An account in its place of the tree, with its own sums, and those of it and all below it per currency. */
export const chartNode = v.object({
  account_id: id,
  parent_id: v.nullable(id),
  /** 0 at the top. */
  depth: v.number(),
  code: v.string(),
  name: v.string(),
  type: accountType,
  currency,
  status: v.picklist(['open', 'closed']),
  ...sums,
  subtree: v.array(subtreeSum),
});
export type ChartNode = v.InferOutput<typeof chartNode>;

/** The chart of accounts of one book as a tree: `data` in its order, each account before those below it. */
export const chart = v.object({ book_id: id, name: v.string(), currency, data: v.array(chartNode) });
export type Chart = v.InferOutput<typeof chart>;
