import { useEffect, useRef } from 'react';
import type { EntryAccount } from '../entry.ts';
import { humanize } from '../labels.ts';
import { FieldErrors } from './field.tsx';
import { useField } from './form.tsx';
import { Icon } from './icon.tsx';

type RowsProps = { numbers: number[]; accounts: EntryAccount[]; remove: (number: number) => void };

/** The lines of an entry: an account, and an amount on one of two sides. */
export function EntryRows({ numbers, accounts, remove }: RowsProps) {
  return (
    <table className="entry-table">
      <thead>
        <tr>
          <th>Account</th>
          <th className="amount-column end">Debit</th>
          <th className="amount-column end">Credit</th>
          <th className="memo-column">Memo</th>
          <th className="remove-column">
            <span className="visually-hidden">Remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {numbers.map((number, index) => (
          <EntryRow
            key={number}
            number={number}
            line={index + 1}
            accounts={accounts}
            isRemovable={numbers.length > 2}
            remove={() => remove(number)}
          />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = { number: number; line: number; accounts: EntryAccount[]; isRemovable: boolean; remove: () => void };

function EntryRow({ number, line, accounts, isRemovable, remove }: RowProps) {
  const row = `rows.${number}`;
  return (
    <tr>
      <td className="account-cell">
        <AccountChoice
          name={`${row}.account_id`}
          label={`Account, line ${line}`}
          accounts={accounts}
          takesFocus={line > 2}
        />
      </td>
      <td>
        <RowInput name={`${row}.debit`} label={`Debit, line ${line}`} isAmount />
      </td>
      <td>
        <RowInput name={`${row}.credit`} label={`Credit, line ${line}`} isAmount />
      </td>
      <td className="memo-cell">
        <RowInput name={`${row}.memo`} label={`Memo, line ${line}`} />
      </td>
      <td className="remove-cell">
        {isRemovable ? (
          <button
            type="submit"
            name="intent"
            value={`remove-${number}`}
            className="icon-button"
            aria-label={`Remove line ${line}`}
            onClick={(event) => {
              event.preventDefault();
              remove();
            }}
          >
            <Icon name="close" size={14} />
          </button>
        ) : null}
      </td>
    </tr>
  );
}

/** Label and error wiring of one field in a row; the label shows where the table's heads do not. */
function useRowField(name: string) {
  const { value, errors } = useField(name);
  const id = `field-${name}`;
  return {
    errors,
    control: {
      id,
      name,
      defaultValue: value,
      'aria-invalid': errors.length > 0 || undefined,
      'aria-describedby': errors.length > 0 ? `${id}-error` : undefined,
    },
  };
}

function RowInput({ name, label, isAmount = false }: { name: string; label: string; isAmount?: boolean }) {
  const { errors, control } = useRowField(name);
  return (
    <>
      <label htmlFor={control.id} className="row-label">
        {label}
      </label>
      <input
        {...control}
        className={isAmount ? 'control control-amount' : 'control'}
        inputMode={isAmount ? 'decimal' : undefined}
        placeholder={isAmount ? '0.00' : undefined}
        maxLength={isAmount ? 40 : 500}
        autoComplete="off"
      />
      {errors.length > 0 ? (
        <FieldErrors id={`${control.id}-error`} label={label.split(',', 1)[0] ?? label} messages={errors} />
      ) : null}
    </>
  );
}

type ChoiceProps = { name: string; label: string; accounts: EntryAccount[]; takesFocus: boolean };

function AccountChoice({ name, label, accounts, takesFocus }: ChoiceProps) {
  const { errors, control } = useRowField(name);
  const select = useRef<HTMLSelectElement>(null);
  // A row that was just added is the next thing to fill in.
  useEffect(() => {
    if (takesFocus && select.current?.value === '') select.current.focus();
  }, [takesFocus]);
  const books = new Set(accounts.map((account) => account.book)).size;
  const groupOf = ({ book, type }: EntryAccount) => (books > 1 ? `${book}: ${humanize(type)}` : humanize(type));
  const groups = [...new Set(accounts.map(groupOf))];
  return (
    <>
      <label htmlFor={control.id} className="row-label">
        {label}
      </label>
      <select {...control} ref={select} className="control">
        <option value="">Choose an account</option>
        {groups.map((group) => (
          <optgroup key={group} label={group}>
            {accounts
              .filter((account) => groupOf(account) === group)
              .map((account) => (
                <option key={account.id} value={account.id}>
                  {`${account.code} ${account.name} (${account.currency})`}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
      {errors.length > 0 ? (
        <FieldErrors id={`${control.id}-error`} label={label.split(',', 1)[0] ?? label} messages={errors} />
      ) : null}
    </>
  );
}
