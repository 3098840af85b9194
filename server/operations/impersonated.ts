import type { Actor } from './actor.ts';
import { DomainError } from './errors.ts';
import type { Operation } from './operation.ts';

/**
 * What somebody who views as another may not do: anything once it is over; change anything before a step-up; and after
 * it, move money, touch credentials, destroy, or change the other's own account. The database refuses for itself what is
 * written without an impersonation that holds (tenants/functions/15-impersonation.sql).
 * @throws DomainError impersonation_over, not_while_impersonating, step_up_required
 */
export function refuseWhileImpersonating(operation: Operation, { impersonation }: Actor): void {
  const refusal = impersonation && refusalOf(operation, impersonation);
  if (refusal) {
    throw refusal;
  }
}

function refusalOf(operation: Operation, impersonation: NonNullable<Actor['impersonation']>): DomainError | null {
  if (operation.isForImpersonators) {
    return null;
  }
  if (impersonation.isOver) {
    return new DomainError('impersonation_over', 'Leave it to go on as yourself.');
  }
  if (operation.kind === 'read') {
    return null;
  }
  // What needs no permission is about one's own account, and this one is somebody else's.
  if (operation.risk !== 'write' || operation.permission === null) {
    return new DomainError(
      'not_while_impersonating',
      `${operation.summary}: only the person themself may do this. End the impersonation to act as yourself.`,
    );
  }
  return impersonation.isSteppedUp
    ? null
    : new DomainError(
        'step_up_required',
        'You view as somebody else and may only look. Enter your password to change something.',
      );
}

/**
 * Whether nothing that a permission is for would be done for somebody who views as another, so that no page offers it.
 * A permission that changes something is of no use for its previews alone.
 */
export function isIdleWhileImpersonating(
  permission: string,
  { impersonation }: Actor,
  operations: readonly Operation[],
): boolean {
  if (!impersonation) {
    return false;
  }
  const own = operations.filter((each) => each.permission === permission);
  const uses = own.length > 0 ? own : operations.filter((each) => each.alsoRequires?.includes(permission));
  const changes = uses.filter(({ kind }) => kind !== 'read');
  return (changes.length > 0 ? changes : uses).every((each) => refusalOf(each, impersonation) !== null);
}
