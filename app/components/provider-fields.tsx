import { hourFields, PROVIDER_LABELS as labels, WEEKDAYS } from '../set-up-form.ts';
import { FieldErrors, TextField } from './field.tsx';
import { useField } from './form.tsx';

export function ProviderFields({ timeZone }: { timeZone: string }) {
  const { errors } = useField('hours');
  return (
    <>
      <div className="form-grid">
        <TextField name="name" label={labels.name} maxLength={200} required />
        <TextField name="title" label={labels.title} maxLength={120} />
        <TextField name="email" label={labels.email} type="email" maxLength={254} />
        <TextField name="phone" label={labels.phone} maxLength={40} />
      </div>
      <fieldset className="hours" id="field-hours">
        <legend>
          {labels.hours} <span className="hint">({timeZone}; both empty when nobody works)</span>
        </legend>
        {errors.length > 0 ? <FieldErrors id="hours-error" label={labels.hours} messages={errors} /> : null}
        {WEEKDAYS.map((day, place) => {
          const [from, to] = hourFields(place + 1);
          return (
            <div key={day} className="hours-day">
              <span>{day}</span>
              <Hour name={from} label={`${day} from`} />
              <Hour name={to} label={`${day} to`} />
            </div>
          );
        })}
      </fieldset>
    </>
  );
}

function Hour({ name, label }: { name: string; label: string }) {
  const { id, value } = useField(name);
  return <input id={id} name={name} type="time" className="control" aria-label={label} defaultValue={value} />;
}
