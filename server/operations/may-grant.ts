// Nobody gives what they lack: one rule for keys, invitations, assignments, roles and single sign-on.
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import { type Actor, type Grant, scopeOf } from './actor.ts';
import { DomainError } from './errors.ts';
import { allOf, inScope } from './list.ts';
import type { Context } from './operation.ts';

/** Where a role holds; a merchant with the MerchantOrg that it belongs to. The whole tenant when both are null. */
export type Place = { readonly merchant_org_id: string | null; readonly merchant_id: string | null };

export const WHOLE_TENANT: Place = { merchant_org_id: null, merchant_id: null };

type PlaceInput = { merchant_org_id?: string | null | undefined; merchant_id?: string | null | undefined };

const orgRow = v.object({ merchant_org_id: v.string() });

function noSuch(field: keyof Place): DomainError {
  return new DomainError('invalid', 'A place does not exist, or you may not see it.', {
    errors: { [field]: ['does not exist'] },
  });
}

/**
 * The place that an input names, as far as the operation's own scope reaches.
 * @throws DomainError `invalid` for a place that does not exist or is out of scope, `forbidden` for the whole tenant
 */
export async function findPlace(ctx: Context, input: PlaceInput): Promise<Place> {
  const { merchant_org_id: org = null, merchant_id: merchant = null } = input;
  if (org && merchant) {
    throw new DomainError('invalid', 'A role holds at one place.', {
      errors: { merchant_id: ['must be left out when merchant_org_id is given'] },
    });
  }
  if (merchant) {
    const found = await ctx.tx.maybeOneFirst(sql.type(orgRow)`
      SELECT m.merchant_org_id FROM merchants m
      WHERE ${allOf([sql.fragment`m.id = ${merchant}`, inScope(ctx.scope, sql.fragment`m.merchant_org_id`, sql.fragment`m.id`)])}`);
    if (!found) throw noSuch('merchant_id');
    return { merchant_org_id: found, merchant_id: merchant };
  }
  if (org) {
    const found = await ctx.tx.maybeOneFirst(sql.type(orgRow)`
      SELECT o.id AS merchant_org_id FROM merchant_orgs o
      WHERE ${allOf([sql.fragment`o.id = ${org}`, inScope(ctx.scope, sql.fragment`o.id`, sql.fragment`NULL::uuid`)])}`);
    if (!found) throw noSuch('merchant_org_id');
    return { merchant_org_id: org, merchant_id: null };
  }
  if (!ctx.scope.all) {
    throw new DomainError(
      'forbidden',
      'Name a MerchantOrg or a merchant: your role does not hold for the whole tenant.',
    );
  }
  return WHOLE_TENANT;
}

/** Whether what holds at one place holds at the other. */
export function covers(at: Place, wanted: Place): boolean {
  if (at.merchant_id !== null) return at.merchant_id === wanted.merchant_id;
  return at.merchant_org_id === null || at.merchant_org_id === wanted.merchant_org_id;
}

/** Whether something that ends then, or never (null), outlasts nothing of what it comes from. */
function lastsFor({ until }: Grant, end: string | null): boolean {
  return until === undefined || (end !== null && Date.parse(until) >= Date.parse(end));
}

/**
 * Whether somebody holds a permission wherever a place reaches.
 * @param end for how long: until then, for ever (null), or now at least (left out)
 */
export function holdsAt(actor: Actor, permission: string, at: Place, end?: string | null): boolean {
  const grants = end === undefined ? actor.grants : actor.grants.filter((grant) => lastsFor(grant, end));
  const scope = scopeOf({ ...actor, grants }, permission);
  return (
    scope !== null &&
    (scope.all ||
      (at.merchant_org_id !== null && scope.merchant_org_ids.includes(at.merchant_org_id)) ||
      (at.merchant_id !== null && scope.merchant_ids.includes(at.merchant_id)))
  );
}

/**
 * What somebody holds for a time only, they give for no longer.
 * @param end until when it is given; null for good, left out for what gives nobody anything
 * @throws DomainError `forbidden`, which names what the actor lacks at that place
 */
export function requireMayGrant(ctx: Context, permissions: readonly string[], at: Place, end?: string | null): void {
  const lacking = permissions.filter((permission) => !holdsAt(ctx.actor, permission, at, end));
  if (lacking.length > 0) {
    const named = lacking.slice(0, 5).join(', ') + (lacking.length > 5 ? ` and ${lacking.length - 5} more` : '');
    throw new DomainError('forbidden', `You do not hold this yourself there, or not for as long: ${named}.`);
  }
}

const LONGEST_MS = 36_525 * 86_400_000;

/** @throws DomainError `invalid` for an end that has passed already, or is more than a hundred years away */
export function requireFuture(ctx: Context, instant: string | null | undefined): void {
  const left = instant ? Date.parse(instant) - ctx.now.getTime() : null;
  if (left !== null && (left <= 0 || left > LONGEST_MS)) {
    throw new DomainError('invalid', 'What ends, ends in the future and within a hundred years.', {
      errors: { expires_at: [left <= 0 ? 'must be in the future' : 'must be within a hundred years'] },
    });
  }
}
