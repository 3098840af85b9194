import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { FormState, FormValues } from '../forms.ts';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { PortalForm, SubmitButton } from './form.tsx';

type Props = {
  thing: { version: number; archived_at: string | null };
  home: string;
  values: FormValues;
  labels: Record<string, string>;
  may: { update: boolean; archive: boolean };
  formKey: string;
  state: FormState | undefined;
  children: ReactNode;
};

/** A thing that a merchant is set up with: its fields, and whether it is in use. */
export function SetUpThing({ thing, home, values, labels, may, formKey, state, children }: Props) {
  const { version, archived_at } = thing;
  const isArchived = archived_at !== null;
  return (
    <div className="form-narrow stack">
      <Card title="Details" padded>
        <PortalForm
          state={state?.values.intent === 'edit' ? state : undefined}
          {...{ values, formKey, version, labels }}
        >
          <input type="hidden" name="intent" value="edit" />
          {children}
          <div className="form-foot">
            {may.update ? <SubmitButton>Save changes</SubmitButton> : null}
            <Link className="button button-plain" to={home}>
              Back to the set-up
            </Link>
          </div>
        </PortalForm>
      </Card>
      {may.archive ? (
        <Card title={isArchived ? 'Out of use' : 'No longer needed?'}>
          <ChoiceForm
            intent={isArchived ? 'restore' : 'archive'}
            title={isArchived ? 'Take back into use' : 'Archive'}
            button={isArchived ? 'Restore' : 'Take out of use'}
            {...{ formKey, state, labels, version }}
          />
        </Card>
      ) : null}
    </div>
  );
}
