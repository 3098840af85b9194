import { Fragment } from 'react';
import { hourFields, PROVIDER_LABELS as labels, WEEKDAYS } from '../set-up-form.ts';
import { FieldErrors, TextField } from './field.tsx';
import { useField } from './form.tsx';

type Props = {
  timeZone: string;
  /** Without, the hours are not asked for. */
  withHours?: boolean;
};

export function ProviderFields({ timeZone, withHours = true }: Props) {
  return (
    <>
      <div className="form-grid">
        <TextField name="name" label={labels.name} maxLength={200} required />
        <TextField name="title" label={labels.title} maxLength={120} />
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} maxLength={40} />
      </div>
      {withHours ? (
        <Hours timeZone={timeZone} />
      ) : (
        <p className="hint">The working hours have more than one break a day: they are changed through the API.</p>
      )}
    </>
  );
}

function Hours({ timeZone }: { timeZone: string }) {
  const { errors } = useField('hours');
  return (
    <fieldset className="hours" id="field-hours">
      <legend>
        {labels.hours} <span className="hint">({timeZone}; the second times are for after a break)</span>
      </legend>
      {errors.length > 0 ? <FieldErrors id="hours-error" label={labels.hours} messages={errors} /> : null}
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
    </fieldset>
  );
}

function Hour({ name, label }: { name: string; label: string }) {
  const { id, value } = useField(name);
  return <input id={id} name={name} type="time" className="control" aria-label={label} defaultValue={value} />;
}
