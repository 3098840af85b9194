import { CONTACT_ROWS, contactField } from '../party-form.ts';
import { TextField } from './field.tsx';

/** People to ask for: as many as there are, and one more. */
export function ContactsFields({ count }: { count: number }) {
  return (
    <fieldset className="contact-rows" id="field-contacts">
      <legend>People to ask for</legend>
      {CONTACT_ROWS.slice(0, count + 1).map((row) => (
        <fieldset key={row} className="form-grid">
          <legend className="visually-hidden">Contact {row + 1}</legend>
          <TextField name={contactField(row, 'name')} label="Name" maxLength={200} />
          <TextField name={contactField(row, 'role')} label="Role" maxLength={120} />
          <TextField name={contactField(row, 'email')} label="E-mail" type="email" maxLength={254} />
          <TextField name={contactField(row, 'phone')} label="Phone" type="tel" maxLength={40} />
        </fieldset>
      ))}
      <p className="hint">An empty one is left out. After saving there is room for another.</p>
    </fieldset>
  );
}
