import type { CustomerInvoice } from '../../server/contexts/customer-invoice/schemas.ts';
import { Badge } from './badge.tsx';

/** Where an invoice stands. What is open waits for money, which is nothing to be glad of. */
export function InvoiceStatus({ invoice: { status, refunded } }: { invoice: CustomerInvoice }) {
  return (
    <>
      <Badge status={status} {...(status === 'open' ? { tone: 'warn' } : {})} />
      {status === 'paid' && refunded.amount > 0 ? ' Partly refunded' : null}
    </>
  );
}
