import { SelectField, TextField } from './field.tsx';
import { SubmitButton, useField } from './form.tsx';
import { CLOSED_PERIOD_CHOICES } from './transaction-actions.tsx';

export const HEAD_LABELS = {
  description: 'Description',
  effective_date: 'Effective date',
  external_id: 'External id',
  status: 'Post or hold',
  expires_on: 'Held until',
  expires_at: 'Held until',
  on_closed_period: 'Closed period',
};

const STATUSES = [
  { value: 'posted', label: 'Post it now' },
  { value: 'pending', label: 'Hold it as pending' },
];

/** What an entry says beside its lines or its type. */
export function EntryHead({ needsDescription = false }: { needsDescription?: boolean }) {
  const status = useField('status');
  const late = useField('on_closed_period');
  const expiry = useField('expires_on');
  const isUnusual = status.value === 'pending' || late.value === 'next_open' || expiry.errors.length > 0;
  return (
    <>
      <div className="entry-head">
        <TextField name="description" label="Description" maxLength={500} required={needsDescription} />
        <TextField name="effective_date" label="Effective date" type="date" required />
        <TextField name="external_id" label="External id" maxLength={255} />
      </div>
      <details className="disclosure entry-options" open={isUnusual}>
        <summary>Hold it first, or post it late</summary>
        <div className="entry-head">
          <SelectField name="status" label="Post or hold" choices={STATUSES} required />
          <TextField
            name="expires_on"
            label="Held until"
            type="date"
            hint="Of a hold: it lapses at the end of this day."
          />
          <SelectField
            name="on_closed_period"
            label="In a closed period, it"
            choices={CLOSED_PERIOD_CHOICES}
            required
          />
        </div>
      </details>
    </>
  );
}

export function EntryFoot() {
  return (
    <div className="form-foot">
      <SubmitButton>Post entry</SubmitButton>
      <button type="submit" name="intent" value="preview" className="button">
        Preview
      </button>
      <span className="hint">What is posted stays: a mistake is reversed by a second entry, never edited.</span>
    </div>
  );
}
