// What the pages of roles load, and what the buttons of their editor do short of saving.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { permissionList } from '../server/contexts/role/operations.ts';
import type { FormValues } from './forms.ts';
import { type PermissionRow, permissionRows, permissionsIn, toggled } from './role-form.ts';

const WHOLE_TENANT = { merchant_org_id: null, merchant_id: null };

/** Every permission that there is, by resource. What a role gives already is no gift. */
export async function permissionsFor(context: AppLoadContext, given: readonly string[]): Promise<PermissionRow[]> {
  const { data } = await context.run(permissionList, {});
  return permissionRows(
    data.map((one) => ({
      ...one,
      mayTick: given.includes(one.permission) || context.can(one.permission, WHOLE_TENANT),
    })),
  );
}

/** The form after a button that only changes what it shows; null for a button that does more. */
export function edited(values: FormValues, rows: PermissionRow[]): FormValues | null {
  const { intent = '' } = values;
  if (intent === 'find' || intent === 'back') return values;
  const row = rows.find(({ resource }) => intent === `all-${resource}`);
  return row ? { ...values, permissions: toggled(permissionsIn(values), row).join(',') } : null;
}
