// Settings: set for the tenant, a MerchantOrg or a merchant; what is nearest holds. Who may read or change a party may
// read or change its settings.
import { requireWholeTenant, scopeOf } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import {
  type StoredSetting,
  selectOwners,
  selectSettings,
  selectSettingsOfMerchant,
  storeSettings,
} from './queries.ts';
import {
  type EffectiveSettings,
  knownSetting,
  merchantOrgSettingsUpdate,
  merchantSettingsUpdate,
  partySettingsInput,
  SETTINGS,
  type Setting,
  type SettingLevel,
  settingLevel,
  settingList,
  settingsAt,
  tenantSettingsInput,
  tenantSettingsUpdate,
} from './schemas.ts';

/** The nearest value of a key at or above a level; the code's own when nobody set it. */
function nearest(rows: readonly StoredSetting[], key: string, fallback: unknown, upTo: number): Setting['inherited'] {
  for (const level of settingLevel.options.slice(0, upTo + 1).reverse()) {
    const row = rows.find((each) => each.level === level && each.key === key);
    if (row) return { value: row.value, origin: level };
  }
  return { value: fallback, origin: 'default' };
}

/** Some settings are the platform's to make, wherever they are set. */
function maySet(ctx: Context, key: string): boolean {
  const { setBy } = knownSetting(key);
  return setBy === undefined || scopeOf(ctx.actor, setBy)?.all === true;
}

async function settingsOf(ctx: Context, level: SettingLevel, ownerId: string): Promise<{ data: Setting[] }> {
  const rows = await selectSettings(ctx.tx, orNotFound(await selectOwners(ctx.tx, ctx.scope, level, ownerId)));
  const depth = settingLevel.options.indexOf(level);
  const data = settingsAt(level).map(([key, { default: fallback, label, help }]) => {
    const inherited = nearest(rows, key, fallback, depth - 1);
    const { value, origin } = nearest(rows, key, fallback, depth);
    return {
      key,
      label,
      help,
      value,
      origin,
      own: origin === level ? value : null,
      inherited,
      is_settable: maySet(ctx, key),
    };
  });
  return { data };
}

async function setAt(ctx: Context, level: SettingLevel, ownerId: string, values: Record<string, unknown>) {
  orNotFound(await selectOwners(ctx.tx, ctx.scope, level, ownerId));
  const refused = Object.keys(values).find((key) => !maySet(ctx, key));
  if (refused !== undefined) {
    throw new DomainError('forbidden', `“${knownSetting(refused).label}” is set by staff of the whole tenant.`);
  }
  await storeSettings(ctx.tx, level, ownerId, values);
  return settingsOf(ctx, level, ownerId);
}

/** What holds for a merchant, for whatever is done on its behalf; the caller has made sure that it may be done. */
export async function effectiveSettings(ctx: Context, merchantId: string): Promise<EffectiveSettings> {
  const rows = await selectSettingsOfMerchant(ctx.tx, merchantId);
  const depth = settingLevel.options.length - 1;
  const values = Object.entries(SETTINGS).map(([key, known]) => [key, nearest(rows, key, known.default, depth).value]);
  return Object.fromEntries(values);
}

export const tenantSettingsRead = defineOperation({
  name: 'tenant_setting.list',
  kind: 'read',
  risk: 'read',
  permission: 'tenant:read',
  resource: 'tenant',
  summary: 'Read what the tenant sets for its MerchantOrgs and merchants',
  input: tenantSettingsInput,
  output: settingList,
  http: { method: 'GET', path: '/api/tenants/current/settings' },
  run: (ctx) => settingsOf(ctx, 'tenant', ctx.tenant.id),
});

export const merchantOrgSettingsRead = defineOperation({
  name: 'merchant_org_setting.list',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_org:read',
  resource: 'merchant_org',
  summary: 'Read what holds for a MerchantOrg, and where each value comes from',
  input: partySettingsInput,
  output: settingList,
  http: { method: 'GET', path: '/api/merchant-orgs/{id}/settings' },
  run: (ctx, { id }) => settingsOf(ctx, 'merchant_org', id),
});

export const merchantSettingsRead = defineOperation({
  name: 'merchant_setting.list',
  kind: 'read',
  risk: 'read',
  permission: 'merchant:read',
  resource: 'merchant',
  summary: 'Read what holds for a merchant, and where each value comes from',
  input: partySettingsInput,
  output: settingList,
  http: { method: 'GET', path: '/api/merchants/{id}/settings' },
  run: (ctx, { id }) => settingsOf(ctx, 'merchant', id),
});

export const tenantSettingsChange = defineOperation({
  name: 'tenant_setting.update',
  kind: 'write',
  risk: 'write',
  permission: 'tenant:update',
  resource: 'tenant',
  summary: 'Set or clear what the tenant sets for its MerchantOrgs and merchants',
  input: tenantSettingsUpdate,
  output: settingList,
  http: { method: 'PATCH', path: '/api/tenants/current/settings' },
  describe: ({ values }) => described(values, 'of the tenant'),
  run: (ctx, { values }) => {
    requireWholeTenant(ctx.scope, 'The settings of the tenant');
    return setAt(ctx, 'tenant', ctx.tenant.id, values);
  },
});

export const merchantOrgSettingsChange = defineOperation({
  name: 'merchant_org_setting.update',
  kind: 'write',
  risk: 'write',
  permission: 'merchant_org:update',
  resource: 'merchant_org',
  summary: 'Set or clear settings of a MerchantOrg',
  input: merchantOrgSettingsUpdate,
  output: settingList,
  http: { method: 'PATCH', path: '/api/merchant-orgs/{id}/settings' },
  describe: ({ values }) => described(values, 'of a MerchantOrg'),
  run: (ctx, { id, values }) => setAt(ctx, 'merchant_org', id, values),
});

export const merchantSettingsChange = defineOperation({
  name: 'merchant_setting.update',
  kind: 'write',
  risk: 'write',
  permission: 'merchant:update',
  resource: 'merchant',
  summary: 'Set or clear settings of a merchant',
  input: merchantSettingsUpdate,
  output: settingList,
  http: { method: 'PATCH', path: '/api/merchants/{id}/settings' },
  describe: ({ values }) => described(values, 'of a merchant'),
  run: (ctx, { id, values }) => setAt(ctx, 'merchant', id, values),
});

function described(values: object, whose: string): string {
  const labels = Object.keys(values).map((key) => knownSetting(key).label.toLowerCase());
  return labels.length === 0 ? `Changed no setting ${whose}` : `Changed settings ${whose}: ${labels.join(', ')}`;
}
