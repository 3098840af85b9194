import type { CustomerInvoice } from '../../server/contexts/customer-invoice/schemas.ts';
import type { CustomerPaymentKind } from '../../server/contexts/customer-payment/schemas.ts';
import type { FormState } from '../forms.ts';
import { INVOICE_LABELS, PAYMENT_KINDS } from '../invoice-labels.ts';
import { exponentOf, toDecimal } from '../money.ts';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { SelectField, TextField } from './field.tsx';

const METHODS = [
  { value: 'cash', label: 'Cash' },
  { value: 'bank_transfer', label: 'Bank transfer' },
  { value: 'card_terminal', label: 'Card, at a terminal' },
  { value: 'card', label: 'Card (sandbox: no real money)' },
];

/** The sandbox's own: what each does. */
const CARDS = [
  { value: 'tok_visa', label: 'Works' },
  { value: 'tok_declined', label: 'Is declined' },
  { value: 'tok_insufficient_funds', label: 'Has not enough money' },
  { value: 'tok_expired', label: 'Has expired' },
];

type Props = {
  invoice: CustomerInvoice;
  kinds: CustomerPaymentKind[];
  /** How the merchant takes money. */
  methods: readonly string[];
  /** What is suggested as a tip, in minor units. */
  tips: readonly { percent: number; amount: number }[];
  may: { take: boolean; void: boolean; forfeit: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** What can be done with an invoice as it is. */
export function InvoiceActions({ invoice, kinds, methods, tips, may, formKey, state }: Props) {
  const form = (intent: string) => ({ intent, formKey, state, labels: INVOICE_LABELS });
  const isOpen = invoice.status === 'open';
  const taken = METHODS.filter(({ value }) => methods.includes(value));
  const takesCards = taken.some(({ value }) => value === 'card');
  const canPay = may.take && kinds.length > 0 && taken.length > 0;
  const canVoid = may.void && isOpen && invoice.held.amount === 0;
  const canForfeit = may.forfeit && isOpen && invoice.held.amount > 0 && invoice.appointment_id !== null;
  if (!canPay && !canVoid && !canForfeit) return null;
  const { currency, amount } = invoice.outstanding;
  const decimal = (minor: number) => toDecimal(minor, exponentOf(currency));
  const tipHint = tips.map((tip) => `${tip.percent} % is ${decimal(tip.amount)}`).join(', ');
  const suggestions = tips.map((tip) => decimal(tip.amount));
  const deposit =
    invoice.deposit_due.amount > invoice.held.amount
      ? `for a deposit, ${decimal(invoice.deposit_due.amount - invoice.held.amount)}, which is asked for`
      : 'a deposit needs its amount';
  const hint = isOpen ? `Left empty: what is outstanding, ${decimal(amount)}; ${deposit}.` : tipHint || undefined;
  return (
    <Card title="What comes next" isForScreen>
      {canPay ? (
        <ChoiceForm
          {...form('pay')}
          title={isOpen ? 'Take a payment' : 'Take a tip'}
          button="Take it"
          values={{ kind: kinds[0] ?? '', card_token: 'tok_visa' }}
        >
          <div className="form-grid">
            <SelectField
              name="kind"
              label={INVOICE_LABELS.kind}
              choices={kinds.map((kind) => ({ value: kind, label: PAYMENT_KINDS[kind] }))}
              required
            />
            <SelectField name="method" label={INVOICE_LABELS.method} choices={taken} required />
            <TextField
              name="amount"
              label={`${INVOICE_LABELS.amount} (${currency})`}
              inputMode="decimal"
              maxLength={40}
              hint={hint}
              {...(isOpen ? {} : { suggestions })}
            />
            {isOpen ? (
              <TextField
                name="tip"
                label={`${INVOICE_LABELS.tip} (${currency})`}
                inputMode="decimal"
                maxLength={40}
                suggestions={suggestions}
                hint={`On top, with what settles the invoice${tipHint ? `: ${tipHint}` : ''}`}
              />
            ) : null}
            <TextField
              name="paid_on"
              label={INVOICE_LABELS.paid_on}
              type="date"
              hint={takesCards ? 'Left empty, today; a card of the sandbox is always today' : 'Left empty, today'}
            />
            <div className="pay-elsewhere">
              <TextField
                name="reference"
                label={INVOICE_LABELS.reference}
                maxLength={100}
                hint="What the bank or the terminal calls it"
              />
            </div>
            {takesCards ? (
              <div className="pay-card">
                <SelectField name="card_token" label="Test card" choices={CARDS} hint="For a card of the sandbox" />
              </div>
            ) : null}
          </div>
        </ChoiceForm>
      ) : null}
      {canForfeit ? (
        <ChoiceForm {...form('forfeit')} title="Keep the deposit" button="Keep it">
          <p className="hint">Only for a visit that was cancelled late or that nobody came to.</p>
          <TextField name="reason" label={INVOICE_LABELS.reason} maxLength={500} required />
          <TextField name="forfeited_on" label={INVOICE_LABELS.forfeited_on} type="date" hint="Left empty, today" />
        </ChoiceForm>
      ) : null}
      {canVoid ? (
        <ChoiceForm {...form('void')} title="Void it" button="Void the invoice">
          <TextField name="reason" label={INVOICE_LABELS.reason} maxLength={500} required />
        </ChoiceForm>
      ) : null}
    </Card>
  );
}
