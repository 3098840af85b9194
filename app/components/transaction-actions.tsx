import type { Transaction } from '../../server/contexts/transaction/schemas.ts';
import type { FormState } from '../forms.ts';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { SelectField, TextField } from './field.tsx';

const LABELS = {
  amount: 'Amount',
  reason: 'Reason',
  effective_date: 'Effective date',
  on_closed_period: 'Closed period',
};

export const CLOSED_PERIOD_CHOICES = [
  { value: 'refuse', label: 'is refused' },
  { value: 'next_open', label: 'goes to the first open day' },
];

type Props = {
  transaction: Transaction;
  currency: string | null;
  may: { post: boolean; reverse: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** What can be done with a transaction as it is now. */
export function TransactionActions({ transaction, currency, may, formKey, state }: Props) {
  const common = { formKey, state, labels: LABELS };
  if (transaction.status === 'pending' && may.post) {
    return (
      <Card title="It is held. What becomes of it?">
        <ChoiceForm {...common} intent="post" title="Post it" button="Post to the books">
          <div className="form-grid">
            {currency ? (
              <TextField
                name="amount"
                label={`Amount, ${currency}`}
                inputMode="decimal"
                maxLength={40}
                hint="Left empty, all of it. What is not posted is released."
              />
            ) : null}
            <TextField
              name="effective_date"
              label="Effective date"
              type="date"
              hint="Left empty, the day of the hold."
            />
            <ClosedPeriod />
          </div>
        </ChoiceForm>
        <ChoiceForm {...common} intent="void" title="Void it" button="Void and release">
          <TextField name="reason" label="Reason" maxLength={500} />
        </ChoiceForm>
      </Card>
    );
  }
  if (transaction.status === 'posted' && may.reverse) {
    return (
      <Card title="Was it wrong?">
        <ChoiceForm {...common} intent="reverse" title="Reverse it" button="Reverse with a second entry">
          <TextField name="reason" label="Reason" maxLength={500} required />
          <div className="form-grid">
            <TextField name="effective_date" label="Effective date" type="date" hint="Left empty, today." />
            <ClosedPeriod />
          </div>
        </ChoiceForm>
      </Card>
    );
  }
  return null;
}

function ClosedPeriod() {
  return (
    <SelectField name="on_closed_period" label="In a closed period, it" choices={CLOSED_PERIOD_CHOICES} required />
  );
}
