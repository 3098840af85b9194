import * as v from 'valibot';
import { id, instant, listInput, listOf, recordOf, text, version } from '../../operations/schemas.ts';
import { auditFilters } from '../audit/schemas.ts';

/** The lists that searches are kept for, and what reading each of them takes. */
export const LIST_PERMISSIONS = {
  audit: 'audit:read',
  merchant: 'merchant:read',
  merchant_org: 'merchant_org:read',
  transaction: 'transaction:read',
  payout: 'payout:read',
  user: 'user:read',
  prospect: 'prospect:read',
  end_customer: 'end_customer:read',
  customer_invoice: 'customer_invoice:read',
} as const;
export type SavedList = keyof typeof LIST_PERMISSIONS;
export const savedList = v.picklist(Object.keys(LIST_PERMISSIONS) as SavedList[]);

const filters = v.pipe(
  recordOf(v.pipe(v.string(), v.regex(/^[a-z_]{1,60}$/, 'must name a filter')), text(500)),
  v.maxEntries(40, 'must be 40 at most'),
);
const sort = v.pipe(v.string(), v.regex(/^-?[a-z_]{1,60}$/, 'must name what to sort by'));
const columns = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^[a-z0-9_]{1,60}$/, 'must name a column'))),
  v.minLength(1, 'must name a column'),
  v.maxLength(40, 'must be 40 at most'),
);

/** A search of a list that its owner runs again: what it filters by, and how its page shows it. */
export const savedSearch = v.object({
  id,
  list: savedList,
  name: v.string(),
  filters: v.record(v.string(), v.string()),
  sort: v.nullable(v.string()),
  columns: v.nullable(v.array(v.string())),
  version,
  created_at: instant,
  updated_at: instant,
});
export type SavedSearch = v.InferOutput<typeof savedSearch>;

/** Of the audit trail, unless another `list` is named. */
export const savedSearchListInput = v.strictObject({ ...listInput, list: v.optional(savedList) });
export const savedSearchList = listOf(savedSearch);
/** The audit trail knows its filters; those of another list are what the address of its page says. */
export const savedSearchCreateInput = v.strictObject({
  name: text(100),
  list: v.optional(savedList, 'audit'),
  filters,
  sort: v.optional(v.nullable(sort)),
  columns: v.optional(v.nullable(columns)),
});
export const savedSearchUpdateInput = v.strictObject({
  id,
  name: v.optional(text(100)),
  filters: v.optional(filters),
  sort: v.optional(v.nullable(sort)),
  columns: v.optional(v.nullable(columns)),
});

/** Checks the filters of the list that they are for. */
export const filtersOf = (list: SavedList) => (list === 'audit' ? auditFilters : filters);
