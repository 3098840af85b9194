import { permissionsOfRole } from '../../server/operations/built-in-roles.ts';
import { permissions } from '../../server/operations/registry.ts';

/** What the built-in role of merchant staff may do: the least of them. */
export const permissionsOfStaff = permissionsOfRole({ key: 'merchant_staff', permissions: [] }, permissions);
