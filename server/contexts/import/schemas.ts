import * as v from 'valibot';
import {
  id,
  instant,
  listInput,
  listOf,
  optional,
  place,
  placeInput,
  recordOf,
  text,
  version,
} from '../../operations/schemas.ts';
import { defineStates } from '../../operations/states.ts';

/** What can be imported: see server/imports/kinds.ts. */
export const importKind = v.picklist(['merchant_org', 'merchant', 'service', 'end_customer', 'prospect']);
export type ImportKindName = v.InferOutput<typeof importKind>;

export const importStatus = v.picklist([
  'uploading',
  'uploaded',
  'checking',
  'bad',
  'ready',
  'applying',
  'done',
  'failed',
  'cancelled',
]);
export type ImportStatus = v.InferOutput<typeof importStatus>;

/** A file is checked as often as one likes; what is `ready` is applied whole, or it has `failed` and nothing is there. */
export const importStates = defineStates({
  name: 'import',
  initial: 'uploading',
  moves: {
    upload: { from: ['uploading'], to: 'uploaded' },
    map: { from: ['bad', 'ready', 'failed'], to: 'uploaded' },
    check: { from: ['uploaded', 'bad', 'ready', 'failed'], to: 'checking' },
    pass: { from: ['checking'], to: 'ready' },
    refuse: { from: ['checking'], to: 'bad' },
    apply: { from: ['ready'], to: 'applying' },
    finish: { from: ['applying'], to: 'done' },
    fail: { from: ['applying'], to: 'failed' },
    cancel: { from: ['uploading', 'uploaded', 'checking', 'bad', 'ready', 'applying', 'failed'], to: 'cancelled' },
  },
});

export const delimiters = ['comma', 'semicolon', 'tab', 'pipe'] as const;
export type Delimiter = (typeof delimiters)[number];

/** Of one file: so many parts of so many characters each. */
export const MOST_PARTS = 64;
export const LONGEST_PART = 500_000;
const column = text(220);
/** Which column each field is read from, by the column's name. */
const columns = recordOf(v.pipe(v.string(), v.maxLength(60)), v.nullable(column));

export const importMapping = v.object({
  delimiter: v.picklist(delimiters),
  decimal_separator: v.picklist(['.', ',']),
  columns: v.record(v.string(), v.string()),
});
export type ImportMapping = v.InferOutput<typeof importMapping>;

export const importField = v.object({
  name: v.string(),
  label: v.string(),
  is_required: v.boolean(),
  /** What may stand in a cell. */
  hint: v.nullable(v.string()),
});
export type ImportField = v.InferOutput<typeof importField>;

/** How far the job at hand is: `reading` by rows and share of the file, `comparing`, `writing` by rows. */
export const importProgress = v.object({
  step: v.picklist(['waiting', 'reading', 'comparing', 'writing', 'stuck']),
  rows: v.number(),
  percent: v.nullable(v.number()),
});
export type ImportProgress = v.InferOutput<typeof importProgress>;

const actor = v.object({ type: v.string(), id: v.string(), name: v.string() });

export const importRecord = v.object({
  id,
  kind: importKind,
  ...place,
  /** The name of the MerchantOrg or merchant that it is for; null for the whole tenant. */
  place_name: v.nullable(v.string()),
  status: importStatus,
  file_name: v.nullable(v.string()),
  part_count: v.number(),
  /** The heads of the file. */
  columns: v.array(v.string()),
  fields: v.array(importField),
  /** Its first rows, cell by cell beside `columns`, each cell cut to 60 characters; empty once its mapping is settled. */
  sample: v.array(v.array(v.string())),
  mapping: v.nullable(importMapping),
  row_count: v.nullable(v.number()),
  bad_row_count: v.nullable(v.number()),
  /** Why nothing was imported. */
  problem: v.nullable(v.string()),
  job_id: v.nullable(id),
  progress: v.nullable(importProgress),
  created_by: actor,
  checked_at: v.nullable(instant),
  finished_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Import = v.InferOutput<typeof importRecord>;
/** As a list has it. */
export const importRow = v.omit(importRecord, ['columns', 'fields', 'sample', 'mapping', 'progress']);
export type ImportListRow = v.InferOutput<typeof importRow>;
export const importList = listOf(importRow);
export const importListInput = v.strictObject({
  ...listInput,
  kind: v.optional(importKind),
  status: v.optional(importStatus),
  merchant_org_id: v.optional(id),
  merchant_id: v.optional(id),
});

const csv = v.pipe(
  v.string(),
  v.minLength(1, 'is required'),
  v.maxLength(LONGEST_PART, `must have at most ${LONGEST_PART} characters`),
);

/** With `csv` the whole file is there at once; without, its parts follow. */
export const importCreateInput = v.strictObject({
  kind: importKind,
  ...placeInput,
  file_name: optional(text(200)),
  csv: v.optional(csv),
});

/** The parts of a file, cut anywhere between two characters. One that is sent again takes the place of the one before. */
export const importUploadInput = v.strictObject({
  id,
  position: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_PARTS, `must be at most ${MOST_PARTS}`)),
  csv,
  is_last: v.optional(v.boolean()),
});

/** What is left out stays; with another `delimiter` the heads are read again, and columns guessed again where none are given. */
export const importUpdateInput = v.strictObject({
  id,
  delimiter: v.optional(v.picklist(delimiters)),
  decimal_separator: v.optional(v.picklist(['.', ','])),
  columns: v.optional(columns),
});

export const importTemplateInput = v.strictObject({ kind: importKind });
