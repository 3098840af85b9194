import {
  FlagNotFoundError,
  type FlagValue,
  type JsonValue,
  type ResolutionDetails,
  TargetingKeyMissingError,
  TypeMismatchError,
} from '@openfeature/core';
import type { Provider } from '@openfeature/server-sdk';
import type { EvaluationContext, FlagType } from '../contexts/feature-flag/schemas.ts';
import { decide, type Flag, NoTargetingKey } from './evaluate.ts';

/**
 * One tenant's flags as a provider of OpenFeature. The product asks it directly: the SDK's own API object is one for
 * the whole process, and a process serves many tenants.
 */
export class FlagProvider implements Provider {
  readonly metadata = { name: 'scp-feature-flags' };
  readonly runsOn = 'server';
  readonly flags: ReadonlyMap<string, Flag>;

  constructor(flags: readonly Flag[]) {
    this.flags = new Map(flags.map((flag) => [flag.key, flag]));
  }

  #resolve<T extends FlagValue>(key: string, type: FlagType, context: EvaluationContext): ResolutionDetails<T> {
    const flag = this.flags.get(key);
    if (!flag) throw new FlagNotFoundError('No flag in use has this key.');
    if (flag.type !== type) throw new TypeMismatchError(`The values of this flag are of type ${flag.type}.`);
    try {
      const { variant, reason, by, rule, bucket } = decide(flag, context);
      const value = flag.variants.find(({ name }) => name === variant)?.value as T;
      const explained = { ...(rule === undefined ? {} : { rule }), ...(bucket === undefined ? {} : { bucket }) };
      return { value, variant, reason, flagMetadata: { decided_by: by, ...explained, version: flag.version } };
    } catch (error) {
      if (!(error instanceof NoTargetingKey)) throw error;
      throw new TargetingKeyMissingError('The shares of this flag need a targetingKey in the context.');
    }
  }

  async resolveBooleanEvaluation(key: string, _default: boolean, context: EvaluationContext) {
    return this.#resolve<boolean>(key, 'boolean', context);
  }

  async resolveStringEvaluation(key: string, _default: string, context: EvaluationContext) {
    return this.#resolve<string>(key, 'string', context);
  }

  async resolveNumberEvaluation(key: string, _default: number, context: EvaluationContext) {
    return this.#resolve<number>(key, 'number', context);
  }

  async resolveObjectEvaluation<T extends JsonValue>(key: string, _default: T, context: EvaluationContext) {
    return this.#resolve<T>(key, 'object', context);
  }

  /** Of whatever type the flag is. */
  async resolve(key: string, context: EvaluationContext): Promise<ResolutionDetails<FlagValue>> {
    return this.#resolve(key, this.flags.get(key)?.type ?? 'boolean', context);
  }
}

/** What a home remembers of its flags, and the version that it is of. */
export type FlagMemory = { remembered: { readonly version: number; readonly provider: FlagProvider } | null };
