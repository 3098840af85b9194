import type { PlaceChoice } from '../team-places.ts';
import { SelectField, TextField } from './field.tsx';
import type { Choice } from './filters.tsx';

export type RoleChoices = { roles: Choice[]; places: PlaceChoice[] };

/** A role, where it holds, and until when. */
export function RoleFields({ roles, places, prefix = '' }: RoleChoices & { prefix?: string }) {
  return (
    <div className="role-fields">
      <SelectField name={`${prefix}role_id`} label="Role" choices={roles} empty="Choose a role" required />
      <SelectField name={`${prefix}place`} label="Place" choices={places} empty="Choose a place" required />
      <TextField name={`${prefix}until`} label="Last day" type="date" />
    </div>
  );
}
