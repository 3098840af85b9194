import type { InputHTMLAttributes, ReactNode } from 'react';
import type { Choice } from './filters.tsx';
import { sentence, useField } from './form.tsx';
import { Icon } from './icon.tsx';
import { type GroupedChoice, Options } from './options.tsx';

type FieldProps = { name: string; label: string; hint?: ReactNode; required?: boolean };
type ControlProps = {
  id: string;
  name: string;
  required: boolean;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
  className: string;
};

/** A label, its control, a hint and the errors, tied together for assistive technology. */
function Field(props: FieldProps & { control: (props: ControlProps) => ReactNode }) {
  const { name, label, hint, required = false, control } = props;
  const { id, errors } = useField(name);
  const described = [hint ? `${id}-hint` : '', errors.length > 0 ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {required ? null : <span className="optional"> (optional)</span>}
      </label>
      {control({
        id,
        name,
        required,
        'aria-describedby': described || undefined,
        'aria-invalid': errors.length > 0 || undefined,
        className: 'control',
      })}
      {hint ? (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
      {errors.length > 0 ? <FieldErrors id={`${id}-error`} label={label} messages={errors} /> : null}
    </div>
  );
}

/** The messages of one field. */
export function FieldErrors({ id, label, messages }: { id: string; label: string; messages: string[] }) {
  return (
    <span className="field-error" id={id}>
      <Icon name="alert" size={14} />
      {messages.map((message) => sentence(label, message)).join(' ')}
    </span>
  );
}

type TextProps = FieldProps &
  Pick<InputHTMLAttributes<HTMLInputElement>, 'type' | 'autoComplete' | 'maxLength'> & {
    suggestions?: string[];
    placeholder?: string;
    inputMode?: InputHTMLAttributes<HTMLInputElement>['inputMode'];
  };

export function TextField({
  type = 'text',
  autoComplete = 'off',
  maxLength,
  placeholder,
  inputMode,
  suggestions,
  ...field
}: TextProps) {
  const { id, value } = useField(field.name);
  const listId = suggestions ? `suggestions-${id}` : undefined;
  return (
    <Field
      {...field}
      control={(control) => (
        <>
          <input
            {...control}
            type={type}
            defaultValue={type === 'password' ? '' : value}
            autoComplete={autoComplete}
            maxLength={maxLength}
            placeholder={placeholder}
            inputMode={inputMode}
            list={listId}
          />
          {suggestions ? (
            <datalist id={listId}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          ) : null}
        </>
      )}
    />
  );
}

export function TextAreaField({ maxLength, rows = 4, ...field }: FieldProps & { maxLength?: number; rows?: number }) {
  const { value } = useField(field.name);
  return (
    <Field
      {...field}
      control={(control) => <textarea {...control} rows={rows} defaultValue={value} maxLength={maxLength} />}
    />
  );
}

/** A file to upload; it has to be chosen again after an error. */
export function FileField({ accept, ...field }: FieldProps & { accept: string }) {
  return <Field {...field} required control={(control) => <input {...control} type="file" accept={accept} />} />;
}

type SelectProps = FieldProps & { choices: GroupedChoice[]; empty?: string };

/** `empty` is the words of the choice to choose nothing. Choices of a group stand under its name, after the others. */
export function SelectField({ choices, empty, ...field }: SelectProps) {
  const { value } = useField(field.name);
  return (
    <Field
      {...field}
      control={(control) => (
        <select {...control} defaultValue={value}>
          {empty === undefined ? null : <option value="">{empty}</option>}
          <Options choices={choices} />
        </select>
      )}
    />
  );
}

/** Any of some choices, as boxes to tick; the form's value is those ticked, with spaces between. */
export function ChoicesField({
  name,
  label,
  hint,
  choices,
}: {
  name: string;
  label: string;
  hint?: string;
  choices: Choice[];
}) {
  const { id, value, errors } = useField(name);
  const ticked = new Set((value ?? '').split(' '));
  return (
    <fieldset className="field choices" id={id} aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend>{label}</legend>
      {/* Says that the boxes were there, when none of them is ticked. */}
      <input type="hidden" name={name} value="" />
      {choices.map((choice) => (
        <label key={choice.value} className="check">
          <input type="checkbox" name={name} value={choice.value} defaultChecked={ticked.has(choice.value)} />
          {choice.label}
        </label>
      ))}
      {hint ? (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
      {errors.length > 0 ? <FieldErrors id={`${id}-error`} label={label} messages={errors} /> : null}
    </fieldset>
  );
}
