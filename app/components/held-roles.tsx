import type { User } from '../../server/contexts/user/schemas.ts';
import { WHOLE_TENANT } from '../team-places.ts';

/** Roles in brief, each with the place where it holds. */
export function HeldRoles({ roles }: { roles: User['roles'] }) {
  if (roles.length === 0) return <span className="faint">None</span>;
  return (
    <ul className="held-roles">
      {roles.map((role) => (
        <li key={role.id}>
          {role.role_name}
          <span className="faint"> · {role.is_expired ? 'expired' : (role.place ?? WHOLE_TENANT)}</span>
        </li>
      ))}
    </ul>
  );
}
