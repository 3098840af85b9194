import { FieldErrors } from './field.tsx';
import { useField } from './form.tsx';

/** The file, and its text once it was read: so that a second step needs no second choice. */
export function StatementFileFields() {
  const { value: csv, errors } = useField('csv');
  const { value: name } = useField('file_name');
  return (
    <div className="form-grid">
      <div className="field">
        <label htmlFor="field-file">CSV file</label>
        <input id="field-file" type="file" name="file" accept=".csv,.txt,text/csv,text/plain" className="control" />
        <span className="hint">
          {csv !== ''
            ? `Read: ${name || 'the rows beside'}. Choose another to replace it.`
            : 'Up to one million characters.'}
        </span>
        <input type="hidden" name="file_name" value={name} />
      </div>
      <div className="field">
        <label htmlFor="field-csv">
          Or its rows<span className="optional"> (optional)</span>
        </label>
        <textarea
          id="field-csv"
          name="csv"
          className="control control-rows"
          rows={3}
          defaultValue={csv}
          spellCheck={false}
          aria-invalid={errors.length > 0 || undefined}
          aria-describedby={errors.length > 0 ? 'field-csv-error' : undefined}
        />
        {errors.length > 0 ? <FieldErrors id="field-csv-error" label="The file" messages={errors} /> : null}
      </div>
    </div>
  );
}
