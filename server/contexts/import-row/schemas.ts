import * as v from 'valibot';
import { id, listInput, listOf, text } from '../../operations/schemas.ts';
import { importStatus } from '../import/schemas.ts';

/** So many complaints about a file are kept; its bad rows are counted all the same. */
export const MOST_ERRORS = 1_000;

export const importError = v.object({
  id,
  line: v.number(),
  field: v.nullable(v.string()),
  column: v.nullable(v.string()),
  message: v.string(),
  /** What stands in the cell, up to 200 characters. */
  value: v.nullable(v.string()),
});
export type ImportError = v.InferOutput<typeof importError>;
export const importErrorList = listOf(importError);
export const importErrorListInput = v.strictObject({ id, ...listInput, field: v.optional(text(60)) });

/** `id` is that of what was made from the line. */
export const importedRow = v.object({ id, line: v.number() });
export const importedRowList = listOf(importedRow);
export const importedRowListInput = v.strictObject({ id, ...listInput });

const identity = v.strictObject({ type: v.string(), id: v.string(), name: v.string() });
const impersonator = v.strictObject({ ...identity.entries, impersonation_id: id });
/** What a job of an import is given: which, who asked for it, and who acted as them. */
export const importJobInput = v.strictObject({
  id,
  actor: v.strictObject({ ...identity.entries, impersonator: v.optional(impersonator) }),
});
export const importJobResult = v.object({ status: importStatus, rows: v.number() });
