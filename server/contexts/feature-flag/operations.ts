// Feature flags: what the tenant switches and rolls out, what a merchant has instead, and who gets what (OpenFeature).

import { ErrorCode, OpenFeatureError } from '@openfeature/core';
import * as v from 'valibot';
import { FlagProvider } from '../../flags/provider.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { defineArchiving } from '../../operations/archiving.ts';
import { DomainError, type FieldErrors, notFound, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { id, idInput } from '../../operations/schemas.ts';
import { findMerchant } from '../merchant/operations.ts';
import {
  insertFlag,
  lockFlag,
  lockFlagByKey,
  pageOfFlags,
  pageOfOverrides,
  selectFlag,
  selectFlagSet,
  selectHeldVariants,
  selectHistory,
  selectMerchantFlags,
  selectVersionOfAll,
  storeOverride,
  updateFlag,
} from './queries.ts';
import {
  CONTENT,
  type DECIDERS,
  type Evaluation,
  type EvaluationContext,
  type EvaluationFailure,
  evaluateAllInput,
  evaluateInput,
  evaluation,
  evaluations,
  type FeatureFlag,
  type FeatureFlagUpdate,
  type FlagType,
  featureFlag,
  featureFlagCreateInput,
  featureFlagHistory,
  featureFlagHistoryInput,
  featureFlagListInput,
  featureFlagList as featureFlagListSchema,
  featureFlagOverridesInput,
  featureFlagOverrides as featureFlagOverridesSchema,
  featureFlagRevertInput,
  featureFlagUpdateInput,
  type MerchantFlag,
  merchantFlagListInput,
  merchantFlagList as merchantFlagListSchema,
  merchantFlagSetInput,
} from './schemas.ts';

const WHAT = 'Feature flags';

const OF_TYPE: Record<FlagType, [string, (value: unknown) => boolean]> = {
  boolean: ['must be true or false', (value) => typeof value === 'boolean'],
  string: ['must be text', (value) => typeof value === 'string'],
  number: ['must be a number', (value) => typeof value === 'number'],
  object: ['must be an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)],
};

type Served = Pick<FeatureFlag, 'type' | 'variants' | 'rollout' | 'rules' | 'off_variant'>;

/** What the fields of a flag, taken together, have wrong. */
function contradictionsIn(flag: Served): FieldErrors {
  const errors: FieldErrors = {};
  const names = flag.variants.map(({ name }) => name);
  const [words, fits] = OF_TYPE[flag.type];
  const needsVariant = (path: string, name: string) => {
    if (!names.includes(name)) errors[path] = ['is not one of the variants'];
  };
  flag.variants.forEach(({ name, value }, at) => {
    if (!fits(value)) errors[`variants.${at}.value`] = [words];
    if (names.indexOf(name) !== at) errors[`variants.${at}.name`] = ['is there twice'];
  });
  needsVariant('off_variant', flag.off_variant);
  flag.rollout.forEach(({ variant }, at) => {
    needsVariant(`rollout.${at}.variant`, variant);
  });
  flag.rules.forEach(({ serve }, rule) => {
    serve.forEach(({ variant }, at) => {
      needsVariant(`rules.${rule}.serve.${at}.variant`, variant);
    });
  });
  return errors;
}

function refuse(errors: FieldErrors): void {
  const [first] = Object.entries(errors);
  if (first) throw new DomainError('invalid', `${first[0]} ${first[1][0]}.`, { errors });
}

export const featureFlagList = defineOperation({
  name: 'feature_flag.list',
  kind: 'read',
  risk: 'read',
  permission: 'feature_flag:read',
  resource: 'feature_flag',
  summary: 'List feature flags',
  input: featureFlagListInput,
  output: featureFlagListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/feature-flags' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    return pageOfFlags(ctx.tx, input);
  },
});

export const featureFlagGet = defineOperation({
  name: 'feature_flag.get',
  kind: 'read',
  risk: 'read',
  permission: 'feature_flag:read',
  resource: 'feature_flag',
  summary: 'Read a feature flag',
  input: idInput,
  output: featureFlag,
  http: { method: 'GET', path: '/api/feature-flags/{id}' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, WHAT);
    return orNotFound(await selectFlag(ctx.tx, id));
  },
});

export const featureFlagHistoryRead = defineOperation({
  name: 'feature_flag.history',
  kind: 'read',
  risk: 'read',
  permission: 'feature_flag:read',
  resource: 'feature_flag',
  summary: 'Read what a feature flag was changed to, when and by whom',
  input: featureFlagHistoryInput,
  output: featureFlagHistory,
  http: { method: 'GET', path: '/api/feature-flags/{id}/history' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, WHAT);
    orNotFound(await selectFlag(ctx.tx, id));
    return { data: [...(await selectHistory(ctx.tx, id))] };
  },
});

export const featureFlagOverrides = defineOperation({
  name: 'feature_flag.overrides',
  kind: 'read',
  risk: 'read',
  permission: 'feature_flag:read',
  resource: 'feature_flag',
  summary: 'List the merchants that have a variant of a feature flag of their own',
  input: featureFlagOverridesInput,
  output: featureFlagOverridesSchema,
  isList: true,
  http: { method: 'GET', path: '/api/feature-flags/{id}/overrides' },
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    orNotFound(await selectFlag(ctx.tx, input.id));
    return pageOfOverrides(ctx.tx, input);
  },
});

export const featureFlagCreate = defineOperation({
  name: 'feature_flag.create',
  kind: 'write',
  risk: 'write',
  permission: 'feature_flag:create',
  resource: 'feature_flag',
  summary: 'Create a feature flag',
  input: featureFlagCreateInput,
  output: featureFlag,
  http: { method: 'POST', path: '/api/feature-flags', status: 201 },
  describe: ({ key }) => `Created the feature flag ${key}`,
  onConstraint: {
    feature_flags_key: () =>
      new DomainError('conflict', 'Another flag has this key.', { errors: { key: ['is taken by another flag'] } }),
  },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    refuse(contradictionsIn({ rules: [], ...input }));
    return insertFlag(ctx.tx, ctx.id, input);
  },
});

/** A flag that is held, changed to what fits together and takes no merchant's own variant away. */
async function changeFlag(ctx: Context, before: FeatureFlag, change: FeatureFlagUpdate): Promise<FeatureFlag> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after: FeatureFlag = { ...before, ...given };
  refuse(contradictionsIn(after));
  const held = await selectHeldVariants(ctx.tx, change.id);
  const lost = held.find((name) => after.variants.every((variant) => variant.name !== name));
  if (lost) refuse({ variants: [`must keep ${lost}: merchants have it of their own`] });
  const updated = await updateFlag(ctx.tx, change, ctx.call.expectedVersion);
  if (!updated) throw whyUnchanged(before);
  return updated;
}

export const featureFlagUpdate = defineOperation({
  name: 'feature_flag.update',
  kind: 'write',
  risk: 'write',
  permission: 'feature_flag:update',
  resource: 'feature_flag',
  summary: 'Change a feature flag, or switch it on or off',
  input: featureFlagUpdateInput,
  output: featureFlag,
  http: { method: 'PATCH', path: '/api/feature-flags/{id}' },
  describe: ({ is_enabled }) =>
    is_enabled === undefined ? 'Changed a feature flag' : `Switched a feature flag ${is_enabled ? 'on' : 'off'}`,
  run: async (ctx, change) => {
    requireWholeTenant(ctx.scope, WHAT);
    return changeFlag(ctx, orNotFound(await lockFlag(ctx.tx, change.id)), change);
  },
});

/** The fields of a flag as they were after one of its changes: what came later is taken off, the latest first. */
async function contentAfter(ctx: Context, flag: FeatureFlag, eventId: string): Promise<Partial<FeatureFlag>> {
  const history = await selectHistory(ctx.tx, flag.id);
  const at = history.findIndex((change) => change.event_id === eventId);
  if (at < 0) throw notFound();
  const later = history.slice(0, at);
  if (later.some(({ before }) => before === null)) {
    throw new DomainError('conflict', 'What the flag was then is not known any more.');
  }
  const taken: Record<string, unknown> = Object.assign({}, flag, ...later.map(({ before }) => before));
  return Object.fromEntries(CONTENT.map((name) => [name, taken[name]]));
}

export const featureFlagRevert = defineOperation({
  name: 'feature_flag.revert',
  kind: 'write',
  risk: 'write',
  permission: 'feature_flag:update',
  resource: 'feature_flag',
  summary: 'Take a feature flag back to what it was after an earlier change; its switch stays as it is',
  input: featureFlagRevertInput,
  output: featureFlag,
  http: { method: 'POST', path: '/api/feature-flags/{id}/revert' },
  describe: () => 'Took a feature flag back to an earlier version',
  run: async (ctx, { id, event_id: eventId }) => {
    requireWholeTenant(ctx.scope, WHAT);
    const flag = orNotFound(await lockFlag(ctx.tx, id));
    return changeFlag(ctx, flag, { id, ...(await contentAfter(ctx, flag, eventId)) });
  },
});

export const { archive: featureFlagArchive, restore: featureFlagRestore } = defineArchiving({
  resource: 'feature_flag',
  table: 'feature_flags',
  path: '/api/feature-flags/{id}',
  output: featureFlag,
  onConstraint: {
    feature_flags_built_in_stays: () =>
      new DomainError('conflict', 'The product itself asks for this flag. Switch it off instead.'),
  },
  visible: () => null,
  require: (ctx) => requireWholeTenant(ctx.scope, WHAT),
  select: (tx, _scope, id) => selectFlag(tx, id),
});

/** The tenant's flags as they are now: remembered by the home, and read again when any of them changed. */
async function providerOf(ctx: Context): Promise<FlagProvider> {
  const memory = ctx.services.flags;
  const version = await selectVersionOfAll(ctx.tx);
  if (memory.remembered?.version !== version) {
    const set = await selectFlagSet(ctx.tx);
    memory.remembered = { version: set.version, provider: new FlagProvider(set.flags) };
  }
  return memory.remembered.provider;
}

/** What a merchant has of its own is told to those alone who may know that merchant. */
async function requireMerchantInScope(ctx: Context, { merchant_id }: EvaluationContext): Promise<void> {
  if (ctx.scope.all || merchant_id === undefined) return;
  if (v.is(id, merchant_id) && (await findMerchant(ctx, merchant_id))) return;
  const errors = { 'context.merchant_id': ['is no merchant that you may see'] };
  throw new DomainError('invalid', 'merchant_id is no merchant that you may see.', { errors });
}

/** @throws OpenFeatureError */
async function evaluated(provider: FlagProvider, key: string, context: EvaluationContext): Promise<Evaluation> {
  const { value, variant = '', reason = 'UNKNOWN', flagMetadata = {} } = await provider.resolve(key, context);
  return { key, value, variant, reason, metadata: { ...flagMetadata } };
}

export const featureFlagEvaluate = defineOperation({
  name: 'feature_flag.evaluate',
  kind: 'read',
  risk: 'read',
  permission: 'feature_flag:evaluate',
  resource: 'feature_flag',
  summary: 'Evaluate a feature flag for a context, with the reason',
  input: evaluateInput,
  output: evaluation,
  closedDoors: {
    http: 'OFREP is its door: /ofrep/v1/evaluate/flags/{key}.',
    mcp: 'Programs evaluate flags, through OFREP.',
  },
  run: async (ctx, { key, context = {} }) => {
    await requireMerchantInScope(ctx, context);
    try {
      return await evaluated(await providerOf(ctx), key, context);
    } catch (error) {
      if (!(error instanceof OpenFeatureError)) throw error;
      if (error.code === ErrorCode.FLAG_NOT_FOUND) throw notFound();
      throw new DomainError('invalid', error.message, { errors: { 'context.targetingKey': ['is required'] } });
    }
  },
});

export const featureFlagEvaluateAll = defineOperation({
  name: 'feature_flag.evaluate_all',
  kind: 'read',
  risk: 'read',
  permission: 'feature_flag:evaluate',
  resource: 'feature_flag',
  summary: 'Evaluate every feature flag in use for a context',
  input: evaluateAllInput,
  output: evaluations,
  closedDoors: { http: 'OFREP is its door: /ofrep/v1/evaluate/flags.', mcp: 'Programs evaluate flags, through OFREP.' },
  run: async (ctx, { context = {} }) => {
    await requireMerchantInScope(ctx, context);
    const provider = await providerOf(ctx);
    const one = (key: string) =>
      evaluated(provider, key, context).catch((error): EvaluationFailure => {
        if (!(error instanceof OpenFeatureError)) throw error;
        return { key, error_code: error.code, error_details: error.message };
      });
    return { flags: await Promise.all([...provider.flags.keys()].map(one)) };
  },
});

/** A merchant counts as its own targeting key, so that percentages are percentages of merchants. */
async function flagsOf(ctx: Context, provider: FlagProvider, merchantId: string): Promise<MerchantFlag[]> {
  const context = { targetingKey: merchantId, merchant_id: merchantId };
  const rows = await selectMerchantFlags(ctx.tx, merchantId);
  const known = rows.filter(({ key }) => provider.flags.has(key));
  return Promise.all(
    known.map(async (row) => {
      const { value, variant, metadata } = await evaluated(provider, row.key, context);
      const variants = provider.flags.get(row.key)!.variants.map(({ name }) => name);
      return { ...row, variants, value, variant, decided_by: metadata.decided_by as (typeof DECIDERS)[number] };
    }),
  );
}

export const merchantFlagList = defineOperation({
  name: 'merchant_flag.list',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_flag:read',
  resource: 'merchant',
  summary: 'Read which variant of each feature flag a merchant gets, and what decides that',
  input: merchantFlagListInput,
  output: merchantFlagListSchema,
  http: { method: 'GET', path: '/api/merchants/{id}/flags' },
  run: async (ctx, { id }) => {
    orNotFound(await findMerchant(ctx, id));
    return { data: await flagsOf(ctx, await providerOf(ctx), id) };
  },
});

export const merchantFlagSet = defineOperation({
  name: 'merchant_flag.set',
  kind: 'write',
  risk: 'write',
  permission: 'merchant_flag:set',
  resource: 'merchant',
  summary: 'Give a merchant a variant of a feature flag of its own, or take it back',
  input: merchantFlagSetInput,
  output: merchantFlagListSchema,
  http: { method: 'PATCH', path: '/api/merchants/{id}/flags' },
  describe: ({ key, variant }) =>
    variant === null ? `Took back a merchant's own variant of ${key}` : `Gave a merchant ${variant} of ${key}`,
  run: async (ctx, { id, key, variant }) => {
    orNotFound(await findMerchant(ctx, id));
    const flag = await lockFlagByKey(ctx.tx, key);
    if (!flag) refuse({ key: ['is no flag in use'] });
    else if (variant !== null && flag.variants.every(({ name }) => name !== variant)) {
      refuse({ variant: ['is not one of the variants'] });
    } else await storeOverride(ctx.tx, flag.id, id, variant);
    // Read inside the transaction, and not remembered: it may yet be rolled back.
    return { data: await flagsOf(ctx, new FlagProvider((await selectFlagSet(ctx.tx)).flags), id) };
  },
});
