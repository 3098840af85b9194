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
  if (!impersonation || operation.isForImpersonators) {
    return;
  }
  if (impersonation.isOver) {
    throw new DomainError('impersonation_over', 'Leave it to go on as yourself.');
  }
  if (operation.kind === 'read') {
    return;
  }
  // What needs no permission is about one's own account, and this one is somebody else's.
  if (operation.risk !== 'write' || operation.permission === null) {
    throw new DomainError(
      'not_while_impersonating',
      `${operation.summary}: only the person themself may do this. End the impersonation to act as yourself.`,
    );
  }
  if (!impersonation.isSteppedUp) {
    throw new DomainError(
      'step_up_required',
      'You view as somebody else and may only look. Enter your password to change something.',
    );
  }
}
