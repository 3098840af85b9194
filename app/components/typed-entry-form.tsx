import type { FormState, FormValues } from '../forms.ts';
import { TYPE_CHOICES } from '../typed-entry.ts';
import { EntryFoot, EntryHead, HEAD_LABELS } from './entry-head.tsx';
import { SelectField, TextField } from './field.tsx';
import type { Choice } from './filters.tsx';
import { PortalForm } from './form.tsx';

const LABELS = {
  ...HEAD_LABELS,
  type: 'What happened',
  from: 'From',
  to: 'To',
  amount: 'Amount',
  currency: 'Currency',
  tip: 'Tip',
  tax: 'Sales tax',
  deposit: 'Deposit',
};

type Props = { ends: Choice[]; state: FormState | undefined; values: FormValues; formKey: string };

/** A business event by its type: the posting rule chooses the accounts and makes the lines. */
export function TypedEntryForm({ ends, state, values, formKey }: Props) {
  return (
    <PortalForm state={state} values={values} formKey={formKey} labels={LABELS}>
      {/* Enter in a field posts. */}
      <button type="submit" name="intent" value="post" className="visually-hidden" tabIndex={-1} aria-hidden="true">
        Post entry
      </button>
      <div className="entry-typed">
        <SelectField name="type" label="What happened" choices={TYPE_CHOICES} empty="Choose a type" required />
        <SelectField name="from" label="From" choices={ends} empty="A customer or a bank" required />
        <SelectField name="to" label="To" choices={ends} empty="A customer or a bank" required />
        <TextField name="amount" label="Amount" inputMode="decimal" maxLength={40} required />
        <TextField name="currency" label="Currency" maxLength={3} required />
      </div>
      <fieldset className="entry-parts">
        <legend className="label">
          Of which <span className="optional">(of payments and refunds)</span>
        </legend>
        <div className="entry-typed">
          <TextField name="tip" label="Tip" inputMode="decimal" maxLength={40} />
          <TextField name="tax" label="Sales tax" inputMode="decimal" maxLength={40} />
          <TextField
            name="deposit"
            label="Deposit"
            inputMode="decimal"
            maxLength={40}
            hint="Paid before, and used up now."
          />
        </div>
      </fieldset>
      <EntryHead />
      <EntryFoot />
    </PortalForm>
  );
}
