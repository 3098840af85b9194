// Words for the values of the wire.

const SPECIAL: Record<string, string> = {
  ai_agent: 'AI agent',
  merchant_org: 'MerchantOrg',
  api_key: 'API key',
  sso: 'Single sign-on',
  sso_connection: 'SSO connection',
  mcp: 'MCP',
  api: 'API',
  page: 'Portal',
};

/** `beauty_and_wellness` → "Beauty and wellness". */
export function humanize(value: string): string {
  const special = SPECIAL[value];
  if (special) return special;
  const words = value.replace(/[_-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `merchant_org.create` → "MerchantOrg · create". */
export function actionLabel(action: string): string {
  const [subject = action, ...verb] = action.split('.');
  return verb.length === 0 ? humanize(subject) : `${humanize(subject)} · ${verb.join(' ').replaceAll('_', ' ')}`;
}

/** `role_assignment:delete` → "Role assignment: delete". */
export function permissionLabel(permission: string): string {
  const [resource = '', action = ''] = permission.split(':');
  return `${humanize(resource)}: ${humanize(action).toLowerCase()}`;
}

/** Who did it, and as whom: what is done while viewing as somebody is the viewer's doing. */
export function doerOf({ actor_name, impersonator }: Doing): string {
  return impersonator ? `${impersonator.name ?? impersonator.id} as ${actor_name}` : actor_name;
}

type Doing = { actor_name: string; impersonator: Record<string, unknown> | null };

/** The page that shows a resource, where there is one. */
export function resourcePath(type: string | null, id: string | null): string | null {
  if (!type || !id) return null;
  const folder = RESOURCE_PAGES[type];
  return folder ? `/${folder}/${id}` : null;
}

const RESOURCE_PAGES: Record<string, string> = {
  sso_connection: 'settings/single-sign-on',
  merchant_org: 'merchant-orgs',
  merchant: 'merchants',
  merchant_transfer: 'merchant-transfers',
  prospect: 'prospects',
  import: 'imports',
  transaction: 'transactions',
  payout: 'payouts',
  account: 'accounts',
  statement: 'reconciliation',
  alert: 'audit/alerts',
  alert_rule: 'audit/rules',
  audit_event: 'audit',
  impersonation: 'support-access',
  api_key: 'settings/api-keys',
  user: 'team',
  role: 'team/roles',
};
