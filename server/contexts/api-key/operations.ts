// API keys: one role each, at one scope, shown once and stored as a hash. Nobody makes a key that can do more than they.
import { newApiKey } from '../../../tenants/credentials.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, notFound } from '../../operations/errors.ts';
import { findPlace, requireFuture } from '../../operations/may-grant.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { requireGivable } from '../role-assignment/operations.ts';
import { notifyOwners } from '../user/operations.ts';
import { insertApiKey, pageOfApiKeys, revokeApiKey, selectApiKey } from './queries.ts';
import {
  apiKey,
  apiKeyCreateInput,
  apiKeyListInput,
  apiKeyList as apiKeyListSchema,
  createdApiKey,
} from './schemas.ts';

function missing(field: string): () => DomainError {
  return () => new DomainError('invalid', `The ${field} does not exist.`, { errors: { [field]: ['does not exist'] } });
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
    api_keys_one_scope: () =>
      new DomainError('invalid', 'A key holds at one scope.', {
        errors: { merchant_id: ['must be left out when merchant_org_id is given'] },
      }),
  },
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'API keys');
    requireFuture(ctx, input.expires_at);
    await requireGivable(ctx, input.role_id, await findPlace(ctx, input));
    const { key, hash, prefix } = newApiKey();
    const created = await insertApiKey(ctx.tx, ctx.id, input, { hash, prefix });
    await notifyOwners(
      ctx,
      `API key ${input.name} was created`,
      `${ctx.actor.name} created the API key ${input.name} (${prefix}…).`,
    );
    return { ...created, key };
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
