import type { CustomerPaymentKind } from '../server/contexts/customer-payment/schemas.ts';

/** The fields of what is done with an invoice. */
export const INVOICE_LABELS = {
  kind: 'What for',
  method: 'How',
  amount: 'Amount',
  tip: 'Tip',
  card_token: 'Card',
  reason: 'Reason',
  paid_on: 'Day',
  reference: 'Reference',
  forfeited_on: 'Day',
};

export const PAYMENT_KINDS: Record<CustomerPaymentKind, string> = {
  full_pay: 'The whole',
  balance: 'The balance',
  deposit: 'A deposit',
  no_show: 'The fee',
  tip: 'A tip',
};
