import { COMMON_CURRENCIES } from '../money.ts';
import { MERCHANT_LABELS as labels, VERTICALS } from '../party-form.ts';
import { ContactsFields } from './contacts-fields.tsx';
import { SelectField, TextAreaField, TextField } from './field.tsx';
import { TimeZoneField } from './time-zone-field.tsx';

type Props = { isNew?: boolean; timeZones: string[]; contacts?: number };

/** What a merchant is asked for. Its currency is fixed once it has a book, so only a new one is asked for it. */
export function MerchantFields({ isNew = false, timeZones, contacts = 0 }: Props) {
  return (
    <>
      <div className="form-grid">
        <TextField name="name" label={labels.name} hint="What your team calls it" maxLength={200} required />
        <TextField
          name="public_name"
          label={labels.public_name}
          hint={isNew ? 'What customers see; the same when left empty' : 'What customers see'}
          maxLength={200}
          required={!isNew}
        />
        <SelectField name="vertical" label={labels.vertical} choices={VERTICALS} required />
        <TimeZoneField label={labels.time_zone} zones={timeZones} />
        {isNew ? (
          <TextField
            name="currency"
            label={labels.currency}
            hint="Of its book; it cannot be changed later"
            suggestions={COMMON_CURRENCIES}
            maxLength={3}
            required
          />
        ) : null}
      </div>
      <div className="form-grid">
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} type="tel" maxLength={40} />
        <TextField name="website" label={labels.website} hint="Begins with https://" type="url" maxLength={500} />
      </div>
      <TextAreaField
        name="description"
        label={labels.description}
        hint="What customers read about it"
        maxLength={2000}
      />
      <ContactsFields count={contacts} />
    </>
  );
}
