import { covers, type Place } from '../operations/may-grant.ts';

type Reason = 'granted' | 'no_role' | 'expired' | 'elsewhere' | 'not_active' | 'second_factor';

export type HeldAssignment = Place & {
  readonly id: string;
  readonly role_id: string;
  readonly role_name: string;
  readonly permissions: readonly string[];
  readonly place: string | null;
  readonly expires_at: string | null;
  readonly is_expired: boolean;
};

type Person = { readonly status: string; readonly must_enrol: boolean };

/** The first thing that stands in the way; `granted` when nothing does. */
function reasonOf(person: Person, giving: readonly (HeldAssignment & { reaches: boolean })[]): Reason {
  if (giving.length === 0) return 'no_role';
  if (!giving.some(({ reaches }) => reaches)) return 'elsewhere';
  if (!giving.some(({ reaches, is_expired }) => reaches && !is_expired)) return 'expired';
  if (person.status !== 'active') return 'not_active';
  return person.must_enrol ? 'second_factor' : 'granted';
}

const sentences: Readonly<Record<Exclude<Reason, 'granted'>, string>> = {
  no_role: 'No role that they hold has this permission.',
  elsewhere: 'A role gives this permission, but not at this place.',
  expired: 'The role that gave this permission has expired.',
  not_active: 'Their roles give this permission, but the account is not active.',
  second_factor: 'Their roles give this permission once they have set up a second factor, which a role asks for.',
};

/** Why somebody may do what a permission covers at a place, or why not. */
export function explain(
  permission: string,
  at: Place,
  person: Person,
  held: readonly HeldAssignment[],
  roles: readonly { id: string; name: string; permissions: readonly string[] }[],
) {
  const giving = held
    .filter(({ permissions }) => permissions.includes(permission))
    .map((assignment) => ({ ...assignment, reaches: covers(assignment, at) }));
  const reason = reasonOf(person, giving);
  const by = giving.filter(({ reaches, is_expired }) => reaches && !is_expired).map(({ role_name }) => role_name);
  return {
    permission,
    is_allowed: reason === 'granted',
    reason,
    explanation: reason === 'granted' ? `Allowed by ${[...new Set(by)].join(' and ')}.` : sentences[reason],
    assignments: giving.map(({ permissions: _, ...assignment }) => ({
      ...assignment,
      merchant_org_id: assignment.merchant_id === null ? assignment.merchant_org_id : null,
    })),
    roles: roles.filter(({ permissions }) => permissions.includes(permission)).map(({ id, name }) => ({ id, name })),
  };
}
