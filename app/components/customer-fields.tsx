import { CUSTOMER_LABELS as labels } from '../customer-form.ts';
import { TextField } from './field.tsx';

export function CustomerFields() {
  return (
    <>
      <TextField name="name" label={labels.name} maxLength={200} required />
      <div className="form-grid">
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} maxLength={40} />
      </div>
      <TextField name="notes" label={labels.notes} maxLength={2000} />
    </>
  );
}
