import type { ApiKey } from '../../server/contexts/api-key/schemas.ts';
import { API_KEY_LABELS, LATER_ENDS, OVERLAPS } from '../api-key-form.ts';
import type { FormState } from '../forms.ts';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { SelectField, TextField } from './field.tsx';

type Props = {
  apiKey: ApiKey;
  may: { rotate: boolean; revoke: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** What can be done with a key that is not revoked yet. */
export function ApiKeyActions({ apiKey, may, formKey, state }: Props) {
  if (apiKey.state === 'revoked' || !(may.rotate || may.revoke)) return null;
  const shared = { formKey, state, labels: API_KEY_LABELS };
  return (
    <Card title="Change it">
      {may.rotate ? (
        <ChoiceForm
          {...shared}
          intent="rotate"
          title="Rotate the secret"
          button="Make a new secret"
          values={{ overlap_hours: '24' }}
          version={apiKey.version}
        >
          <p className="soft">
            Name, role and place stay.{' '}
            {apiKey.previous_ends_at ? 'The secret before the present one ends at once.' : ''}
          </p>
          <div className="form-grid">
            <SelectField name="overlap_hours" label={API_KEY_LABELS.overlap_hours} choices={OVERLAPS} required />
            <SelectField
              name="ends"
              label="New end"
              choices={LATER_ENDS}
              empty={apiKey.expires_at ? 'As it is' : 'Never, as it is'}
              required
            />
            <TextField name="expires_at" label="On a day" type="date" hint="Instead: works until that day is over" />
          </div>
        </ChoiceForm>
      ) : null}
      {may.revoke ? (
        <ChoiceForm
          {...shared}
          intent="revoke"
          title="Revoke the key"
          button="Revoke it for good"
          version={apiKey.version}
        >
          <p className="soft">Whatever uses it stops working at once. A revoked key never works again.</p>
        </ChoiceForm>
      ) : null}
    </Card>
  );
}
