import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { appointmentList } from '../../server/contexts/appointment/operations.ts';
import { customerInvoiceList } from '../../server/contexts/customer-invoice/operations.ts';
import {
  endCustomerArchive,
  endCustomerGet,
  endCustomerRestore,
  endCustomerUpdate,
} from '../../server/contexts/end-customer/operations.ts';
import type { EndCustomer } from '../../server/contexts/end-customer/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { CustomerFields } from '../components/customer-fields.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { ZonedTime } from '../components/zoned-time.tsx';
import { CUSTOMER_LABELS } from '../customer-form.ts';
import { emptyAsNull, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { headed } from '../headed.ts';
import { pageTitle } from '../page-title.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ customer: EndCustomer }>(({ customer }) => customer.name);
export const handle = headed<{ customer: EndCustomer }>(({ customer }) => customer.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, customer] = await Promise.all([
    merchantOf(context, params),
    context.run(endCustomerGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, customer);
  const of = { end_customer_id: customer.id, limit: 20 };
  const [visits, invoices] = await Promise.all([
    context.can('appointment:read') ? context.run(appointmentList, of) : null,
    context.can('customer_invoice:read') ? context.run(customerInvoiceList, of) : null,
  ]);
  return {
    ...{ merchant, customer, formKey: newFormKey() },
    visits: visits?.data ?? [],
    invoices: invoices?.data ?? [],
    may: { update: context.can('end_customer:update'), archive: context.can('end_customer:archive') },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const form = await request.formData();
  const { intent = '', ...values } = readFields(form, ['intent', ...Object.keys(CUSTOMER_LABELS)]);
  const guards = formGuards(form);
  const put = intent === 'archive' ? endCustomerArchive : endCustomerRestore;
  const answer =
    intent === 'edit'
      ? await context.submit(endCustomerUpdate, { id, ...emptyAsNull(values, ['name']) }, guards)
      : await context.submit(put, { id }, guards);
  if ('problem' in answer) return refused(answer.problem, { ...values, intent });
  throw redirect(`/merchants/${params.id}/customers/${id}?saved=1`);
}

export default function CustomerDetail() {
  const { merchant, customer, visits, invoices, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const home = `/merchants/${merchant.id}`;
  const { name, email, phone, notes } = customer;
  const form = { formKey, state, labels: CUSTOMER_LABELS, version: customer.version };
  return (
    <>
      <DoneNotice created={`${name} was added.`} saved="The customer was changed." />
      <div className="columns">
        <div className="stack">
          <Card
            title="Appointments"
            action={<Link to={`${home}/appointments/new?q=${encodeURIComponent(name)}`}>Book</Link>}
          >
            <ul className="plain-list">
              {visits.map((visit) => (
                <li key={visit.id}>
                  <Link to={`${home}/appointments/${visit.id}`}>{visit.title}</Link>
                  <ZonedTime value={visit.starts_at} timeZone={merchant.time_zone} />
                  <Badge status={visit.status} />
                </li>
              ))}
              {visits.length === 0 ? <li className="faint">None yet</li> : null}
            </ul>
          </Card>
          <Card title="Invoices">
            <ul className="plain-list">
              {invoices.map((invoice) => (
                <li key={invoice.id}>
                  <Link to={`${home}/invoices/${invoice.id}`}>{invoice.number}</Link>
                  <Money {...invoice.total} />
                  <Badge status={invoice.status} />
                </li>
              ))}
              {invoices.length === 0 ? <li className="faint">None yet</li> : null}
            </ul>
          </Card>
        </div>
        <aside className="stack">
          <Card title="Details" padded>
            <Facts>
              <Fact name="E-mail">{email ? <a href={`mailto:${email}`}>{email}</a> : null}</Fact>
              <Fact name="Phone">{phone}</Fact>
              <Fact name="Notes">{notes}</Fact>
              {customer.archived_at ? <Fact name="Status">Archived</Fact> : null}
            </Facts>
          </Card>
          {may.update || may.archive ? (
            <Card title="Change">
              {may.update ? (
                <ChoiceForm
                  {...form}
                  intent="edit"
                  title="Edit"
                  button="Save changes"
                  values={{ name, email: email ?? '', phone: phone ?? '', notes: notes ?? '' }}
                >
                  <CustomerFields />
                </ChoiceForm>
              ) : null}
              {may.archive && !customer.archived_at ? (
                <ChoiceForm {...form} intent="archive" title="Archive" button="Take out of use" />
              ) : null}
              {may.archive && customer.archived_at ? (
                <ChoiceForm {...form} intent="restore" title="Restore" button="Take into use again" />
              ) : null}
            </Card>
          ) : null}
        </aside>
      </div>
    </>
  );
}
