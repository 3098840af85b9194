import { DATE_FORMATS, MAPPING_LABELS } from '../reconciliation.ts';
import { SelectField, TextField } from './field.tsx';

const label = (name: string) => ({ name: `mapping.${name}`, label: MAPPING_LABELS[`mapping.${name}`] ?? name });

const DELIMITERS = [
  { value: 'comma', label: 'Comma ,' },
  { value: 'semicolon', label: 'Semicolon ;' },
  { value: 'tab', label: 'Tab' },
  { value: 'pipe', label: 'Bar |' },
];

/** Where a file of the bank says what. `columns` are those of a file that was read already. */
export function StatementMappingFields({ columns = [] }: { columns?: string[] }) {
  const column = (name: string, hint?: string, required = false) => (
    <TextField {...label(name)} hint={hint} required={required} suggestions={columns} maxLength={200} />
  );
  return (
    <>
      <div className="form-grid form-grid-three">
        <SelectField {...label('delimiter')} choices={DELIMITERS} required />
        <SelectField
          {...label('has_header')}
          choices={[
            { value: 'true', label: 'Names the columns' },
            { value: 'false', label: 'Is a line already' },
          ]}
          required
        />
        <TextField {...label('skip_lines')} inputMode="numeric" maxLength={2} required />
        {column('date_column', undefined, true)}
        <SelectField {...label('date_format')} choices={DATE_FORMATS} required />
        <SelectField
          {...label('decimal_separator')}
          choices={[
            { value: '.', label: 'Point 1,250.50' },
            { value: ',', label: 'Comma 1.250,50' },
          ]}
          required
        />
        {column('amount_column', 'Or the two columns beside, and leave this one empty')}
        {column('paid_in_column')}
        {column('paid_out_column')}
        {column('description_column')}
        {column('reference_column', 'What invoices and payouts are called')}
        {column('id_column', 'If no two lines share it')}
        {column('currency_column')}
        <SelectField
          {...label('is_sign_reversed')}
          choices={[
            { value: 'false', label: 'Positive' },
            { value: 'true', label: 'Negative, as on credit cards' },
          ]}
          required
        />
      </div>
      <p className="hint">Columns go by their name, or by their number (1, 2, 3 …) in a file without names.</p>
    </>
  );
}
