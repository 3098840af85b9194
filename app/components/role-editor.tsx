import { Link } from '@remix-run/react';
import type { FormState, FormValues } from '../forms.ts';
import { type PermissionRow, ROLE_LABELS } from '../role-form.ts';
import { Card } from './card.tsx';
import { TextField } from './field.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { PermissionMatrix } from './permission-matrix.tsx';
import { type RolePreview, RolePreviewStep } from './role-preview.tsx';

export type RoleState = FormState & { preview: RolePreview | null };

type Props = {
  rows: PermissionRow[];
  values: FormValues;
  formKey: string;
  state: RoleState | undefined;
  version?: number;
  /** The words of the main button, and what it does. */
  main: { label: string; intent: string };
  cancel: string;
};

/** What a role is called and what it gives; then, before an existing one is saved, whom that changes. */
export function RoleEditor({ rows, values, formKey, state, version, main, cancel }: Props) {
  const form = { state, values, formKey, labels: ROLE_LABELS, ...(version === undefined ? {} : { version }) };
  if (state?.preview) {
    return (
      <PortalForm {...form}>
        <RolePreviewStep preview={state.preview} values={state.values} />
      </PortalForm>
    );
  }
  return (
    <PortalForm {...form}>
      {/* Enter in a field looks for permissions; nothing is saved by it. */}
      <button
        type="submit"
        name="intent"
        value="find"
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        onClick={(event) => event.preventDefault()}
      >
        Find
      </button>
      <Card padded>
        <div className="form-grid">
          <TextField name="name" label="Name" maxLength={100} required />
          <TextField name="description" label="Description" maxLength={500} />
        </div>
      </Card>
      <Card title="Permissions">
        <PermissionMatrix rows={rows} />
      </Card>
      <div className="form-foot matrix-foot">
        <SubmitButton name="intent" value={main.intent}>
          {main.label}
        </SubmitButton>
        <Link className="button button-plain" to={cancel}>
          Cancel
        </Link>
      </div>
    </PortalForm>
  );
}
