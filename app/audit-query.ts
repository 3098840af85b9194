import type * as v from 'valibot';
import type { auditListInput } from '../server/contexts/audit/schemas.ts';
import { nextDay, startOfDay } from './dates.ts';
import { addressValues } from './list-query.ts';

type Input = v.InferOutput<typeof auditListInput>;

const FILTERS = [
  ...['q', 'actor_type', 'actor_id', 'action', 'resource_type', 'resource_id', 'merchant_id', 'address', 'outcome'],
  ...['from', 'to'],
];

/**
 * The audit log's filters. The page asks for days, `to` included, in the tenant's zone; the operation for instants, so
 * `apiFilters` are what a download of the same list takes.
 */
export function auditQuery(request: Request, timeZone: string) {
  const values = addressValues(request, [...FILTERS, 'sort', 'cursor']);
  const { from, to, cursor, sort, ...rest } = values;
  const apiFilters: Record<string, string> = {
    ...rest,
    ...(from ? { from: startOfDay(from, timeZone) ?? from } : {}),
    ...(to ? { to: startOfDay(nextDay(to), timeZone) ?? to } : {}),
  };
  const input = { ...apiFilters, ...(sort ? { sort } : {}), ...(cursor ? { cursor } : {}), limit: 50 } as Input;
  // What is worth keeping under a name: what is looked for, not when.
  return { values, apiFilters, kept: rest, input };
}
