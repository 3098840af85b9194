import { Link } from '@remix-run/react';
import { flagType, OPERATORS } from '../../server/contexts/feature-flag/schemas.ts';
import { flagLabels, linesOf } from '../flag-form.ts';
import type { FormState, FormValues } from '../forms.ts';
import { humanize } from '../labels.ts';
import { FieldErrors, SelectField, TextField } from './field.tsx';
import { PortalForm, SubmitButton, useField } from './form.tsx';

type Props = {
  state: FormState | undefined;
  values: FormValues;
  formKey: string;
  button: string;
  back: string;
  version?: number;
};

/** A flag is given its key and type once; everything else can be changed. */
export function FlagForm({ state, values, formKey, button, back, version }: Props) {
  const shown = { ...values, ...state?.values };
  const { variants, rules } = linesOf(shown);
  const guard = version === undefined ? {} : { version };
  return (
    <PortalForm state={state} values={values} formKey={formKey} labels={flagLabels(shown)} {...guard}>
      {version === undefined ? (
        <>
          <TextField name="key" label="Key" hint="What programs ask for, like checkout.tips" maxLength={100} required />
          <SelectField
            name="type"
            label="Type"
            choices={flagType.options.map((value) => ({ value, label: humanize(value) }))}
            required
          />
        </>
      ) : (
        <input type="hidden" name="type" value={values.type} />
      )}
      <TextField name="name" label="Name" maxLength={200} required />
      <TextField name="description" label="Description" maxLength={1000} />
      <section className="mappings" aria-label="Variants">
        <h2>Variants</h2>
        <p className="soft">
          What the flag can be, and who gets it when no rule decides: shares that add up to 100. Raising the first one
          takes nobody out.
        </p>
        <input type="hidden" name="variants" value={variants} />
        {numbers(variants).map((at) => (
          <fieldset key={at} className="flag-line">
            <legend className="visually-hidden">Variant {at + 1}</legend>
            <Cell name={`variants.${at}.name`} label="Variant" />
            <Cell name={`variants.${at}.value`} label="Value" maxLength={8192} />
            <Cell name={`variants.${at}.percent`} label="Share in %" isNumber />
          </fieldset>
        ))}
      </section>
      <TextField name="off_variant" label="Variant while it is off" maxLength={50} required />
      <section className="mappings" aria-label="Rules">
        <h2>Rules</h2>
        <p className="soft">
          The first rule whose conditions all hold decides. Values are separated by commas. An emptied rule goes away;
          saving brings a new line.
        </p>
        <input type="hidden" name="rules" value={rules.length} />
        {rules.map((lines, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is named by its place
          <RuleFields key={at} at={at} lines={lines} />
        ))}
      </section>
      <div className="form-foot">
        <SubmitButton>{button}</SubmitButton>
        <Link className="button button-plain" to={back}>
          Cancel
        </Link>
      </div>
    </PortalForm>
  );
}

const numbers = (length: number) => Array.from({ length }, (_, at) => at);

function RuleFields({ at, lines }: { at: number; lines: number }) {
  const rule = `rules.${at}`;
  return (
    <fieldset className="flag-rule">
      <legend>Rule {at + 1}</legend>
      <input type="hidden" name={`${rule}.lines`} value={lines} />
      {numbers(lines).map((line) => (
        <div key={line} className="flag-line">
          <Cell name={`${rule}.conditions.${line}.attribute`} label="Attribute" placeholder="merchant_id" />
          <Choose name={`${rule}.conditions.${line}.operator`} label="Comparison" />
          <Cell name={`${rule}.conditions.${line}.values`} label="Values" maxLength={2000} />
        </div>
      ))}
      <div className="flag-line">
        <Cell name={`${rule}.serve`} label="Gives" placeholder="on, or on 30 %, off 70 %" maxLength={500} />
        <Cell name={`${rule}.name`} label="Name of the rule (optional)" />
      </div>
    </fieldset>
  );
}

type CellProps = { name: string; label: string; placeholder?: string; maxLength?: number; isNumber?: boolean };

function Cell({ name, label, placeholder, maxLength = 100, isNumber = false }: CellProps) {
  const { id, value, errors } = useField(name);
  return (
    <div className="mapping-cell">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        className="control"
        defaultValue={value}
        placeholder={placeholder}
        maxLength={maxLength}
        inputMode={isNumber ? 'decimal' : undefined}
        autoComplete="off"
        aria-invalid={errors.length > 0 || undefined}
        aria-describedby={errors.length > 0 ? `${id}-error` : undefined}
      />
      {errors.length > 0 ? <FieldErrors id={`${id}-error`} label={label} messages={errors} /> : null}
    </div>
  );
}

function Choose({ name, label }: { name: string; label: string }) {
  const { id, value } = useField(name);
  return (
    <div className="mapping-cell">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="control" defaultValue={value || 'in'}>
        {Object.entries(OPERATORS).map(([operator, words]) => (
          <option key={operator} value={operator}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
