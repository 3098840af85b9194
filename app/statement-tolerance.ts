import type { AppLoadContext } from '@remix-run/server-runtime';
import type { Problem } from '../server/operations/errors.ts';
import type { FormValues } from './forms.ts';
import { parseBalance, typedProblem } from './reconciliation.ts';

/** By how much amounts may differ, in minor units, or why that cannot be read. */
export function readTolerance(
  values: FormValues,
  currency: string,
  context: AppLoadContext,
): { amount: number } | { problem: Problem } {
  const parsed = parseBalance(values['rules.tolerance'] ?? '', currency, context.tenant.locale);
  if ('error' in parsed) return { problem: typedProblem({ 'rules.tolerance': [parsed.error] }, context.requestId) };
  return { amount: parsed.amount ?? 0 };
}
