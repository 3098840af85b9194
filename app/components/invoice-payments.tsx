import { Link } from '@remix-run/react';
import type { CustomerPayment } from '../../server/contexts/customer-payment/schemas.ts';
import type { FormState } from '../forms.ts';
import { INVOICE_LABELS, PAYMENT_KINDS } from '../invoice-labels.ts';
import { humanize } from '../labels.ts';
import { exponentOf, toDecimal } from '../money.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';
import { Money } from './money.tsx';
import { CalendarDate } from './time.tsx';

type Props = {
  payments: CustomerPayment[];
  may: { take: boolean; refund: boolean; trace: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** What was paid and given back, each with what the ledger booked, the latest first. */
export function InvoicePayments({ payments, may, formKey, state }: Props) {
  return (
    <Card title="Payments">
      {payments.length === 0 ? <p className="day-free">Nothing was paid yet.</p> : null}
      <ul className="plain-list">
        {payments.map((payment) => (
          <li key={payment.id}>
            <span>
              {PAYMENT_KINDS[payment.kind]}, {humanize(payment.method).toLowerCase()}
              {payment.tip.amount > 0 && payment.kind !== 'tip' ? (
                <>
                  , <Money {...payment.tip} /> of it a tip
                </>
              ) : null}{' '}
              <Dated {...payment} reference={payment.method === 'card' ? null : payment.reference} />
              {payment.failure ? <span className="cell-note">{payment.failure}</span> : null}
            </span>
            <Badge status={payment.status} />
            <Money {...payment.amount} />
            <Booked id={payment.transaction_id} may={may} />
            {payment.refunds.map((refund) => (
              <div key={refund.id} className="refund">
                <span>
                  Given back: {refund.reason}{' '}
                  <Dated {...refund} reference={payment.method === 'card' ? null : refund.reference} />
                  {refund.failure ? <span className="cell-note">{refund.failure}</span> : null}
                </span>
                <Badge status={refund.status} />
                <Money amount={-refund.amount.amount} currency={refund.amount.currency} />
                <Booked id={refund.transaction_id} may={may} />
              </div>
            ))}
            {may.take && payment.status === 'pending' ? (
              <AskAgain payment={payment} formKey={formKey} state={state} />
            ) : null}
            {may.refund && payment.refundable.amount > 0 ? (
              <Refund payment={payment} formKey={formKey} state={state} />
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Dated({ paid_on, reference }: { paid_on: string; reference: string | null }) {
  return (
    <span className="cell-note">
      <CalendarDate value={paid_on} />
      {reference ? `, ${reference}` : null}
    </span>
  );
}

function Booked({ id, may }: { id: string | null; may: { trace: boolean } }) {
  return id && may.trace ? <Link to={`/transactions/${id}`}>In the ledger</Link> : null;
}

type StepProps = { payment: CustomerPayment; formKey: string; state: FormState | undefined };

/** For a card whose processor was silent; it is asked every hour anyway. */
function AskAgain({ payment, formKey, state }: StepProps) {
  const step = { intent: `process:${payment.id}`, title: 'Ask the processor again', button: 'Ask now' };
  return (
    <div className="refund">
      <ChoiceForm {...step} formKey={formKey} state={state} labels={INVOICE_LABELS}>
        <input type="hidden" name="payment_id" value={payment.id} />
      </ChoiceForm>
    </div>
  );
}

function Refund({ payment, formKey, state }: StepProps) {
  const { amount, currency } = payment.refundable;
  const left = `${toDecimal(amount, exponentOf(currency))} ${currency}`;
  return (
    <div className="refund">
      <ChoiceForm
        intent={`refund:${payment.id}`}
        title="Give back"
        button="Give it back"
        formKey={formKey}
        state={state}
        labels={INVOICE_LABELS}
      >
        <input type="hidden" name="payment_id" value={payment.id} />
        <TextField
          name="amount"
          label={`Amount (${currency})`}
          inputMode="decimal"
          maxLength={40}
          hint={`Left empty, all that is left: ${left}`}
        />
        <TextField name="reason" label={INVOICE_LABELS.reason} maxLength={500} required />
        {payment.method === 'card' ? null : (
          <div className="form-grid">
            <TextField name="paid_on" label={INVOICE_LABELS.paid_on} type="date" hint="Left empty, today" />
            <TextField name="reference" label={INVOICE_LABELS.reference} maxLength={100} />
          </div>
        )}
      </ChoiceForm>
    </div>
  );
}
