import * as v from 'valibot';
import { id, instant, listInput, listOf, text, version } from '../../operations/schemas.ts';
import { auditFilters } from '../audit/schemas.ts';

/** A search of the audit trail that its owner runs again. */
export const savedSearch = v.object({
  id,
  name: v.string(),
  filters: auditFilters,
  version,
  created_at: instant,
  updated_at: instant,
});
export type SavedSearch = v.InferOutput<typeof savedSearch>;

export const savedSearchListInput = v.strictObject({ ...listInput });
export const savedSearchList = listOf(savedSearch);
export const savedSearchCreateInput = v.strictObject({ name: text(100), filters: auditFilters });
export const savedSearchUpdateInput = v.strictObject({
  id,
  name: v.optional(text(100)),
  filters: v.optional(auditFilters),
});
