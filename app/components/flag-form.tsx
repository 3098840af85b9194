import { Link } from '@remix-run/react';
import { type FormEvent, useState } from 'react';
import { flagType, OPERATORS } from '../../server/contexts/feature-flag/schemas.ts';
import { flagLabels, linesOf, type RuleLines } from '../flag-form.ts';
import type { FormState, FormValues } from '../forms.ts';
import { humanize } from '../labels.ts';
import { ChoicesField, FieldErrors, SelectField, TextField } from './field.tsx';
import type { Choice } from './filters.tsx';
import { MistakenAttributes } from './flag-parts.tsx';
import { PortalForm, SubmitButton, useField } from './form.tsx';

type Props = {
  state: FormState | undefined;
  values: FormValues;
  formKey: string;
  button: string;
  back: string;
  version?: number;
  /** Whom rules can be for. */
  merchants: Choice[];
};

/** A flag is given its key and type once; everything else can be changed. */
export function FlagForm({ state, values, formKey, button, back, version, merchants }: Props) {
  const shown = { ...values, ...state?.values };
  const { variants, rules } = linesOf(shown);
  const [typed, setTyped] = useState<string[] | null>(null);
  const names = typed ?? numbers(variants).map((at) => shown[`variants.${at}.name`] ?? '');
  const retype = ({ currentTarget }: FormEvent<HTMLFormElement>) => {
    const form = new FormData(currentTarget);
    setTyped(numbers(variants).map((at) => String(form.get(`variants.${at}.name`) ?? '').trim()));
  };
  const guard = version === undefined ? {} : { version };
  return (
    <PortalForm state={state} values={values} formKey={formKey} labels={flagLabels(shown)} onInput={retype} {...guard}>
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
          The first rule whose conditions all hold decides. Values are separated by commas, shares add up to 100. An
          emptied rule goes away; saving brings new lines, and variants that were typed above to choose from.
        </p>
        <MistakenAttributes attributes={attributesOf(shown, rules)} />
        <input type="hidden" name="rules" value={rules.length} />
        {rules.map((lines, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is named by its place
          <RuleFields key={at} {...{ at, lines, merchants }} variants={names.filter(Boolean)} />
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

const COMPARISONS = Object.entries(OPERATORS).map(([value, label]) => ({ value, label }));

const numbers = (length: number) => Array.from({ length }, (_, at) => at);

function attributesOf(values: FormValues, rules: RuleLines[]): string[] {
  return rules.flatMap(({ conditions }, at) =>
    numbers(conditions).map((line) => values[`rules.${at}.conditions.${line}.attribute`] ?? ''),
  );
}

type RuleProps = { at: number; lines: RuleLines; merchants: Choice[]; variants: string[] };

function RuleFields({ at, lines, merchants, variants }: RuleProps) {
  const rule = `rules.${at}`;
  return (
    <fieldset className="flag-rule">
      <legend>Rule {at + 1}</legend>
      <input type="hidden" name={`${rule}.lines`} value={lines.conditions} />
      <input type="hidden" name={`${rule}.shares`} value={lines.shares} />
      <MerchantPick name={`${rule}.merchants`} merchants={merchants} />
      {numbers(lines.conditions).map((line) => (
        <div key={line} className="flag-line">
          <Cell name={`${rule}.conditions.${line}.attribute`} label="Attribute" placeholder="country" />
          <Choose name={`${rule}.conditions.${line}.operator`} label="Comparison" choices={COMPARISONS} />
          <Cell name={`${rule}.conditions.${line}.values`} label="Values" maxLength={2000} />
        </div>
      ))}
      {numbers(lines.shares).map((line) => (
        <div key={line} className="flag-line">
          <Choose
            name={`${rule}.serve.${line}.variant`}
            label={line === 0 ? 'Gives' : 'Or gives'}
            choices={[
              { value: '', label: line === 0 ? 'Choose one' : 'Nothing else' },
              ...variants.map((name) => ({ value: name, label: name })),
            ]}
          />
          <Cell
            name={`${rule}.serve.${line}.percent`}
            label="To how many %"
            isNumber
            placeholder={line === 0 ? '100' : undefined}
          />
        </div>
      ))}
      <div className="flag-line">
        <Cell name={`${rule}.name`} label="Name of the rule (optional)" />
      </div>
    </fieldset>
  );
}

type CellProps = {
  name: string;
  label: string;
  placeholder?: string | undefined;
  maxLength?: number;
  isNumber?: boolean;
};

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

type ChooseProps = { name: string; label: string; choices: Choice[] };

/** What was chosen stays a choice, also when it is no longer one. */
function Choose({ name, label, choices }: ChooseProps) {
  const { id, value, errors } = useField(name);
  const isOffered = value === '' || choices.some((each) => each.value === value);
  const offered = isOffered ? choices : [...choices, { value, label: value }];
  return (
    <div className="mapping-cell">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        className="control"
        defaultValue={value || choices[0]?.value}
        aria-invalid={errors.length > 0 || undefined}
        aria-describedby={errors.length > 0 ? `${id}-error` : undefined}
      >
        {offered.map((each) => (
          <option key={each.value} value={each.value}>
            {each.label}
          </option>
        ))}
      </select>
      {errors.length > 0 ? <FieldErrors id={`${id}-error`} label={label} messages={errors} /> : null}
    </div>
  );
}

/** The merchants that a rule is for; those that it is for already stay choices, also when they are not to be read. */
function MerchantPick({ name, merchants }: { name: string; merchants: Choice[] }) {
  const { value } = useField(name);
  const chosen = value.split(' ').filter(Boolean);
  const unknown = chosen.filter((id) => !merchants.some((each) => each.value === id));
  const choices = [...unknown.map((id) => ({ value: id, label: id })), ...merchants];
  if (choices.length === 0) return null;
  return (
    <details className="choice merchant-pick" open={chosen.length > 0}>
      <summary>Only for some merchants</summary>
      <ChoicesField name={name} label="Merchants" choices={choices} />
    </details>
  );
}
