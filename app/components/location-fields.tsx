import { LOCATION_LABELS as labels } from '../set-up-form.ts';
import { TextField } from './field.tsx';

export function LocationFields() {
  return (
    <>
      <TextField name="name" label={labels.name} maxLength={200} required />
      <TextField name="address" label={labels.address} maxLength={500} />
      <TextField name="phone" label={labels.phone} maxLength={40} />
    </>
  );
}
