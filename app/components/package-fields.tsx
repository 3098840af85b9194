import { PACKAGE_LABELS as labels, PACKAGED } from '../set-up-form.ts';
import { SelectField, TextField } from './field.tsx';

type Props = {
  currency: string;
  services: { id: string; name: string }[];
  /** How many services it has. */
  held?: number;
};

/** There is always a place for one more service. */
export function PackageFields({ currency, services, held = 0 }: Props) {
  const choices = services.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <TextField name="name" label={labels.name} maxLength={200} required />
      <TextField name="price" label={`${labels.price} (${currency})`} inputMode="decimal" maxLength={40} required />
      {PACKAGED.slice(0, Math.max(3, held + 1)).map((name, place) => (
        <SelectField
          key={name}
          name={name}
          label={`Service ${place + 1}`}
          choices={choices}
          empty="None"
          required={place === 0}
        />
      ))}
    </>
  );
}
