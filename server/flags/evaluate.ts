import { createHash } from 'node:crypto';
import type { Condition, EvaluationContext, FeatureFlag, Shares } from '../contexts/feature-flag/schemas.ts';

/** A flag as it is evaluated: its salt, and the variants that merchants have of their own. */
export type Flag = Pick<
  FeatureFlag,
  'key' | 'type' | 'variants' | 'rollout' | 'rules' | 'is_enabled' | 'off_variant'
> & {
  readonly salt: string;
  readonly version: number;
  readonly merchants: Readonly<Record<string, string>>;
};

export type Decision = {
  readonly variant: string;
  readonly reason: 'DISABLED' | 'TARGETING_MATCH' | 'SPLIT' | 'STATIC';
  readonly by: 'switch' | 'merchant' | 'rule' | 'rollout';
  /** Which rule, counted from 1. */
  readonly rule?: number;
  /** Where the targeting key falls, where shares decided. */
  readonly bucket?: number;
};

export const BUCKETS = 100_000;

/** Shares need a targeting key, and the context has none. */
export class NoTargetingKey extends Error {}

/** Always the same for one flag and key, and even over many keys. */
export function bucketOf(flag: Pick<Flag, 'key' | 'salt'>, targetingKey: string): number {
  const hash = createHash('sha256').update(`${flag.key}\n${flag.salt}\n${targetingKey}`).digest();
  return hash.readUIntBE(0, 6) % BUCKETS;
}

function attributeOf(context: EvaluationContext, path: string): unknown {
  if (Object.hasOwn(context, path)) return context[path];
  return path
    .split('.')
    .reduce<unknown>(
      (inner, name) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
          ? (inner as Record<string, unknown>)[name]
          : undefined,
      context,
    );
}

const tests: Record<
  Exclude<Condition['operator'], 'exists' | 'not_exists' | 'not_in'>,
  (given: string, value: string) => boolean
> = {
  in: (given, value) => given === value,
  starts_with: (given, value) => given.startsWith(value),
  ends_with: (given, value) => given.endsWith(value),
  contains: (given, value) => given.includes(value),
  greater_than: (given, value) => given.trim() !== '' && Number(given) > Number(value),
  less_than: (given, value) => given.trim() !== '' && Number(given) < Number(value),
};

function holds({ attribute, operator, values }: Condition, context: EvaluationContext): boolean {
  const found = attributeOf(context, attribute);
  const all = (Array.isArray(found) ? found : [found]).filter((each) => each !== undefined && each !== null);
  if (operator === 'exists') return all.length > 0;
  if (operator === 'not_exists') return all.length === 0;
  // What has members of its own is equal to no value, and cannot be compared.
  const given = all.filter((each) => typeof each !== 'object').map(String);
  if (operator === 'not_in') return !given.some((each) => values.includes(each));
  return given.some((each) => values.some((value) => tests[operator](each, value)));
}

/** @throws NoTargetingKey */
function share(flag: Flag, serve: Shares, context: EvaluationContext): { variant: string; bucket?: number } {
  const given = serve.filter(({ percent }) => percent > 0);
  if (given.length === 1) return { variant: given[0]!.variant };
  const { targetingKey } = context;
  if (typeof targetingKey !== 'string' || targetingKey === '') throw new NoTargetingKey();
  const bucket = bucketOf(flag, targetingKey);
  let end = 0;
  for (const { variant, percent } of given) {
    end += Math.round(percent * (BUCKETS / 100));
    if (bucket < end) return { variant, bucket };
  }
  return { variant: given.at(-1)!.variant, bucket };
}

/**
 * Which variant a context gets, and why. The switch goes before everything, then the merchant's own, then the rules.
 * @throws NoTargetingKey
 */
export function decide(flag: Flag, context: EvaluationContext): Decision {
  if (!flag.is_enabled) return { variant: flag.off_variant, reason: 'DISABLED', by: 'switch' };
  const { merchant_id } = context;
  if (typeof merchant_id === 'string' && Object.hasOwn(flag.merchants, merchant_id)) {
    return { variant: flag.merchants[merchant_id]!, reason: 'TARGETING_MATCH', by: 'merchant' };
  }
  const at = flag.rules.findIndex(({ conditions }) => conditions.every((each) => holds(each, context)));
  const serve = flag.rules[at]?.serve ?? flag.rollout;
  const shared = share(flag, serve, context);
  const where = at < 0 ? ({ by: 'rollout' } as const) : ({ by: 'rule', rule: at + 1 } as const);
  const unshared = at < 0 ? 'STATIC' : 'TARGETING_MATCH';
  return { ...shared, ...where, reason: shared.bucket === undefined ? unshared : 'SPLIT' };
}
