import type { FormState } from '../forms.ts';
import { PortalForm, SubmitButton } from './form.tsx';

type Props = {
  /** What the button does: the field `intent` of the form. */
  intent: string;
  button: string;
  formKey: string;
  state: FormState | undefined;
  labels: Record<string, string>;
  version?: number;
};

/** A step that asks nothing and can be taken at once. */
export function StepForm({ intent, button, formKey, state, ...form }: Props) {
  const own = state?.values.intent === intent ? state : undefined;
  return (
    <div className="card-body">
      <PortalForm state={own} formKey={`${formKey}-${intent}`} idPrefix={`${intent}-`} {...form}>
        <input type="hidden" name="intent" value={intent} />
        <div>
          <SubmitButton>{button}</SubmitButton>
        </div>
      </PortalForm>
    </div>
  );
}
