import type { Place } from '../operations/may-grant.ts';
import type { Claims } from './oidc.ts';

// What a provider says of a person, read with care: every claim may be absent, of another type, or hostile text.

/** A role and where it holds. */
export type PlacedRole = Place & { readonly role_id: string };
/** Without a claim it is the role of those whom no other mapping fits. */
export type Mapping = PlacedRole & { claim: string | null; value: string | null };

/** Cleaned of what no name or address holds; null when nothing is left. */
function textIn(claim: unknown, maximumLength: number): string | null {
  if (typeof claim !== 'string') return null;
  const text = claim
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return text.length > 0 && text.length <= maximumLength ? text : null;
}

/** The address as accounts have it, and whether the provider has verified it. Some write `true` as text. */
export function addressIn(claims: Claims): { email: string | null; isVerified: boolean } {
  const email = textIn(claims.email, 254)?.toLowerCase() ?? null;
  const isAddress = email !== null && /^[^\s@"<>\\]+@[a-z0-9.-]+$/.test(email);
  return {
    email: isAddress ? email : null,
    isVerified: claims.email_verified === true || claims.email_verified === 'true',
  };
}

export function nameIn(claims: Claims, email: string): string {
  const parts = [textIn(claims.given_name, 100), textIn(claims.family_name, 99)].filter((part) => part !== null);
  return textIn(claims.name, 200) ?? (parts.join(' ') || email.split('@')[0]!);
}

/** RFC 8176: the person has shown more than one factor. */
export function hasProvedFactor({ amr }: Claims): boolean {
  return Array.isArray(amr) && amr.includes('mfa');
}

/** A claim by its name, else by a path through claims that hold others: `realm_access.roles`. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split('.').reduce<unknown>((found, name) => {
    const isObject = typeof found === 'object' && found !== null && Object.hasOwn(found, name);
    return isObject ? (found as Record<string, unknown>)[name] : undefined;
  }, claims);
}

function holds(claims: Claims, claim: string, value: string): boolean {
  const found = claimAt(claims, claim);
  return (Array.isArray(found) ? found : [found]).some((each) => each !== undefined && String(each) === value);
}

/** The roles that fit, or else the one of those whom none fits. */
export function placesFor(claims: Claims, mappings: readonly Mapping[]): PlacedRole[] {
  const fitting = mappings.filter(({ claim, value }) => claim !== null && holds(claims, claim, value ?? ''));
  const chosen = fitting.length > 0 ? fitting : mappings.filter(({ claim }) => claim === null);
  return chosen.map(({ role_id, merchant_org_id, merchant_id }) => ({ role_id, merchant_org_id, merchant_id }));
}

/** The claims that decide, by their top-level names. */
export function claimsOf(mappings: readonly Mapping[]): string[] {
  return ['email', ...mappings.flatMap(({ claim }) => (claim === null ? [] : [claim.split('.')[0]!]))];
}
