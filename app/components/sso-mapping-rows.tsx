import { WHOLE_TENANT } from '../team-places.ts';
import { FieldErrors } from './field.tsx';
import type { Choice } from './filters.tsx';
import { useField } from './form.tsx';

type Props = { roles: Choice[]; places: Choice[]; rows: number };

/** Who has a value in a claim gets a role somewhere. A line left empty is none. */
export function SsoMappingRows({ roles, places, rows }: Props) {
  const numbers = Array.from({ length: rows }, (_, row) => row);
  return (
    <div className="mappings">
      <p className="soft">
        Whoever has the value in the claim that the provider sends, alone or in a list, gets the role. Claims inside
        others are written with dots. An emptied line goes away; saving brings new ones.
      </p>
      <input type="hidden" name="rows" value={rows} />
      {numbers.map((row) => (
        <MappingRow key={row} row={row} roles={roles} places={places} />
      ))}
      <RowErrors name="role_mappings" label="Roles" />
    </div>
  );
}

function MappingRow({ row, roles, places }: { row: number; roles: Choice[]; places: Choice[] }) {
  const name = `role_mappings.${row}`;
  return (
    <fieldset className="mapping">
      <legend className="visually-hidden">Line {row + 1}</legend>
      <Cell name={`${name}.claim`} label="Claim" placeholder={row === 0 ? 'groups' : ''} />
      <Cell name={`${name}.value`} label="Value" />
      <Choose name={`${name}.role_id`} label="Role" empty="Choose a role" choices={roles} />
      <Choose name={`${name}.place`} label="Place" empty={WHOLE_TENANT} choices={places} />
    </fieldset>
  );
}

function Cell({ name, label, placeholder }: { name: string; label: string; placeholder?: string }) {
  const { value, errors } = useField(name);
  return (
    <div className="mapping-cell">
      <label htmlFor={`field-${name}`}>{label}</label>
      <input
        id={`field-${name}`}
        name={name}
        className="control"
        defaultValue={value}
        placeholder={placeholder}
        maxLength={500}
        autoComplete="off"
        aria-invalid={errors.length > 0 || undefined}
        aria-describedby={errors.length > 0 ? `field-${name}-error` : undefined}
      />
      <RowErrors name={name} label={label} />
    </div>
  );
}

function Choose({ name, label, empty, choices }: { name: string; label: string; empty: string; choices: Choice[] }) {
  const { value, errors } = useField(name);
  return (
    <div className="mapping-cell">
      <label htmlFor={`field-${name}`}>{label}</label>
      <select
        id={`field-${name}`}
        name={name}
        className="control"
        defaultValue={value}
        aria-invalid={errors.length > 0 || undefined}
        aria-describedby={errors.length > 0 ? `field-${name}-error` : undefined}
      >
        <option value="">{empty}</option>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <RowErrors name={name} label={label} />
    </div>
  );
}

function RowErrors({ name, label }: { name: string; label: string }) {
  const { errors } = useField(name);
  return errors.length > 0 ? <FieldErrors id={`field-${name}-error`} label={label} messages={errors} /> : null;
}
