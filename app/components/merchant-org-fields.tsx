import { MERCHANT_ORG_LABELS as labels } from '../party-form.ts';
import { TextField } from './field.tsx';

/** What a MerchantOrg is asked for, when it is added and when it is changed. */
export function MerchantOrgFields() {
  return (
    <>
      <TextField name="name" label={labels.name} hint="What your team calls it" maxLength={200} required />
      <div className="form-grid">
        <TextField name="legal_name" label={labels.legal_name} maxLength={200} />
        <TextField name="tax_id" label={labels.tax_id} maxLength={40} />
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} type="tel" maxLength={40} />
      </div>
    </>
  );
}
