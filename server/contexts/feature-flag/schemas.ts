import * as v from 'valibot';
import { id, idInput, instant, listInput, listOf, optional, text, version } from '../../operations/schemas.ts';

// What a flag is. Browser-safe: the portal's forms are made from it.

export const flagType = v.picklist(['boolean', 'string', 'number', 'object']);
export type FlagType = v.InferOutput<typeof flagType>;

export const flagKey = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z][A-Za-z0-9._-]{0,99}$/,
    'must begin with a letter and have at most 100 letters, digits, dots, dashes and underscores',
  ),
);

const variantName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 'must have 1 to 50 letters, digits, dots, dashes and underscores'),
);

const MAXIMUM_VALUE = 8_192;

/** A number beyond all numbers would be written as null. */
function requireFinite(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError();
  return value;
}

/** What Postgres can keep as JSON. */
function isStorable(value: unknown): boolean {
  try {
    const written = JSON.stringify(value, requireFinite);
    return written.length <= MAXIMUM_VALUE && !/\\u0000|\\ud[89a-f]/i.test(written);
  } catch {
    return false;
  }
}

export const variant = v.strictObject({
  name: variantName,
  value: v.pipe(v.unknown(), v.check(isStorable, 'must be valid JSON of at most 8,192 characters')),
});
export type Variant = v.InferOutput<typeof variant>;

/** In steps of a thousandth: what a bucket is. */
const percent = v.pipe(
  v.number(),
  v.minValue(0, 'must be from 0 to 100'),
  v.maxValue(100, 'must be from 0 to 100'),
  v.check((value) => Number.isInteger(Math.round(value * 1e6) / 1e3), 'must have at most three decimals'),
);

/** Who gets what: one variant for everybody, or shares of everybody. Shares fill the buckets in their order. */
export const shares = v.pipe(
  v.array(v.strictObject({ variant: variantName, percent })),
  v.minLength(1, 'must name a variant'),
  v.maxLength(20, 'must name at most 20 variants'),
  v.check((all) => new Set(all.map((each) => each.variant)).size === all.length, 'must name each variant once'),
  v.check(
    (all) => Math.round(all.reduce((sum, each) => sum + each.percent, 0) * 1000) === 100_000,
    'must add up to 100',
  ),
);
export type Shares = v.InferOutput<typeof shares>;

export const OPERATORS = {
  in: 'is one of',
  not_in: 'is none of',
  starts_with: 'starts with',
  ends_with: 'ends with',
  contains: 'contains',
  greater_than: 'is greater than',
  less_than: 'is less than',
  exists: 'is given',
  not_exists: 'is not given',
} as const;
export type Operator = keyof typeof OPERATORS;

const UNARY: readonly Operator[] = ['exists', 'not_exists'];
const NUMERIC: readonly Operator[] = ['greater_than', 'less_than'];
const operator = v.picklist(Object.keys(OPERATORS) as [Operator, ...Operator[]]);

/** Holds when the attribute of the context fits one of the values (`not_in`: none). */
export const condition = v.pipe(
  v.strictObject({
    attribute: text(100),
    operator,
    values: v.pipe(v.array(text(500, 0)), v.maxLength(200, 'must have at most 200 values')),
  }),
  v.check(
    ({ operator: by, values }) => UNARY.includes(by) === (values.length === 0),
    'needs values, unless it asks whether something is given',
  ),
  v.check(
    ({ operator: by, values }) =>
      !NUMERIC.includes(by) || values.every((each) => each.trim() !== '' && Number.isFinite(Number(each))),
    'can be compared with numbers only',
  ),
);
export type Condition = v.InferOutput<typeof condition>;

/** All conditions have to hold. The first rule that does decides. */
export const rule = v.strictObject({
  name: optional(text(100)),
  conditions: v.pipe(
    v.array(condition),
    v.minLength(1, 'must have a condition'),
    v.maxLength(10, 'must have at most 10 conditions'),
  ),
  serve: shares,
});
export type Rule = v.InferOutput<typeof rule>;

export const featureFlag = v.object({
  id,
  key: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  type: flagType,
  variants: v.array(v.object({ name: v.string(), value: v.unknown() })),
  /** Who gets what when no rule decides. */
  rollout: v.array(v.object({ variant: v.string(), percent: v.number() })),
  rules: v.array(rule),
  is_enabled: v.boolean(),
  /** What everybody gets while it is switched off. */
  off_variant: v.string(),
  is_built_in: v.boolean(),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type FeatureFlag = v.InferOutput<typeof featureFlag>;

const variants = v.pipe(
  v.array(variant),
  v.minLength(1, 'must have a variant'),
  v.maxLength(20, 'must have at most 20 variants'),
);
const rules = v.pipe(v.array(rule), v.maxLength(20, 'must have at most 20 rules'));

export const featureFlagCreateInput = v.strictObject({
  key: flagKey,
  name: text(200),
  description: optional(text(1_000)),
  type: flagType,
  variants,
  rollout: shares,
  rules: v.optional(rules),
  off_variant: variantName,
  is_enabled: v.optional(v.boolean()),
});
export const featureFlagUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  description: optional(text(1_000)),
  variants: v.optional(variants),
  rollout: v.optional(shares),
  rules: v.optional(rules),
  off_variant: v.optional(variantName),
  is_enabled: v.optional(v.boolean()),
});
export type FeatureFlagUpdate = v.InferOutput<typeof featureFlagUpdateInput>;

export const featureFlagListInput = v.strictObject({
  ...listInput,
  q: v.optional(text(200)),
  archived: v.optional(v.boolean()),
});
export const featureFlagList = listOf(featureFlag);

/** What a flag was changed to and by whom, newest first. */
export const featureFlagHistory = v.object({
  data: v.array(
    v.object({
      event_id: id,
      recorded_at: instant,
      actor_name: v.string(),
      summary: v.nullable(v.string()),
      before: v.nullable(v.record(v.string(), v.unknown())),
      after: v.nullable(v.record(v.string(), v.unknown())),
    }),
  ),
});
export type FeatureFlagChange = v.InferOutput<typeof featureFlagHistory>['data'][number];
export const featureFlagHistoryInput = idInput;
/** Of a change in the history: the flag is to be as it was after that. */
export const featureFlagRevertInput = v.strictObject({ id, event_id: id });

/** What going back brings back. The switch is not part of it: nothing is turned on by the way. */
export const CONTENT = ['name', 'description', 'variants', 'rollout', 'rules', 'off_variant'] as const;

/** As OpenFeature has it: `targetingKey` is whom percentages go by, `merchant_id` whose own variants count. */
export const evaluationContext = v.record(v.string(), v.unknown());
export type EvaluationContext = v.InferOutput<typeof evaluationContext>;

export const evaluateInput = v.strictObject({
  key: text(100),
  context: v.optional(evaluationContext),
});
export const evaluateAllInput = v.strictObject({ context: v.optional(evaluationContext) });

/** `metadata` explains: `decided_by`, the number of the rule, and the bucket of 100,000 where shares decided. */
export const evaluation = v.object({
  key: v.string(),
  value: v.unknown(),
  variant: v.string(),
  reason: v.string(),
  metadata: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
});
export type Evaluation = v.InferOutput<typeof evaluation>;
export const evaluationFailure = v.object({ key: v.string(), error_code: v.string(), error_details: v.string() });
export type EvaluationFailure = v.InferOutput<typeof evaluationFailure>;
export const evaluations = v.object({ flags: v.array(v.union([evaluation, evaluationFailure])) });

/** A merchant that has a variant of its own. */
export const featureFlagOverride = v.object({
  id,
  merchant_id: id,
  merchant_name: v.string(),
  variant: v.string(),
  updated_at: instant,
});
export type FeatureFlagOverride = v.InferOutput<typeof featureFlagOverride>;
export const featureFlagOverridesInput = v.strictObject({ id, ...listInput });
export const featureFlagOverrides = listOf(featureFlagOverride);

export const DECIDERS = ['switch', 'merchant', 'rule', 'rollout'] as const;

export const merchantFlag = v.object({
  key: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  variants: v.array(v.string()),
  /** The variant that the merchant has of its own; null when it has what the rules give. */
  own: v.nullable(v.string()),
  /** What it gets, and what decides that. */
  variant: v.string(),
  value: v.unknown(),
  decided_by: v.picklist(DECIDERS),
});
export type MerchantFlag = v.InferOutput<typeof merchantFlag>;
export const merchantFlagList = v.object({ data: v.array(merchantFlag) });
export const merchantFlagListInput = idInput;
/** A variant of null takes the merchant's own back. */
export const merchantFlagSetInput = v.strictObject({ id, key: text(100), variant: v.nullable(text(50)) });
