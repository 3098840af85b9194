// API keys: one role each, at one scope, shown once and stored as a hash. Nobody makes a key, or takes one over by
// rotating it, that can do more than they. A rotated key stays the same to everybody but its holder: only its secret is
// new, and the one before works on for the hours that replacing it takes.
import { newApiKey } from '../../../tenants/credentials.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { enqueue } from '../../operations/jobs.ts';
import { findPlace, requireFuture } from '../../operations/may-grant.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { requireGivable } from '../role-assignment/operations.ts';
import { notifyOwners } from '../user/operations.ts';
import {
  insertApiKey,
  lockApiKey,
  markWarned,
  pageOfApiKeys,
  revokeApiKey,
  rotateApiKey,
  selectApiKey,
} from './queries.ts';
import {
  type ApiKey,
  apiKey,
  apiKeyCreateInput,
  apiKeyListInput,
  apiKeyList as apiKeyListSchema,
  apiKeyRotateInput,
  apiKeyWarned,
  apiKeyWarnInput,
  createdApiKey,
  DEFAULT_OVERLAP_HOURS,
} from './schemas.ts';

const DAY_MS = 86_400_000;
const WARNING_MS = 7 * DAY_MS;

function missing(field: string): () => DomainError {
  return () => new DomainError('invalid', `The ${field} does not exist.`, { errors: { [field]: ['does not exist'] } });
}

/** Whoever gets to know a key's secret must hold all that its role gives where it holds. @throws DomainError invalid, forbidden */
async function requireMayIssue(
  ctx: Context,
  key: Pick<ApiKey, 'role_id'> & {
    [field in 'merchant_org_id' | 'merchant_id' | 'expires_at']?: string | null | undefined;
  },
): Promise<void> {
  await requireGivable(ctx, key.role_id, await findPlace(ctx, key), key.expires_at ?? null);
}

/** A week before it ends; for a key that lives less than two, half-way there. */
async function planWarning(ctx: Context, { id, expires_at: end }: ApiKey): Promise<void> {
  if (end === null) return;
  const left = Date.parse(end) - ctx.now.getTime();
  const runAt = new Date(Date.parse(end) - Math.min(WARNING_MS, left / 2));
  await enqueue(ctx, 'api_key.warn', { id, expires_at: end }, { uniqueKey: `api_key.warn ${id} ${end}`, runAt });
}

export const apiKeyList = defineOperation({
  name: 'api_key.list',
  kind: 'read',
  risk: 'read',
  permission: 'api_key:read',
  resource: 'api_key',
  summary: 'List API keys, never their secrets',
  input: apiKeyListInput,
  output: apiKeyListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/api-keys' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'API keys');
    return pageOfApiKeys(ctx.tx, input);
  },
});

export const apiKeyGet = defineOperation({
  name: 'api_key.get',
  kind: 'read',
  risk: 'read',
  permission: 'api_key:read',
  resource: 'api_key',
  summary: 'Read an API key, never its secret',
  input: idInput,
  output: apiKey,
  http: { method: 'GET', path: '/api/api-keys/{id}' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, 'API keys');
    return orNotFound(await selectApiKey(ctx.tx, id));
  },
});

export const apiKeyCreate = defineOperation({
  name: 'api_key.create',
  kind: 'write',
  risk: 'credential',
  permission: 'api_key:create',
  resource: 'api_key',
  summary: 'Create an API key; the answer shows it this one time',
  input: apiKeyCreateInput,
  output: createdApiKey,
  http: { method: 'POST', path: '/api/api-keys', status: 201 },
  isAnswerSecret: true,
  describe: (input) => `Created API key ${input.name}`,
  onConstraint: {
    api_keys_role_exists: missing('role_id'),
    api_keys_merchant_org_exists: missing('merchant_org_id'),
    api_keys_merchant_exists: missing('merchant_id'),
  },
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'API keys');
    requireFuture(ctx, input.expires_at);
    await requireMayIssue(ctx, input);
    const { key, hash, prefix } = newApiKey();
    const created = await insertApiKey(ctx.tx, ctx.id, input, { hash, prefix });
    await planWarning(ctx, created);
    await notifyOwners(
      ctx,
      `API key ${input.name} was created`,
      `${ctx.actor.name} created the API key ${input.name} (${prefix}…).`,
    );
    return { ...created, key };
  },
});

export const apiKeyRotate = defineOperation({
  name: 'api_key.rotate',
  kind: 'write',
  risk: 'credential',
  permission: 'api_key:rotate',
  resource: 'api_key',
  summary: 'Give an API key a new secret, shown this one time; the old one works on for some hours',
  input: apiKeyRotateInput,
  output: createdApiKey,
  http: { method: 'POST', path: '/api/api-keys/{id}/rotate' },
  isAnswerSecret: true,
  describe: ({ overlap_hours: hours }) =>
    `Rotated an API key; the old secret works for ${hours ?? DEFAULT_OVERLAP_HOURS} more hours`,
  run: async (ctx, { id, overlap_hours: hours, expires_at: newEnd }) => {
    requireWholeTenant(ctx.scope, 'API keys');
    requireFuture(ctx, newEnd);
    const before = orNotFound(await lockApiKey(ctx.tx, id));
    if (ctx.call.expectedVersion !== undefined && ctx.call.expectedVersion !== before.version) {
      throw new DomainError('stale');
    }
    await requireMayIssue(ctx, { ...before, expires_at: newEnd ?? before.expires_at });
    if (before.state === 'revoked') {
      throw new DomainError('conflict', 'The key is revoked for good. Create a new one.');
    }
    if (before.state === 'expired' && !newEnd) {
      throw new DomainError('conflict', 'The key has expired. Rotate it with a new end.');
    }
    const { key, hash, prefix } = newApiKey();
    const rotated = await rotateApiKey(ctx.tx, id, { hash, prefix }, hours ?? DEFAULT_OVERLAP_HOURS, newEnd ?? null);
    if (newEnd) {
      await planWarning(ctx, rotated);
    }
    await notifyOwners(
      ctx,
      `API key ${rotated.name} was rotated`,
      `${ctx.actor.name} gave the API key ${rotated.name} a new secret (${prefix}…, before ${before.prefix}…).`,
    );
    return { ...rotated, key };
  },
});

export const apiKeyRevoke = defineOperation({
  name: 'api_key.revoke',
  kind: 'write',
  risk: 'credential',
  permission: 'api_key:revoke',
  resource: 'api_key',
  summary: 'Revoke an API key for good',
  input: idInput,
  output: apiKey,
  http: { method: 'DELETE', path: '/api/api-keys/{id}' },
  describe: () => 'Revoked an API key',
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, 'API keys');
    const revoked = await revokeApiKey(ctx.tx, id, ctx.call.expectedVersion);
    if (!revoked) {
      throw (await selectApiKey(ctx.tx, id)) ? new DomainError('stale') : notFound();
    }
    return revoked;
  },
});

export const apiKeyWarn = defineOperation({
  name: 'api_key.warn',
  kind: 'write',
  risk: 'write',
  permission: 'job:run',
  resource: 'api_key',
  summary: 'Tell the owners that an API key ends soon, once',
  input: apiKeyWarnInput,
  output: apiKeyWarned,
  closedDoors: { http: 'Queued with a key that has an end.', mcp: 'Queued with a key that has an end.' },
  describe: () => 'Looked whether an API key ends soon',
  run: async (ctx, { id, expires_at }) => {
    const ending = await markWarned(ctx.tx, id, expires_at);
    if (ending) {
      await notifyOwners(
        ctx,
        `API key ${ending.name} ends soon`,
        `The API key ${ending.name} (${ending.prefix}…) stops working at ${ending.expires_at}. Rotate it with a later end under Settings, API keys, or let it end.`,
      );
    }
    return { is_warned: ending !== null };
  },
});
