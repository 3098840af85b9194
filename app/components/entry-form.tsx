import { useState } from 'react';
import { type EntryAccount, entryTotals, readEntry, rowNumbers } from '../entry.ts';
import type { FormState, FormValues } from '../forms.ts';
import { EntryRows } from './entry-rows.tsx';
import { EntryTotals } from './entry-totals.tsx';
import { TextField } from './field.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { Icon } from './icon.tsx';
import { useTenant } from './use-tenant.ts';

type Props = { accounts: EntryAccount[]; state: FormState | undefined; values: FormValues; formKey: string };

/** A journal entry by hand. The buttons work by themselves; with JavaScript rows and sums change as one types. */
export function EntryForm({ accounts, state, values, formKey }: Props) {
  const { locale } = useTenant();
  const start = state?.values ?? values;
  const [numbers, setNumbers] = useState(() => atLeastTwo(rowNumbers(start)));
  const [totals, setTotals] = useState(() => entryTotals(start, accounts, locale));
  const addUp = (form: HTMLFormElement) => setTotals(entryTotals(readEntry(new FormData(form)), accounts, locale));
  return (
    <PortalForm
      state={state}
      values={values}
      formKey={formKey}
      labels={entryLabels(numbers)}
      onInput={(event) => addUp(event.currentTarget)}
    >
      {/* Enter in a field presses the first button of a form, which must not be one that removes a row. */}
      <button type="submit" name="intent" value="post" className="visually-hidden" tabIndex={-1} aria-hidden="true">
        Post entry
      </button>
      <div className="entry-head">
        <TextField name="description" label="Description" maxLength={500} required />
        <TextField name="effective_date" label="Effective date" type="date" required />
        <TextField name="external_id" label="External id" maxLength={255} />
      </div>
      <EntryRows
        numbers={numbers}
        accounts={accounts}
        remove={(number) => setNumbers(numbers.filter((other) => other !== number))}
      />
      <AddLine add={() => setNumbers([...numbers, Math.max(...numbers) + 1])} />
      <EntryTotals totals={totals} />
      <div className="form-foot">
        <SubmitButton>Post entry</SubmitButton>
        <span className="hint">What is posted stays: a mistake is reversed by a second entry, never edited.</span>
      </div>
    </PortalForm>
  );
}

function AddLine({ add }: { add: () => void }) {
  return (
    <div className="form-foot">
      <button
        type="submit"
        name="intent"
        value="add-row"
        className="button"
        onClick={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <Icon name="plus" size={14} />
        Add line
      </button>
    </div>
  );
}

function atLeastTwo(numbers: number[]): number[] {
  const [first = 0, second = first + 1, ...rest] = numbers;
  return [first, second, ...rest];
}

function entryLabels(numbers: number[]): Record<string, string> {
  const rows = numbers.flatMap((number, index) => [
    [`rows.${number}.account_id`, `Account, line ${index + 1},`],
    [`rows.${number}.debit`, `Debit, line ${index + 1},`],
    [`rows.${number}.credit`, `Credit, line ${index + 1},`],
    [`rows.${number}.memo`, `Memo, line ${index + 1},`],
  ]);
  return {
    description: 'Description',
    effective_date: 'Effective date',
    external_id: 'External id',
    lines: 'The entry',
    ...Object.fromEntries(rows),
  };
}
