import { SelectField, TextField } from './field.tsx';
import type { Choice } from './filters.tsx';
import { StatementMappingFields } from './statement-mapping-fields.tsx';

/** The fields of a source of statements. Its account is chosen once. */
export function StatementSourceFields({ accounts, others }: { accounts?: Choice[]; others: Choice[] }) {
  const days = (name: string, label: string, hint: string) => (
    <TextField name={`rules.${name}`} label={label} hint={hint} inputMode="numeric" maxLength={2} />
  );
  return (
    <>
      <div className="form-section">
        <div className="form-grid">
          <TextField
            name="name"
            label="Name"
            hint="The bank or processor, and which account there"
            maxLength={200}
            required
          />
          {accounts ? (
            <SelectField
              name="account_id"
              label="Account"
              empty="Choose the account it reconciles"
              choices={accounts}
              required
            />
          ) : null}
          <SelectField
            name="difference_account_id"
            label="Account for differences"
            empty="Ask each time"
            choices={others}
            hint="Where fees and rounding within the tolerance go"
          />
        </div>
      </div>
      <div className="form-section">
        <h2>How its files read</h2>
        <StatementMappingFields />
      </div>
      <div className="form-section">
        <h2>What belongs together</h2>
        <div className="form-grid form-grid-three">
          {days('reference', 'Same reference, within', 'Days. External id or memo of the entry')}
          {days('amount', 'Same amount, within', 'Days')}
          <TextField
            name="rules.tolerance"
            label="Tolerance"
            hint="Amounts may differ by so much"
            inputMode="decimal"
          />
          {days('ledger_group', 'Several entries, within', 'Days. A day’s takings in one payout')}
          {days('statement_group', 'Several statement lines, within', 'Days. One invoice paid in parts')}
        </div>
      </div>
    </>
  );
}
