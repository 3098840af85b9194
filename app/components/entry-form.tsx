import { useState } from 'react';
import { type EntryAccount, entryTotals, readEntry, rowNumbers } from '../entry.ts';
import type { FormState, FormValues } from '../forms.ts';
import { EntryFoot, EntryHead, HEAD_LABELS } from './entry-head.tsx';
import { EntryRows } from './entry-rows.tsx';
import { EntryTotals } from './entry-totals.tsx';
import { SelectField } from './field.tsx';
import type { Choice } from './filters.tsx';
import { PortalForm, useField } from './form.tsx';
import { Icon } from './icon.tsx';
import { useTenant } from './use-tenant.ts';

type Props = {
  accounts: EntryAccount[];
  /** Further books whose accounts may be taken in. */
  books: Choice[];
  state: FormState | undefined;
  values: FormValues;
  formKey: string;
};

/** A journal entry by hand. The buttons work by themselves; with JavaScript rows and sums change as one types. */
export function EntryForm({ accounts, books, state, values, formKey }: Props) {
  const { locale } = useTenant();
  const start = { ...values, ...state?.values };
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
      <EntryHead needsDescription />
      <EntryRows
        numbers={numbers}
        accounts={accounts}
        remove={(number) => setNumbers(numbers.filter((other) => other !== number))}
      />
      <div className="entry-more">
        <AddLine add={() => setNumbers([...numbers, Math.max(...numbers) + 1])} />
        {books.length > 0 ? <AddBook books={books} /> : null}
      </div>
      <Books />
      <EntryTotals totals={totals} />
      <EntryFoot />
    </PortalForm>
  );
}

function Books() {
  return <input type="hidden" name="books" value={useField('books').value} />;
}

/** Lines of several books make one journal in each; every one must balance by itself. */
function AddBook({ books }: { books: Choice[] }) {
  return (
    <div className="entry-book">
      <SelectField name="add_book" label="Another book" choices={books} empty="Choose a book" required />
      <button type="submit" name="intent" value="add-book" className="button">
        Take in its accounts
      </button>
    </div>
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
  return { ...HEAD_LABELS, lines: 'The entry', ...Object.fromEntries(rows) };
}
