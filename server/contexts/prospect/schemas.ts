import * as v from 'valibot';
import {
  calendarDate,
  currency,
  email,
  id,
  instant,
  listInput,
  listOf,
  optional,
  price,
  text,
  timeZone,
  version,
} from '../../operations/schemas.ts';
import { defineStates } from '../../operations/states.ts';
import { vertical } from '../merchant/schemas.ts';

export const prospectStatus = v.picklist(['lead', 'qualified', 'proposal', 'won', 'lost', 'merged']);
export type ProspectStatus = v.InferOutput<typeof prospectStatus>;

/** The stages that a prospect is worked on in, in their order. */
export const OPEN_STAGES = ['lead', 'qualified', 'proposal'] as const;
export type OpenStage = (typeof OPEN_STAGES)[number];

/** lead → qualified → proposal → won or lost. Stages may be skipped and gone back; what was lost may begin again. */
export const prospectStates = defineStates({
  name: 'prospect',
  initial: 'lead',
  moves: {
    qualify: { from: ['lead', 'proposal'], to: 'qualified' },
    propose: { from: ['lead', 'qualified'], to: 'proposal' },
    set_back: { from: ['qualified', 'proposal'], to: 'lead' },
    reopen: { from: ['lost'], to: 'lead' },
    win: { from: ['lead', 'qualified', 'proposal'], to: 'won' },
    lose: { from: ['lead', 'qualified', 'proposal'], to: 'lost' },
    merge: { from: ['lead', 'qualified', 'proposal', 'lost'], to: 'merged' },
  },
} as const);

export const lostReason = v.picklist(['price', 'timing', 'competitor', 'no_response', 'not_a_fit', 'other']);
const probability = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100));

export const prospect = v.object({
  id,
  name: v.string(),
  contact_name: v.nullable(v.string()),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  vertical,
  source: v.nullable(v.string()),
  /** What is expected of them in a year. */
  value: price,
  /** In percent: their own where somebody set one, else that of the stage. */
  probability,
  has_own_probability: v.boolean(),
  owner: v.nullable(v.object({ id, name: v.string() })),
  expected_close: v.nullable(v.string()),
  notes: v.nullable(v.string()),
  status: prospectStatus,
  /** Since when they are in this stage. */
  status_since: instant,
  lost_reason: v.nullable(lostReason),
  status_reason: v.nullable(v.string()),
  /** The prospect that goes on instead of this one. */
  merged_into: v.nullable(id),
  /** What they became. */
  merchant_org_id: v.nullable(id),
  merchant_id: v.nullable(id),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Prospect = v.InferOutput<typeof prospect>;

const details = {
  contact_name: optional(text(200)),
  email: optional(email),
  phone: optional(text(40)),
  vertical: v.optional(vertical),
  source: optional(text(80)),
  /** Expected of them in a year; 0 of the tenant's currency when left out. */
  value: v.optional(price),
  /** Instead of the stage's; null takes that again. */
  probability: optional(probability),
  owner_id: optional(id),
  expected_close: optional(calendarDate),
  notes: optional(text(4000)),
};

export const prospectCreateInput = v.strictObject({ name: text(200), ...details });
export const prospectUpdateInput = v.strictObject({ id, name: v.optional(text(200)), ...details });

/** To an open stage, or to `lost`, which needs a reason. Won is what is converted. */
export const prospectMoveInput = v.pipe(
  v.strictObject({
    id,
    status: v.picklist([...OPEN_STAGES, 'lost']),
    lost_reason: v.optional(lostReason),
    reason: optional(text(500)),
  }),
  v.forward(
    v.check(
      ({ status, lost_reason }) => (status === 'lost') === (lost_reason !== undefined),
      'says why a prospect is lost, and nothing else',
    ),
    ['lost_reason'],
  ),
);

export const prospectMergeInput = v.strictObject({ id, prospect_id: id });

/** Under a new MerchantOrg, named like the prospect unless told otherwise, or under one that exists. */
export const prospectConvertInput = v.strictObject({
  id,
  merchant_org_id: optional(id),
  merchant_org_name: optional(text(200)),
  merchant_name: optional(text(200)),
  currency: v.optional(currency),
  time_zone: v.optional(timeZone),
});
export const conversion = v.object({ prospect, merchant_org_id: id, merchant_id: id });

const filters = {
  owner_id: v.optional(id),
  source: v.optional(text(80)),
  vertical: v.optional(vertical),
  q: v.optional(text(200)),
};

/** `open`: in a stage that is worked on. Merged ones show when they are asked for by their status. */
export const prospectListInput = v.strictObject({
  ...listInput,
  ...filters,
  status: v.optional(prospectStatus),
  open: v.optional(v.boolean()),
  closes_before: v.optional(calendarDate),
  /** What they became. */
  merchant_org_id: v.optional(id),
  merchant_id: v.optional(id),
});
export const prospectList = listOf(prospect);

const total = v.object({ currency, value: v.number(), weighted: v.number() });
export const boardInput = v.strictObject(filters);
/** The stages and what is in each; of the closed ones what was closed in the last 90 days. At most 50 cards a stage. */
export const board = v.object({
  stages: v.array(
    v.object({ status: prospectStatus, count: v.number(), totals: v.array(total), cards: v.array(prospect) }),
  ),
});
export type Board = v.InferOutput<typeof board>;

export const duplicateKind = v.picklist(['prospect', 'merchant_org', 'merchant']);
/** `matches`: what is the same, spelling and punctuation apart. */
export const duplicate = v.object({
  kind: duplicateKind,
  id,
  name: v.string(),
  status: v.string(),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  matches: v.array(v.picklist(['name', 'email', 'phone'])),
});
export const duplicates = v.object({ data: v.array(duplicate) });
export type Duplicate = v.InferOutput<typeof duplicate>;
