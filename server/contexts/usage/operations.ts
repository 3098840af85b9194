// What a tenant uses of the platform, day by day, and its quotas. Homes count API calls and worker time in memory and
// bring them here in batches (server/usage.ts); the limits are set by whoever operates the platform, never by the tenant.
import * as v from 'valibot';
import { requireWholeTenant } from '../../operations/actor.ts';
import { defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { countUsage, pageOfUsage, selectStanding } from './queries.ts';
import { quotaList as quotaListSchema, stateOf, usageListInput, usageList as usageListSchema } from './schemas.ts';

export { countUsage, type UsageReport } from './queries.ts';

export const usageList = defineOperation({
  name: 'usage.list',
  kind: 'read',
  risk: 'read',
  permission: 'usage:read',
  resource: 'usage',
  summary: 'List what the tenant used, by day and measure',
  input: usageListInput,
  output: usageListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/usage' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Figures of usage');
    return pageOfUsage(ctx.tx, input);
  },
});

export const quotaList = defineOperation({
  name: 'quota.list',
  kind: 'read',
  risk: 'read',
  permission: 'usage:read',
  resource: 'quota',
  summary: 'Read what the tenant uses now, and how much of it it may use',
  input: empty,
  output: quotaListSchema,
  isReport: true,
  http: { method: 'GET', path: '/api/quotas' },
  run: async (ctx) => {
    requireWholeTenant(ctx.scope, 'Quotas');
    // What is told is what the quotas are held against.
    await ctx.services.usage.flush();
    const rows = await selectStanding(ctx.tx);
    return { data: rows.map((row) => ({ ...row, state: stateOf(row) })) };
  },
});

/** Changes nothing of record, so it leaves no audit event. */
export const usageMeasure = defineOperation({
  name: 'usage.measure',
  kind: 'read',
  risk: 'read',
  permission: 'job:run',
  resource: 'usage',
  summary: 'Measure what the tenant uses, also while nobody calls',
  input: empty,
  output: v.object({}),
  closedDoors: { http: 'Runs every hour by itself.', mcp: 'Runs every hour by itself.' },
  run: async (ctx) => {
    await countUsage(ctx.tx, 0, 0);
    return {};
  },
});
