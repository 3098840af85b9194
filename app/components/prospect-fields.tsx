import { COMMON_CURRENCIES } from '../money.ts';
import { VERTICALS } from '../party-form.ts';
import { PROSPECT_LABELS as labels } from '../prospect-form.ts';
import { SelectField, TextAreaField, TextField } from './field.tsx';
import type { Choice } from './filters.tsx';

const SOURCES = ['Website', 'Referral', 'Trade fair', 'Cold call', 'Partner', 'Advertisement'];

/** What is known of a prospect. Only the name is needed: the rest comes with time. */
export function ProspectFields({ owners }: { owners: Choice[] }) {
  return (
    <>
      <div className="form-grid">
        <TextField name="name" label={labels.name} maxLength={200} required />
        <TextField name="contact_name" label={labels.contact_name} maxLength={200} />
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} type="tel" maxLength={40} />
        <SelectField name="vertical" label={labels.vertical} choices={VERTICALS} required />
        <TextField name="source" label={labels.source} suggestions={SOURCES} maxLength={80} />
      </div>
      <div className="form-grid">
        <TextField name="amount" label={labels.amount} inputMode="decimal" maxLength={40} />
        <TextField name="currency" label={labels.currency} suggestions={COMMON_CURRENCIES} maxLength={3} required />
        <TextField name="expected_close" label={labels.expected_close} type="date" />
        <TextField
          name="probability"
          label={labels.probability}
          hint="That of the stage when left empty"
          inputMode="numeric"
          maxLength={3}
        />
        {owners.length > 0 ? (
          <SelectField name="owner_id" label={labels.owner_id} choices={owners} empty="Nobody" />
        ) : null}
      </div>
      <TextAreaField name="notes" label={labels.notes} maxLength={4000} />
    </>
  );
}
