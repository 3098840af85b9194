import { Fragment, type MouseEvent } from 'react';
import { COPIED_HOURS, COPY_HOURS, hourFields, WEEKDAYS } from '../set-up-form.ts';
import { FieldErrors } from './field.tsx';
import { useField } from './form.tsx';

type Props = {
  label: string;
  timeZone: string;
  /** Hours with more than one break a day are not asked for: the form would drop what it has no fields for. */
  fits: boolean;
};

/** The hours of a week, before and after a break. */
export function HoursFields({ label, timeZone, fits }: Props) {
  const { errors } = useField('hours');
  if (!fits) {
    return <p className="hint">{label} have more than one break a day: they are changed through the API.</p>;
  }
  return (
    <fieldset className="hours" id="field-hours">
      <legend>
        {label} <span className="hint">({timeZone}; the second times are for after a break)</span>
      </legend>
      {errors.length > 0 ? <FieldErrors id="hours-error" label={label} messages={errors} /> : null}
      {/* Enter saves the form, and copies nothing. */}
      <button type="submit" className="visually-hidden" tabIndex={-1} aria-hidden="true">
        Save
      </button>
      {WEEKDAYS.map((day, place) => (
        <div key={day} className="hours-day">
          <span className="hours-name">{day}</span>
          <span className="hours-times">
            {hourFields(place + 1).map(([from, to], part) => (
              <Fragment key={from}>
                <Hour name={from} label={`${day} ${part === 0 ? 'from' : 'again from'}`} />
                <Hour name={to} label={`${day} ${part === 0 ? 'to' : 'again to'}`} />
              </Fragment>
            ))}
          </span>
        </div>
      ))}
      <button type="submit" name={COPY_HOURS} value="1" className="button hours-copy" onClick={copyHere}>
        Tuesday to Friday as Monday
      </button>
    </fieldset>
  );
}

/** Where the page is alive, nothing has to be sent for it. */
function copyHere(event: MouseEvent<HTMLButtonElement>) {
  const fields = event.currentTarget.form?.elements;
  if (!fields) return;
  event.preventDefault();
  const field = (name: string) => fields.namedItem(name) as HTMLInputElement;
  for (const { from, to } of COPIED_HOURS) field(to).value = field(from).value;
}

function Hour({ name, label }: { name: string; label: string }) {
  const { id, value } = useField(name);
  return <input id={id} name={name} type="time" className="control" aria-label={label} defaultValue={value} />;
}
