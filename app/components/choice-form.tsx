import type { ReactNode } from 'react';
import type { FormState, FormValues } from '../forms.ts';
import { PortalForm, SubmitButton } from './form.tsx';

type Props = {
  /** What the button does: the field `intent` of the form. */
  intent: string;
  title: string;
  button: string;
  formKey: string;
  /** The answer of the action when it refused, whichever form of the page it was. */
  state: FormState | undefined;
  labels: Record<string, string>;
  /** What the fields hold at first. */
  values?: FormValues;
  /** The version that is being changed. */
  version?: number;
  /** For who came here to take this very step. */
  isOpen?: boolean;
  children?: ReactNode;
};

/** A step that opens by itself before it is taken, so that nothing is done by a slip of the hand. */
export function ChoiceForm({ intent, title, button, formKey, state, isOpen = false, children, ...form }: Props) {
  const own = state?.values.intent === intent ? state : undefined;
  // Under each new key it is folded again: what was asked for is done.
  return (
    <details key={formKey} className="choice" open={isOpen || own !== undefined}>
      <summary>{title}</summary>
      <PortalForm state={own} formKey={`${formKey}-${intent}`} idPrefix={`${intent}-`} {...form}>
        <input type="hidden" name="intent" value={intent} />
        {children}
        <div className="form-foot">
          <SubmitButton>{button}</SubmitButton>
        </div>
      </PortalForm>
    </details>
  );
}
