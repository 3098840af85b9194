import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { customerInvoiceGet } from '../../server/contexts/customer-invoice/operations.ts';
import type { CustomerInvoice } from '../../server/contexts/customer-invoice/schemas.ts';
import { customerPaymentList, kindsFor } from '../../server/contexts/customer-payment/operations.ts';
import { merchantSettingsRead } from '../../server/contexts/setting/operations.ts';
import { Card, Fact, Facts } from '../components/card.tsx';
import { InvoiceActions } from '../components/invoice-actions.tsx';
import { InvoicePayments } from '../components/invoice-payments.tsx';
import { InvoiceStatus } from '../components/invoice-status.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { TableScroll } from '../components/table.tsx';
import { CalendarDate } from '../components/time.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { headed } from '../headed.ts';
import { changeInvoice, INVOICE_FIELDS } from '../invoice-actions.ts';
import { pageTitle } from '../page-title.ts';
import { suggestedTips } from '../suggested-tips.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ invoice: CustomerInvoice }>(({ invoice }) => `Invoice ${invoice.number}`);
export const handle = headed<{ invoice: CustomerInvoice }>(({ invoice }) => `Invoice ${invoice.number}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, invoice] = await Promise.all([
    merchantOf(context, params),
    context.run(customerInvoiceGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, invoice);
  const [payments, settings] = await Promise.all([
    context.can('customer_payment:read')
      ? context.run(customerPaymentList, { invoice_id: invoice.id, limit: 200 })
      : null,
    context.run(merchantSettingsRead, { id: merchant.id }),
  ]);
  const setting = (wanted: string) => settings.data.find(({ key }) => key === wanted)?.value;
  return {
    ...{ merchant, invoice, payments: payments?.data ?? [], kinds: kindsFor(invoice), formKey: newFormKey() },
    methods: setting('payment_methods') as string[],
    tips: suggestedTips(setting('tips_suggested_percents') as number[], invoice.subtotal.amount),
    may: {
      take: context.can('customer_payment:take'),
      refund: context.can('customer_payment:refund'),
      void: context.can('customer_invoice:void'),
      forfeit: context.can('customer_invoice:forfeit'),
      trace: context.can('transaction:read'),
    },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const invoice = ownedBy(params, await context.run(customerInvoiceGet, { id: thingParam(params) }));
  const form = await request.formData();
  const values = readFields(form, INVOICE_FIELDS);
  const answer = await changeInvoice(context, invoice, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${params.id}/invoices/${invoice.id}?saved=1`);
}

export default function InvoiceDetail() {
  const { merchant, invoice, payments, kinds, methods, tips, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice created="The invoice is made." saved="The invoice was changed." />
      <div className="columns">
        <div className="stack">
          <InvoiceActions invoice={invoice} {...{ kinds, methods, tips, may, formKey, state }} />
          <Lines invoice={invoice} />
          <InvoicePayments payments={payments} may={may} formKey={formKey} state={state} />
        </div>
        <aside>
          <Card title="Details" padded>
            <Facts>
              <Fact name="Status">
                <InvoiceStatus invoice={invoice} />
              </Fact>
              {invoice.status_reason ? <Fact name="Reason">{invoice.status_reason}</Fact> : null}
              <Fact name="Customer">
                <Link to={`/merchants/${merchant.id}/customers/${invoice.end_customer.id}`}>
                  {invoice.end_customer.name}
                </Link>
              </Fact>
              {invoice.appointment_id ? (
                <Fact name="For">
                  <Link to={`/merchants/${merchant.id}/appointments/${invoice.appointment_id}`}>The appointment</Link>
                </Fact>
              ) : null}
              {invoice.deposit_due.amount > 0 ? (
                <Fact name="Deposit asked for">
                  <Money {...invoice.deposit_due} />
                </Fact>
              ) : null}
              <Fact name="Outstanding">
                <Money {...invoice.outstanding} />
              </Fact>
              <Fact name="Dated">
                <CalendarDate value={invoice.issued_on} />
              </Fact>
            </Facts>
          </Card>
        </aside>
      </div>
    </>
  );
}

function Lines({ invoice }: { invoice: CustomerInvoice }) {
  const rate = invoice.tax_rate_basis_points / 100;
  const sums = [
    { name: 'Before tax', money: invoice.subtotal },
    { name: `Tax, ${rate} %${invoice.is_tax_inclusive ? ', in the prices' : ''}`, money: invoice.tax },
    { name: 'Total', money: invoice.total },
    { name: 'Paid', money: invoice.paid },
    ...(invoice.held.amount > 0 ? [{ name: 'Of that held as a deposit', money: invoice.held }] : []),
    ...(invoice.tips.amount > 0 ? [{ name: 'Tips', money: invoice.tips }] : []),
    ...(invoice.refunded.amount > 0
      ? [
          { name: 'Given back', money: invoice.refunded },
          { name: 'Kept', money: { ...invoice.paid, amount: invoice.paid.amount - invoice.refunded.amount } },
        ]
      : []),
  ];
  return (
    <Card title="Lines">
      <TableScroll label="Lines of the invoice">
        <table>
          <thead>
            <tr>
              <th>Description</th>
              <th className="end">Quantity</th>
              <th className="end">Price</th>
              <th className="end">Amount</th>
            </tr>
          </thead>
          <tbody>
            {invoice.lines.map((line, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be alike, and the list never changes
              <tr key={place}>
                <td>{line.description}</td>
                <td className="end">{line.quantity}</td>
                <td className="end">
                  <Money {...line.unit_price} />
                </td>
                <td className="end">
                  <Money {...line.amount} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            {sums.map(({ name, money }) => (
              <tr key={name}>
                <th colSpan={3} scope="row" className="end">
                  {name}
                </th>
                <td className="end">
                  <Money {...money} />
                </td>
              </tr>
            ))}
          </tfoot>
        </table>
      </TableScroll>
      {invoice.note ? <p className="invoice-note">{invoice.note}</p> : null}
    </Card>
  );
}
