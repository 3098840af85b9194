// Trying a flag out: what a context gets, and why.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { featureFlagEvaluate } from '../server/contexts/feature-flag/operations.ts';
import type { Evaluation, FeatureFlag } from '../server/contexts/feature-flag/schemas.ts';

export type Trial = {
  values: { targetingKey: string; merchant_id: string; attributes: string };
  result: Evaluation | null;
  problem: string | null;
};

/** `tier = gold`, one a line; text counts as text, as it does for conditions. */
function readAttributes(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.trim());
  const pairs = lines.filter(Boolean).map((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

/** From the address, so that a trial can be shared; nothing was tried when it says nothing. */
export async function tryFlag(context: AppLoadContext, flag: FeatureFlag, search: URLSearchParams): Promise<Trial> {
  const field = (name: string) => (search.get(name) ?? '').trim().slice(0, 2000);
  const values = {
    targetingKey: field('targetingKey'),
    merchant_id: field('merchant_id'),
    attributes: field('attributes'),
  };
  const isAsked = search.has('targetingKey') && !flag.archived_at && context.can('feature_flag:evaluate');
  if (!isAsked) return { values, result: null, problem: null };
  const { targetingKey, merchant_id, attributes } = values;
  const given = { ...(targetingKey ? { targetingKey } : {}), ...(merchant_id ? { merchant_id } : {}) };
  const input = { key: flag.key, context: { ...readAttributes(attributes), ...given } };
  const answer = await context.submit(featureFlagEvaluate, input);
  return 'problem' in answer
    ? { values, result: null, problem: answer.problem.detail }
    : { values, result: answer.data, problem: null };
}
