// Settings: what holds for a merchant, a MerchantOrg or the tenant, and where that comes from. The more particular wins.
import { requireWholeTenant } from '../../operations/actor.ts';
import { orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { findMerchant } from '../merchant/operations.ts';
import { findMerchantOrg } from '../merchant-org/operations.ts';
import { type Owner, putSetting, type SetRow, selectSet } from './queries.ts';
import {
  partySettingUpdateInput,
  SETTING_KEYS,
  SETTINGS,
  type Setting,
  type SettingKey,
  type SettingLevel,
  type SettingValues,
  settingList,
  settingUpdateInput,
} from './schemas.ts';

const TENANT: Owner = { merchantOrgId: null, merchantId: null };

function levelOf({ merchantOrgId, merchantId }: Owner): SettingLevel {
  if (merchantId !== null) return 'merchant';
  return merchantOrgId === null ? 'tenant' : 'merchant_org';
}

/** The last that is set holds: rows come from the general to the particular. */
function effective(key: SettingKey, set: readonly SetRow[], level: SettingLevel): Setting {
  const found = set.filter((row) => row.key === key);
  const last = found.at(-1);
  const own = found.find((row) => row.level === level);
  return {
    key,
    label: SETTINGS[key].label,
    value: last ? last.value : SETTINGS[key].fallback,
    origin: last ? last.level : 'default',
    own: own ? own.value : null,
  };
}

async function settingsOf(ctx: Context, owner: Owner): Promise<{ data: Setting[] }> {
  const set = await selectSet(ctx.tx, owner);
  return { data: SETTING_KEYS.map((key) => effective(key, set, levelOf(owner))) };
}

/** What holds for a merchant, for the code that acts by it. */
export async function effectiveSettings(
  ctx: Context,
  merchant: { readonly id: string; readonly merchant_org_id: string },
): Promise<SettingValues> {
  const { data } = await settingsOf(ctx, { merchantOrgId: merchant.merchant_org_id, merchantId: merchant.id });
  return Object.fromEntries(data.map(({ key, value }) => [key, value])) as SettingValues;
}

async function change(ctx: Context, owner: Owner, values: Readonly<Record<string, unknown>>) {
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) await putSetting(ctx.tx, owner, key, value);
  }
  return settingsOf(ctx, owner);
}

async function merchantOwner(ctx: Context, id: string): Promise<Owner> {
  const merchant = orNotFound(await findMerchant(ctx, id));
  return { merchantOrgId: merchant.merchant_org_id, merchantId: merchant.id };
}

async function merchantOrgOwner(ctx: Context, id: string): Promise<Owner> {
  return { merchantOrgId: orNotFound(await findMerchantOrg(ctx, id)).id, merchantId: null };
}

export const tenantSettings = defineOperation({
  name: 'tenant.settings',
  kind: 'read',
  risk: 'read',
  permission: 'tenant:read',
  resource: 'tenant',
  summary: 'Read what is set for the whole tenant, and where each value comes from',
  input: empty,
  output: settingList,
  http: { method: 'GET', path: '/api/tenants/current/settings' },
  run: (ctx) => settingsOf(ctx, TENANT),
});

export const tenantSettingsUpdate = defineOperation({
  name: 'tenant.change_settings',
  kind: 'write',
  risk: 'write',
  permission: 'tenant:update',
  resource: 'tenant',
  summary: 'Set values for the whole tenant; null takes one back',
  input: settingUpdateInput,
  output: settingList,
  http: { method: 'PATCH', path: '/api/tenants/current/settings' },
  describe: ({ values }) => `Changed the settings ${Object.keys(values).join(', ')}`,
  run: (ctx, { values }) => {
    requireWholeTenant(ctx.scope, 'The settings of the tenant');
    return change(ctx, TENANT, values);
  },
});

export const merchantOrgSettings = defineOperation({
  name: 'merchant_org.settings',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_org:read',
  resource: 'merchant_org',
  summary: 'Read what holds for a MerchantOrg, and where each value comes from',
  input: idInput,
  output: settingList,
  http: { method: 'GET', path: '/api/merchant-orgs/{id}/settings' },
  run: async (ctx, { id }) => settingsOf(ctx, await merchantOrgOwner(ctx, id)),
});

export const merchantOrgSettingsUpdate = defineOperation({
  name: 'merchant_org.change_settings',
  kind: 'write',
  risk: 'write',
  permission: 'merchant_org:update',
  resource: 'merchant_org',
  summary: 'Set values for a MerchantOrg and its merchants; null takes one back',
  input: partySettingUpdateInput,
  output: settingList,
  http: { method: 'PATCH', path: '/api/merchant-orgs/{id}/settings' },
  describe: ({ values }) => `Changed the settings ${Object.keys(values).join(', ')} of a MerchantOrg`,
  run: async (ctx, { id, values }) => change(ctx, await merchantOrgOwner(ctx, id), values),
});

export const merchantSettings = defineOperation({
  name: 'merchant.settings',
  kind: 'read',
  risk: 'read',
  permission: 'merchant:read',
  resource: 'merchant',
  summary: 'Read what holds for a merchant, and where each value comes from',
  input: idInput,
  output: settingList,
  http: { method: 'GET', path: '/api/merchants/{id}/settings' },
  run: async (ctx, { id }) => settingsOf(ctx, await merchantOwner(ctx, id)),
});

export const merchantSettingsUpdate = defineOperation({
  name: 'merchant.change_settings',
  kind: 'write',
  risk: 'write',
  permission: 'merchant:update',
  resource: 'merchant',
  summary: 'Set values for a merchant; null takes one back',
  input: partySettingUpdateInput,
  output: settingList,
  http: { method: 'PATCH', path: '/api/merchants/{id}/settings' },
  describe: ({ values }) => `Changed the settings ${Object.keys(values).join(', ')} of a merchant`,
  run: async (ctx, { id, values }) => change(ctx, await merchantOwner(ctx, id), values),
});
