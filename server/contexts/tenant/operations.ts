// The tenant as its own staff see it: name, legal entity, locale, time zone, default currency. Its place in the
// catalog (slug, cluster, status) belongs to provisioning and never changes here.
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { unknownCurrency } from '../account/operations.ts';
import { selectTenant, updateTenant } from './queries.ts';
import { type Tenant, tenant, tenantListInput, tenantList as tenantListSchema, tenantUpdateInput } from './schemas.ts';

async function currentTenant(ctx: Context): Promise<Tenant> {
  return { ...(await selectTenant(ctx.tx)), status: ctx.tenant.status };
}

export const tenantList = defineOperation({
  name: 'tenant.list',
  kind: 'read',
  risk: 'read',
  permission: 'tenant:read',
  resource: 'tenant',
  summary: "List tenants: the caller's own",
  input: tenantListInput,
  output: tenantListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/tenants' },
  run: async (ctx) => ({ data: [await currentTenant(ctx)], next_cursor: null }),
});

export const tenantGet = defineOperation({
  name: 'tenant.get',
  kind: 'read',
  risk: 'read',
  permission: 'tenant:read',
  resource: 'tenant',
  summary: 'Read the tenant and its settings',
  input: empty,
  output: tenant,
  http: { method: 'GET', path: '/api/tenants/current' },
  run: currentTenant,
});

export const tenantUpdate = defineOperation({
  name: 'tenant.update',
  kind: 'write',
  risk: 'write',
  permission: 'tenant:update',
  resource: 'tenant',
  summary: "Change the tenant's settings",
  input: tenantUpdateInput,
  output: tenant,
  http: { method: 'PATCH', path: '/api/tenants/current' },
  describe: () => 'Changed the settings',
  onConstraint: { tenant_currency_exists: unknownCurrency },
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'The settings of the tenant');
    const updated = await updateTenant(ctx.tx, input, ctx.call.expectedVersion);
    if (!updated) {
      throw new DomainError('stale');
    }
    return { ...updated, status: ctx.tenant.status };
  },
});
