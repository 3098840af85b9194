// A role as its form holds it: ticked permissions, joined by commas, beside what it is called.
import type { Permission } from '../server/contexts/role/schemas.ts';
import { type FormValues, readFields } from './forms.ts';
import { humanize } from './labels.ts';

export const ROLE_LABELS = { name: 'Name', description: 'Description', permissions: 'Permissions' };

/** A permission that the editor can tick, or not: nobody puts into a role what they lack, unless it is in there already. */
export type Tickable = Permission & { mayTick: boolean };

export type PermissionRow = { resource: string; label: string; permissions: Tickable[] };

/** Permissions by resource, in the order of the words that people see. */
export function permissionRows(permissions: Tickable[]): PermissionRow[] {
  return [...Map.groupBy(permissions, ({ resource }) => resource)]
    .map(([resource, own]) => ({ resource, label: humanize(resource), permissions: own }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en'));
}

/** Whether a row answers to the words that are looked for. */
export function matches({ label, permissions }: PermissionRow, words: string): boolean {
  const text = [
    label,
    ...permissions.flatMap((one) => [one.permission, ...one.operations.map((each) => each.summary)]),
  ];
  return text.join(' ').toLowerCase().includes(words.trim().toLowerCase());
}

/** The row's permissions all ticked; none of them when they all were. */
export function toggled(chosen: readonly string[], row: PermissionRow): string[] {
  const own = row.permissions.filter(({ mayTick }) => mayTick).map(({ permission }) => permission);
  const rest = chosen.filter((permission) => !own.includes(permission));
  return own.every((permission) => chosen.includes(permission)) ? rest : [...rest, ...own];
}

export function readRole(form: FormData): FormValues {
  const permissions = form.getAll('permissions').map(String);
  return { ...readFields(form, ['intent', 'name', 'description', 'find']), permissions: permissions.join(',') };
}

export function permissionsIn({ permissions = '' }: FormValues): string[] {
  return permissions.split(',').filter(Boolean);
}

/** What an operation is given. */
export function roleFields(values: FormValues) {
  const { name = '', description = '' } = values;
  return { name, description, permissions: permissionsIn(values) };
}
