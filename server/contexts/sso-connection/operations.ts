// Connections to the tenant's OpenID providers. Through one, its provider says who of some e-mail domains comes in and with
// which roles: so nobody sets one up who may do less than those who could come through it, and owners are told.
import { countKeys, discover, ProviderError } from '../../auth/oidc.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { requireMayGrant, WHOLE_TENANT } from '../../operations/may-grant.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { permissionsGivenBy } from '../role/operations.ts';
import { requireAuthorityOver } from '../role-assignment/operations.ts';
import { notifyOwners } from '../user/operations.ts';
import {
  type ConnectionRow,
  deleteConnection,
  deleteIdentities,
  insertConnection,
  pageOfConnections,
  replaceMappings,
  selectConnection,
  selectPasswordBan,
  selectRolesOfDomains,
  updateConnection,
} from './queries.ts';
import {
  type SsoConnection,
  type SsoConnectionCreate,
  type SsoConnectionTested,
  type SsoConnectionUpdate,
  ssoConnection,
  ssoConnectionCreateInput,
  ssoConnectionListInput,
  ssoConnectionList as ssoConnectionListSchema,
  ssoConnectionTested,
  ssoConnectionTestInput,
  ssoConnectionUpdateInput,
  ssoUnlinked,
} from './schemas.ts';

const WHAT = 'Single sign-on connections';

/** What the provider has to know as the redirect URI of its client, on the host that is asked. */
export function redirectUriOf(ctx: Context): string {
  return `${ctx.call.origin ?? ''}/sso/callback`;
}

/** Whose secret is sealed. */
export function secretSubject(connectionId: string): string {
  return `sso ${connectionId}`;
}

function shown(ctx: Context, row: ConnectionRow): SsoConnection {
  return { ...row, redirect_uri: redirectUriOf(ctx) };
}

function fieldProblem(field: string, message: string): DomainError {
  return new DomainError('invalid', undefined, { errors: { [field]: [message] } });
}

const onConstraint = {
  sso_connections_name_unique: () => new DomainError('conflict', 'There is another connection of this name.'),
  sso_role_mappings_role_exists: () => fieldProblem('role_mappings', 'names a role that does not exist'),
  sso_role_mappings_merchant_org_exists: () => fieldProblem('role_mappings', 'names a MerchantOrg that does not exist'),
  sso_role_mappings_merchant_exists: () => fieldProblem('role_mappings', 'names a merchant that does not exist'),
  sso_role_mappings_one_scope: () => fieldProblem('role_mappings', 'must name a MerchantOrg or a merchant, not both'),
};

/** The answer for the form field that names a provider. @throws DomainError invalid */
async function requireUsable(ctx: Context, issuer: string): Promise<void> {
  await discover(ctx.services.outbound, issuer).catch((error: unknown) => {
    throw error instanceof ProviderError ? fieldProblem('issuer', error.message) : error;
  });
}

/** @throws DomainError invalid for an address that is not asked from here */
function requirePermitted(ctx: Context, issuer: string | undefined): void {
  const refusal = issuer === undefined ? null : ctx.services.outbound.refusal(issuer);
  if (refusal) throw fieldProblem('issuer', refusal);
}

/**
 * Whoever sets a connection up decides who may come in as its people: they must be able to do all that those can.
 * @throws DomainError forbidden
 */
async function requireNoEscalation(ctx: Context, { role_mappings, default_role, email_domains }: ConnectionRow) {
  const mapped = [...role_mappings, ...(default_role ? [default_role] : [])].map(({ role_id: roleId }) => roleId);
  const reached = new Set([...mapped, ...(await selectRolesOfDomains(ctx.tx, email_domains))]);
  for (const roleId of reached) {
    requireMayGrant(ctx, (await permissionsGivenBy(ctx, roleId)) ?? [], WHOLE_TENANT, null);
  }
}

async function writeMappings(ctx: Context, id: string, input: SsoConnectionCreate | SsoConnectionUpdate) {
  if (input.role_mappings) await replaceMappings(ctx.tx, id, input.role_mappings, false);
  if (input.default_role !== undefined) {
    await replaceMappings(ctx.tx, id, input.default_role ? [input.default_role] : [], true);
  }
}

async function tellOwners(ctx: Context, name: string, what: string): Promise<void> {
  await notifyOwners(
    ctx,
    `Single sign-on through ${name} was ${what}`,
    `${ctx.actor.name} has ${what} the single sign-on connection ${name}. It decides who may sign in and with which roles.\n\nIf you did not expect this, look at it: ${ctx.call.origin ?? ''}/settings/single-sign-on`,
  );
}

export const ssoConnectionList = defineOperation({
  name: 'sso_connection.list',
  kind: 'read',
  risk: 'read',
  permission: 'sso_connection:read',
  resource: 'sso_connection',
  summary: 'List single sign-on connections, never their secrets',
  input: ssoConnectionListInput,
  output: ssoConnectionListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/sso-connections' },
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    const { data, next_cursor } = await pageOfConnections(ctx.tx, input);
    return { data: data.map((row) => shown(ctx, row)), next_cursor };
  },
});

export const ssoConnectionGet = defineOperation({
  name: 'sso_connection.get',
  kind: 'read',
  risk: 'read',
  permission: 'sso_connection:read',
  resource: 'sso_connection',
  summary: 'Read a single sign-on connection, never its secret',
  input: idInput,
  output: ssoConnection,
  http: { method: 'GET', path: '/api/sso-connections/{id}' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, WHAT);
    return shown(ctx, orNotFound(await selectConnection(ctx.tx, id)));
  },
});

export const ssoConnectionCreate = defineOperation({
  name: 'sso_connection.create',
  kind: 'external',
  risk: 'credential',
  permission: 'sso_connection:create',
  resource: 'sso_connection',
  summary: 'Create a single sign-on connection; an enabled one is checked with its provider',
  input: ssoConnectionCreateInput,
  output: ssoConnection,
  http: { method: 'POST', path: '/api/sso-connections', status: 201 },
  onConstraint,
  describe: ({ name }) => `Created the single sign-on connection ${name}`,
  outside: async (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    requirePermitted(ctx, input.issuer);
    if (input.is_enabled) await requireUsable(ctx, input.issuer);
    const { client_secret: secret } = input;
    return { sealed: secret ? await ctx.services.sealer.seal(secretSubject(ctx.id), secret) : null };
  },
  run: async (ctx, input, { sealed }) => {
    await insertConnection(ctx.tx, ctx.id, input, sealed);
    await writeMappings(ctx, ctx.id, input);
    const created = orNotFound(await selectConnection(ctx.tx, ctx.id));
    await requireNoEscalation(ctx, created);
    await tellOwners(ctx, created.name, 'created');
    return shown(ctx, created);
  },
});

export const ssoConnectionUpdate = defineOperation({
  name: 'sso_connection.update',
  kind: 'external',
  risk: 'credential',
  permission: 'sso_connection:update',
  resource: 'sso_connection',
  summary: 'Change a single sign-on connection, or turn it on or off',
  input: ssoConnectionUpdateInput,
  output: ssoConnection,
  http: { method: 'PATCH', path: '/api/sso-connections/{id}' },
  onConstraint,
  describe: () => 'Changed a single sign-on connection',
  outside: async (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    const before = orNotFound(await selectConnection(ctx.tx, input.id));
    requirePermitted(ctx, input.issuer);
    if (
      input.issuer &&
      input.issuer !== before.issuer &&
      before.has_client_secret &&
      input.client_secret === undefined
    ) {
      // The secret was given to be shown to one provider, and to no other.
      throw fieldProblem('client_secret', 'must be given anew for another issuer');
    }
    const after = { ...before, ...(input.issuer ? { issuer: input.issuer } : {}) };
    const isEnabled = input.is_enabled ?? before.is_enabled;
    if (isEnabled && (!before.is_enabled || after.issuer !== before.issuer)) await requireUsable(ctx, after.issuer);
    const { client_secret: secret } = input;
    return { sealed: secret ? await ctx.services.sealer.seal(secretSubject(input.id), secret) : secret };
  },
  run: async (ctx, input, { sealed }) => {
    const before = orNotFound(await selectConnection(ctx.tx, input.id));
    await requireNoEscalation(ctx, before);
    if (!(await updateConnection(ctx.tx, input, sealed, ctx.call.expectedVersion))) throw new DomainError('stale');
    await writeMappings(ctx, input.id, input);
    const updated = orNotFound(await selectConnection(ctx.tx, input.id));
    await requireNoEscalation(ctx, updated);
    await tellOwners(ctx, updated.name, 'changed');
    return shown(ctx, updated);
  },
});

export const ssoConnectionDelete = defineOperation({
  name: 'sso_connection.delete',
  kind: 'write',
  risk: 'credential',
  permission: 'sso_connection:delete',
  resource: 'sso_connection',
  summary: 'Delete a single sign-on connection with all roles that it gave; the people stay',
  input: idInput,
  output: ssoConnection,
  http: { method: 'DELETE', path: '/api/sso-connections/{id}' },
  describe: () => 'Deleted a single sign-on connection',
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, WHAT);
    const found = orNotFound(await selectConnection(ctx.tx, id));
    if (!(await deleteConnection(ctx.tx, id, ctx.call.expectedVersion))) throw new DomainError('stale');
    await tellOwners(ctx, found.name, 'deleted');
    return shown(ctx, found);
  },
});

export const ssoConnectionTest = defineOperation({
  name: 'sso_connection.test',
  kind: 'external',
  risk: 'credential',
  permission: 'sso_connection:test',
  resource: 'sso_connection',
  summary: 'Look whether a provider can be used: its configuration and its keys',
  input: ssoConnectionTestInput,
  output: ssoConnectionTested,
  http: { method: 'POST', path: '/api/sso-connection-tests' },
  describe: () => 'Looked whether a provider can be used for single sign-on',
  outside: async (ctx, { issuer }) => {
    requireWholeTenant(ctx.scope, WHAT);
    requirePermitted(ctx, issuer);
    return { tested: await tryProvider(ctx, issuer) };
  },
  run: async (_ctx, _input, { tested }) => tested,
});

export const ssoConnectionUnlink = defineOperation({
  name: 'sso_connection.unlink',
  kind: 'write',
  risk: 'credential',
  permission: 'sso_connection:unlink',
  resource: 'user',
  summary: 'End the links of somebody to their accounts at providers; the next verified sign-in links anew',
  input: idInput,
  output: ssoUnlinked,
  http: { method: 'POST', path: '/api/users/{id}/sso-unlink' },
  closedDoors: { mcp: 'A person has to make sure who asks for it.' },
  describe: () => "Ended somebody's links to accounts at providers",
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, WHAT);
    await requireAuthorityOver(ctx, id);
    return { unlinked: orNotFound(await deleteIdentities(ctx.tx, id)) };
  },
});

async function tryProvider(ctx: Context, issuer: string): Promise<SsoConnectionTested> {
  const { outbound } = ctx.services;
  try {
    const provider = await discover(outbound, issuer);
    return {
      is_usable: true,
      problem: null,
      authorization_endpoint: provider.authorization_endpoint,
      token_endpoint: provider.token_endpoint,
      signing_algorithms: provider.id_token_signing_alg_values_supported,
      keys: await countKeys(outbound, provider),
    };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const nothing = { authorization_endpoint: null, token_endpoint: null, signing_algorithms: [], keys: 0 };
    return { is_usable: false, problem: error.message, ...nothing };
  }
}

/** The connection that passwords of an address give way to, and whether an owner has the address; null when there is none. */
export function passwordBan(ctx: Context, email: string) {
  return selectPasswordBan(ctx.tx, email);
}
