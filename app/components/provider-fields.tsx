import { PROVIDER_LABELS as labels } from '../set-up-form.ts';
import { TextField } from './field.tsx';
import { HoursFields } from './hours-fields.tsx';

type Props = {
  timeZone: string;
  /** Without, the hours are not asked for. */
  withHours?: boolean;
};

export function ProviderFields({ timeZone, withHours = true }: Props) {
  return (
    <>
      <div className="form-grid">
        <TextField name="name" label={labels.name} maxLength={200} required />
        <TextField name="title" label={labels.title} maxLength={120} />
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} maxLength={40} />
      </div>
      <HoursFields label={labels.hours} timeZone={timeZone} fits={withHours} />
    </>
  );
}
