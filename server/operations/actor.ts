import { DomainError } from './errors.ts';

/** Where a permission holds: everywhere, or for the named MerchantOrgs (with their merchants) and merchants. */
export type Scope = {
  readonly all: boolean;
  readonly merchant_org_ids: readonly string[];
  readonly merchant_ids: readonly string[];
};

/** A permission and where it holds. They stay paired: two roles at two scopes never add up to more than each gives. */
export type Grant = {
  readonly permission: string;
  readonly scope: Scope;
  /** When it ends by itself, RFC 3339. */
  readonly until?: string;
};

export type Identity = { readonly type: string; readonly id: string; readonly name: string };

/** The person behind whoever is viewed as, and under which impersonation they look. */
export type Impersonator = Identity & { readonly impersonation_id: string };

/** What a session carries while somebody views as another, and after it is over until they leave. */
export type Impersonation = {
  readonly id: string;
  readonly user: { readonly id: string; readonly name: string; readonly email: string };
  readonly reason: string;
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly isSteppedUp: boolean;
  /** It has ended. The session is nobody's until its owner leaves, so that nothing meant for the one is done by the other. */
  readonly isOver: boolean;
  readonly endedBecause: string | null;
};

/** Who acts, and for whom. */
export type Actor = Identity & {
  readonly type: 'end_customer' | 'staff' | 'ai_agent' | 'system';
  readonly grants: readonly Grant[];
  readonly email?: string;
  readonly sessionId?: string;
  /** A role asks for a second factor that this person has not set up: until then nothing else is granted. */
  readonly mustEnrol?: boolean;
  /** The tenant's access_state when the rights were read: a unit of work holds only while nothing was taken since. */
  readonly accessVersion?: number;
  readonly impersonator?: Impersonator;
  readonly impersonation?: Impersonation;
  readonly delegator?: Identity;
};

const EVERYWHERE: Scope = { all: true, merchant_org_ids: [], merchant_ids: [] };

/** The product itself: jobs and provisioning. */
export function systemActor(id: string, name: string = id): Actor {
  return { type: 'system', id, name, grants: [{ permission: '*', scope: EVERYWHERE }] };
}

/** Work that is done later is the doing of whoever ordered it, whoever acted as them; who carries it out is the delegate. */
export function inTheNameOf(
  { grants, type, id, name }: Actor,
  who: Identity & { readonly impersonator?: Impersonator | undefined },
): Actor {
  const { impersonator } = who;
  return {
    ...{ grants, type: who.type as Actor['type'], id: who.id, name: who.name, delegator: { type, id, name } },
    ...(impersonator ? { impersonator } : {}),
  };
}

/** Somebody at an open door, before they have said who they are. */
export const anonymous: Actor = { type: 'system', id: 'anonymous', name: 'Not signed in', grants: [] };

/** The scope in which an actor holds a permission; null when nowhere. An operation open to all has no permission. */
export function scopeOf(actor: Actor, permission: string | null): Scope | null {
  if (permission === null) {
    return EVERYWHERE;
  }
  const scopes = actor.grants
    .filter((grant) => grant.permission === permission || grant.permission === '*')
    .map((grant) => grant.scope);
  return scopes.length === 0 ? null : union(scopes);
}

function union(scopes: readonly Scope[]): Scope {
  if (scopes.some((scope) => scope.all)) {
    return EVERYWHERE;
  }
  return {
    all: false,
    merchant_org_ids: [...new Set(scopes.flatMap((scope) => scope.merchant_org_ids))],
    merchant_ids: [...new Set(scopes.flatMap((scope) => scope.merchant_ids))],
  };
}

/** The places that all of somebody's rights are at; null for those who have one in the whole tenant, or none at all. */
export function placesOf({ grants }: Actor): Scope | null {
  const scope = union(grants.map((grant) => grant.scope));
  return grants.length > 0 && !scope.all ? scope : null;
}

/** For what concerns a person's own account. @throws DomainError unauthenticated */
export function requirePerson(actor: Actor): Actor & { readonly sessionId: string } {
  if (!actor.sessionId) {
    throw new DomainError('unauthenticated', 'This is for people who are signed in.');
  }
  return { ...actor, sessionId: actor.sessionId };
}

/** Reads of one's own account show a key that it has none. @throws DomainError unauthenticated */
export function requireSomebody(actor: Actor): Actor {
  if (actor.id === anonymous.id) {
    throw new DomainError('unauthenticated', 'This is for people who are signed in.');
  }
  return actor;
}

/** For what has no narrower scope. @throws DomainError forbidden */
export function requireWholeTenant(scope: Scope, what: string): void {
  if (!scope.all) {
    throw new DomainError('forbidden', `${what} are open to staff of the whole tenant.`);
  }
}
