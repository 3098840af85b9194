import { Link } from '@remix-run/react';
import type { SsoConnectionTested } from '../../server/contexts/sso-connection/schemas.ts';
import type { FormState, FormValues } from '../forms.ts';
import type { Choice } from './filters.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { SsoFields } from './sso-fields.tsx';
import { Tested } from './sso-provider.tsx';

export type SsoFormState = FormState & { tested?: SsoConnectionTested };

type Props = {
  state: SsoFormState | undefined;
  values: FormValues;
  formKey: string;
  labels: Record<string, string>;
  version?: number;
  roles: Choice[];
  places: Choice[];
  hasSecret?: boolean;
  mayTest: boolean;
  button: string;
};

/** Sets a connection up or changes it; its provider can be tested before. */
export function SsoForm({
  state,
  values,
  formKey,
  labels,
  version,
  hasSecret = false,
  mayTest,
  button,
  ...more
}: Props) {
  const rows = Number(state?.values.rows ?? values.rows);
  return (
    <>
      {state?.tested ? <Tested tested={state.tested} /> : null}
      <PortalForm
        state={state}
        values={values}
        formKey={formKey}
        labels={labels}
        {...(version === undefined ? {} : { version })}
      >
        <SsoFields rows={rows} hasSecret={hasSecret} {...more} />
        <div className="form-foot">
          <SubmitButton>{button}</SubmitButton>
          {mayTest ? (
            <button type="submit" name="intent" value="test" className="button">
              Test the provider
            </button>
          ) : null}
          <Link className="button button-plain" to="/settings/single-sign-on">
            Cancel
          </Link>
        </div>
      </PortalForm>
    </>
  );
}
