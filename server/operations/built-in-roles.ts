/** What a merchant works with. */
const WORKSPACE = [
  'location',
  'provider',
  'service',
  'service_category',
  'package',
  'end_customer',
  'appointment',
  'customer_invoice',
  'customer_payment',
];

/**
 * What the built-in roles may do, as patterns over the permissions of the registry: a new operation falls to the
 * roles whose pattern it fits, and the role editor can never miss one.
 */
const patterns: Readonly<Record<string, readonly string[]>> = {
  owner: ['*:*'],
  admin: ['*:*'],
  finance: [
    '*:read',
    'account:*',
    'book:*',
    'period:*',
    'transaction:*',
    'ledger:*',
    'reconciliation:*',
    'payout:*',
    'customer_invoice:*',
    'customer_payment:*',
  ],
  sales: [
    'tenant:read',
    'merchant_org:*',
    'merchant:*',
    'onboarding:read',
    'onboarding:accept_terms',
    'prospect:*',
    'feature_flag:read',
    'merchant_flag:*',
    'import:*',
    'user:read',
    'role:read',
    'role_assignment:read',
    'job:read',
    ...WORKSPACE.map((resource) => `${resource}:read`),
  ],
  support: [
    'tenant:read',
    'merchant_org:read',
    'merchant:read',
    'merchant:update',
    'merchant:suspend',
    'onboarding:read',
    'feature_flag:read',
    'merchant_flag:*',
    'user:read',
    'user:impersonate',
    'impersonation:read',
    'role:read',
    'role_assignment:read',
    'account:read',
    'transaction:read',
    'job:read',
    ...WORKSPACE.map((resource) => `${resource}:read`),
    'end_customer:update',
    'appointment:book',
  ],
  auditor: ['*:read'],
  merchant_manager: [
    'merchant_org:read',
    'merchant:read',
    'merchant:update',
    'onboarding:read',
    'onboarding:accept_terms',
    'merchant_flag:read',
    'account:read',
    'transaction:read',
    'ledger:read',
    'payout:read',
    'period:read',
    'role:read',
    'role_assignment:*',
    'user:read',
    'user:invite',
    'user:update',
    'user:disable',
    'user:remove',
    'impersonation:read',
    'import:*',
    ...WORKSPACE.map((resource) => `${resource}:*`),
  ],
  merchant_staff: [
    'merchant:read',
    'impersonation:read',
    'import:*',
    ...WORKSPACE.map((resource) => `${resource}:read`),
    'end_customer:*',
    'appointment:*',
    'customer_invoice:create',
    'customer_payment:take',
  ],
  ai_agent: [
    'merchant_org:read',
    'merchant:read',
    'account:read',
    'transaction:read',
    'ledger:read',
    'feature_flag:evaluate',
  ],
};

function fits(pattern: string, permission: string): boolean {
  const [resource, action] = pattern.split(':');
  const [wantedResource, wantedAction] = permission.split(':');
  return (resource === '*' || resource === wantedResource) && (action === '*' || action === wantedAction);
}

/** The permissions of a role: by pattern for a built-in one, as listed for a custom one. */
export function permissionsOfRole(
  role: { key: string | null; permissions: readonly string[] },
  known: readonly string[],
): string[] {
  if (role.key === null) {
    return role.permissions.filter((permission) => known.includes(permission));
  }
  const allowed = patterns[role.key] ?? [];
  return known.filter((permission) => allowed.some((pattern) => fits(pattern, permission)));
}
