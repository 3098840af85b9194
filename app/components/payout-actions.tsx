import type { PayoutState } from '../../server/contexts/payout/schemas.ts';
import type { FormState } from '../forms.ts';
import { Card } from './card.tsx';
import { TextField } from './field.tsx';
import { PortalForm, SubmitButton } from './form.tsx';

const LABELS = { effective_date: 'Day', reason: 'Reason' };

type Props = {
  payout: { state: PayoutState };
  may: { settle: boolean; cancel: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** What can be said of a payout that has not ended. Each opens by itself, so that nothing is said by a slip of the hand. */
export function PayoutActions({ payout, may, formKey, state }: Props) {
  const refused = state?.values.intent;
  const common = (intent: string) => ({
    intent,
    formKey: `${formKey}-${intent}`,
    state: refused === intent ? state : undefined,
  });
  if (payout.state === 'in_transit' && may.settle) {
    return (
      <Card title="What became of it?">
        <Choice {...common('settle')} title="It arrived" button="Mark as paid">
          <TextField name="effective_date" label="Day" type="date" hint="Left empty, today" />
        </Choice>
        <Choice {...common('fail')} title="It came back" button="Mark as returned">
          <TextField name="reason" label="Reason" maxLength={500} required />
        </Choice>
      </Card>
    );
  }
  if (payout.state === 'scheduled' && may.cancel) {
    return (
      <Card title="Not to be sent?">
        <Choice {...common('cancel')} title="Cancel it" button="Cancel this payout">
          <TextField name="reason" label="Reason" maxLength={500} />
        </Choice>
      </Card>
    );
  }
  return null;
}

type ChoiceProps = {
  intent: string;
  title: string;
  button: string;
  formKey: string;
  state: FormState | undefined;
  children: React.ReactNode;
};

function Choice({ intent, title, button, formKey, state, children }: ChoiceProps) {
  return (
    <details className="choice" open={state !== undefined}>
      <summary>{title}</summary>
      <PortalForm state={state} formKey={formKey} labels={LABELS}>
        <input type="hidden" name="intent" value={intent} />
        {children}
        <div className="form-foot">
          <SubmitButton>{button}</SubmitButton>
        </div>
      </PortalForm>
    </details>
  );
}
