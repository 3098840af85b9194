import { MERCHANT_ORG_LABELS as labels } from '../party-form.ts';
import { ContactsFields } from './contacts-fields.tsx';
import { TextAreaField, TextField } from './field.tsx';

/** What a MerchantOrg is asked for, when it is added and when it is changed. */
export function MerchantOrgFields({ contacts = 0 }: { contacts?: number }) {
  return (
    <>
      <TextField name="name" label={labels.name} hint="What your team calls it" maxLength={200} required />
      <div className="form-grid">
        <TextField name="legal_name" label={labels.legal_name} maxLength={200} />
        <TextField name="tax_id" label={labels.tax_id} maxLength={40} />
      </div>
      <TextAreaField
        name="billing_address"
        label={labels.billing_address}
        hint="As its invoices carry it"
        maxLength={500}
      />
      <div className="form-grid">
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} type="tel" maxLength={40} />
        <TextField name="website" label={labels.website} hint="Begins with https://" type="url" maxLength={500} />
      </div>
      <ContactsFields count={contacts} />
    </>
  );
}
