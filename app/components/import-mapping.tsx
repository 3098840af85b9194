import type { Import } from '../../server/contexts/import/schemas.ts';
import type { FormState } from '../forms.ts';
import { mappingLabels, mappingValues } from '../import-mapping.ts';
import { Card } from './card.tsx';
import { SelectField } from './field.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { TableScroll } from './table.tsx';

const DELIMITERS = [
  { value: 'comma', label: 'Comma ,' },
  { value: 'semicolon', label: 'Semicolon ;' },
  { value: 'tab', label: 'Tab' },
  { value: 'pipe', label: 'Bar |' },
];

type Props = { found: Import; formKey: string; state: FormState | undefined; isFolded: boolean };

/** Which column each field is read from, and the way to the check. */
export function ImportMappingForm({ found, formKey, state, isFolded }: Props) {
  const own = state?.values.intent === 'check' || state?.values.intent === 'read' ? state : undefined;
  const form = (
    <PortalForm
      state={own}
      values={mappingValues(found)}
      formKey={`${formKey}-mapping`}
      labels={mappingLabels(found)}
      version={found.version}
    >
      <div className="form-grid">
        {found.fields.map(({ name, label, hint, is_required }) => (
          <SelectField
            key={name}
            name={`columns.${name}`}
            label={label}
            required={is_required}
            empty={is_required ? 'Choose a column' : 'Not in the file'}
            choices={found.columns.map((column) => ({ value: column, label: column }))}
            {...(hint ? { hint } : {})}
          />
        ))}
      </div>
      <details open={Boolean(own?.problem?.errors?.delimiter)}>
        <summary className="summary-link">How the file is written</summary>
        <div className="form-grid">
          <SelectField name="delimiter" label="Columns are separated by" choices={DELIMITERS} required />
          <SelectField
            name="decimal_separator"
            label="Decimals follow a"
            choices={[
              { value: '.', label: 'Point 1,250.50' },
              { value: ',', label: 'Comma 1.250,50' },
            ]}
            required
          />
        </div>
        <p>
          <button type="submit" name="intent" value="read" className="button">
            Read the columns again
          </button>
        </p>
      </details>
      <div className="form-foot">
        <SubmitButton name="intent" value="check">
          {isFolded ? 'Check again' : 'Check the file'}
        </SubmitButton>
      </div>
    </PortalForm>
  );
  return (
    <Card title="Columns" padded>
      <Sample found={found} />
      {isFolded ? (
        <details open={own !== undefined}>
          <summary className="summary-link">Read other columns and check again</summary>
          {form}
        </details>
      ) : (
        form
      )}
    </Card>
  );
}

/** The first rows as they stand in the file. */
function Sample({ found: { columns, sample } }: { found: Import }) {
  if (sample.length === 0) return null;
  return (
    <TableScroll label="First rows of the file">
      <table className="sample">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sample.map((cells, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name
            <tr key={row}>
              {columns.map((column, place) => (
                <td key={column}>{cells[place]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
