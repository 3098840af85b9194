// Erasure of personal data in the audit trail. Names, addresses, programs and what was written go; ids, actions and times
// stay, and the seal fits as before (docs/decisions/0022). What is not sealed yet waits for the seal.
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { enqueue } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { callErase, callRequestErasure, pageOfErasures, selectErasure } from './queries.ts';
import { type EraseInput, eraseInput, erasure, erasureListInput, erasureList as erasureListSchema } from './schemas.ts';

/** The address that somebody tried to sign in with stands in the trail under another name, which may stay. */
const isAddress = (resource: string | null | undefined) => resource?.includes('@') ?? false;

function checkSubject({ actor_id: actor, resource_type: type, resource_id: resource }: EraseInput): void {
  if (actor ? type || resource : !(type && resource)) {
    throw new DomainError('invalid', 'Name one actor, or one resource by its type and id.', {
      errors: actor
        ? { actor_id: ['must be left out when a resource is named'] }
        : { [type ? 'resource_id' : resource ? 'resource_type' : 'actor_id']: ['is required'] },
    });
  }
}

export const auditErase = defineOperation({
  name: 'audit.erase',
  kind: 'write',
  risk: 'destructive',
  permission: 'audit:erase',
  resource: 'audit_erasure',
  summary: 'Erase the personal data in the events of one actor or resource, for good',
  input: eraseInput,
  output: erasure,
  http: { method: 'POST', path: '/api/audit-erasures', status: 201 },
  describe: ({ actor_id: actor, resource_type: type, resource_id: resource, reason }) =>
    `Had personal data of ${actor ? `actor ${actor}` : `${type} ${isAddress(resource) ? 'of an address' : resource}`} erased: ${reason}`,
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Erasures');
    checkSubject(input);
    const { resource_id: given } = input;
    const named = given && isAddress(given) ? ctx.services.sealer.pseudonym(given.trim().toLowerCase()) : given;
    await callRequestErasure(ctx.tx, ctx.id, { ...input, resource_id: named });
    await enqueue(ctx, 'ledger.settle', {}, { uniqueKey: 'ledger.settle' });
    return orNotFound(await selectErasure(ctx.tx, ctx.id));
  },
});

export const erasureList = defineOperation({
  name: 'audit_erasure.list',
  kind: 'read',
  risk: 'read',
  permission: 'audit:read',
  resource: 'audit_erasure',
  summary: 'List erasures of personal data in the audit trail',
  input: erasureListInput,
  output: erasureListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/audit-erasures' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Erasures');
    return pageOfErasures(ctx.tx, input);
  },
});

export const erasureGet = defineOperation({
  name: 'audit_erasure.get',
  kind: 'read',
  risk: 'read',
  permission: 'audit:read',
  resource: 'audit_erasure',
  summary: 'Read how far an erasure is',
  input: idInput,
  output: erasure,
  http: { method: 'GET', path: '/api/audit-erasures/{id}' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, 'Erasures');
    return orNotFound(await selectErasure(ctx.tx, id));
  },
});

/** Carries out erasures as far as their events are sealed, each step in a transaction of its own. */
export async function eraseWhatIsSealed(ctx: Context): Promise<void> {
  for (let hasMore = true; hasMore; ) hasMore = (await callErase(ctx.tx)).has_more;
}
