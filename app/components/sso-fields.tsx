import { WHOLE_TENANT } from '../team-places.ts';
import { SelectField, TextField } from './field.tsx';
import type { Choice } from './filters.tsx';
import { SsoMappingRows } from './sso-mapping-rows.tsx';

type Props = { roles: Choice[]; places: Choice[]; rows: number; hasSecret: boolean };

const yesOrNo = (yes: string, no: string): Choice[] => [
  { value: 'no', label: no },
  { value: 'yes', label: yes },
];

/** The fields of a connection, in the order in which one sets it up. */
export function SsoFields({ roles, places, rows, hasSecret }: Props) {
  return (
    <>
      <ProviderFields hasSecret={hasSecret} />
      <div className="form-section">
        <h2>Who comes through it</h2>
        <div className="form-grid">
          <TextField
            name="email_domains"
            label="E-mail domains"
            hint="Like example.com; several with commas between them"
            required
          />
          <SelectField
            name="creates_users"
            label="Somebody new"
            choices={yesOrNo('Gets an account at the first sign-in', 'Has to be invited first')}
            required
          />
          <SelectField
            name="forbids_passwords"
            label="Passwords"
            choices={yesOrNo('Are for owners alone in these domains', 'Sign in as well')}
            hint="Owners always keep a way in"
            required
          />
          <SelectField
            name="trusts_amr"
            label="Second factor"
            choices={yesOrNo('Trust the provider when it says “mfa”', 'Ask for ours')}
            required
          />
        </div>
      </div>
      <div className="form-section">
        <h2>Which roles they get</h2>
        <SsoMappingRows roles={roles} places={places} rows={rows} />
        <div className="form-grid">
          <SelectField
            name="default_role.role_id"
            label="Everybody else"
            empty="Is refused, unless given a role by hand"
            choices={roles}
          />
          <SelectField name="default_role.place" label="Place" empty={WHOLE_TENANT} choices={places} />
        </div>
      </div>
      <div className="form-section">
        <div className="form-grid">
          <SelectField
            name="is_enabled"
            label="State"
            choices={yesOrNo('On: offered on the sign-in page', 'Off')}
            hint="Turned on only when the provider answers as it should"
            required
          />
        </div>
      </div>
    </>
  );
}

function ProviderFields({ hasSecret }: { hasSecret: boolean }) {
  return (
    <div className="form-section">
      <h2>The provider</h2>
      <div className="form-grid">
        <TextField name="name" label="Name" hint="On the button of the sign-in page" maxLength={100} required />
        <TextField
          name="issuer"
          label="Issuer"
          placeholder="https://login.example.com"
          hint="Exactly as the provider writes it"
          maxLength={500}
          inputMode="url"
          required
        />
        <TextField name="client_id" label="Client ID" maxLength={500} required />
        <TextField
          name="client_secret"
          label="Client secret"
          type="password"
          autoComplete="new-password"
          hint={hasSecret ? 'One is kept. Leave this empty to keep it.' : 'Kept encrypted, and never shown again'}
          maxLength={2000}
        />
        <TextField name="scopes" label="Scopes" hint="With spaces between them" maxLength={1000} />
      </div>
    </div>
  );
}
