import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useSubmit } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import type { FormEvent } from 'react';
import { appointmentBook } from '../../server/contexts/appointment/operations.ts';
import { availabilityList } from '../../server/contexts/availability/operations.ts';
import { endCustomerGet, endCustomerList } from '../../server/contexts/end-customer/operations.ts';
import { servicePackageList } from '../../server/contexts/package/operations.ts';
import { providerList } from '../../server/contexts/provider/operations.ts';
import { serviceList } from '../../server/contexts/service/operations.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { dateIn, formatDate, formatTime, instantIn } from '../dates.ts';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { headed } from '../headed.ts';
import { idParam } from '../id-param.ts';
import { addressValues } from '../list-query.ts';
import { formatMoney } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { wholeList } from '../whole-list.ts';
import { merchantOf, ownedBy } from '../workspace-data.ts';

export const handle = headed('Book');
export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Book at ${merchant.name}`);

const LABELS = {
  slot: 'Time',
  end_customer_id: 'Customer',
  notes: 'Notes',
  starts_at: 'Time',
  provider_id: 'Time',
};

/** `service:…` or `package:…`. */
function offerOf(offer: string): { service_id?: string; package_id?: string } | null {
  const [kind, id = ''] = offer.split(':');
  if (kind === 'service') return { service_id: id };
  return kind === 'package' ? { package_id: id } : null;
}

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const values = addressValues(request, ['offer', 'provider_id', 'day', 'time', 'q', 'customer']);
  const today = dateIn(merchant.time_zone, new Date());
  const day = values.day ?? today;
  const of = { merchant_id: merchant.id, limit: 200 };
  const offer = offerOf(values.offer ?? '');
  const [services, packages, providers, customers, chosen, free] = await Promise.all([
    wholeList((cursor) => context.run(serviceList, { ...of, ...(cursor ? { cursor } : {}) })),
    context.run(servicePackageList, of),
    context.run(providerList, of),
    offer ? context.run(endCustomerList, { ...of, limit: 50, ...(values.q ? { q: values.q } : {}) }) : null,
    values.customer ? context.run(endCustomerGet, { id: idParam({ id: values.customer }) }) : null,
    offer
      ? context.run(availabilityList, {
          ...{ merchant_id: merchant.id, from: day, to: day, ...offer },
          ...(values.provider_id ? { provider_id: values.provider_id } : {}),
        })
      : null,
  ]);
  return {
    merchant,
    values: { ...values, day } as Record<string, string> & { day: string },
    services,
    packages: packages.data,
    providers: providers.data,
    customers: [
      ...(chosen ? [ownedBy(params, chosen)] : []),
      ...(customers?.data ?? []).filter(({ id }) => id !== chosen?.id),
    ],
    slots: free?.data ?? null,
    isOver: day < today,
    formKey: newFormKey(),
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const values = readFields(form, ['offer', 'slot', 'end_customer_id', 'notes']);
  const { service_id, package_id } = offerOf(values.offer ?? '') ?? {};
  const [provider_id = '', starts_at = ''] = (values.slot ?? '').split(' ');
  const input = {
    merchant_id: merchant.id,
    end_customer_id: values.end_customer_id,
    provider_id,
    starts_at,
    ...(service_id ? { service_ids: [service_id] } : { package_id }),
    notes: values.notes || null,
  };
  const answer = await context.submit(appointmentBook, input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  const day = dateIn(merchant.time_zone, new Date(answer.data.starts_at));
  throw redirect(`/merchants/${merchant.id}/appointments?day=${day}&created=1`);
}

export default function Book() {
  const { merchant, slots } = useLoaderData<typeof loader>();
  if (merchant.status !== 'active') {
    return (
      <Card>
        <Empty icon="calendar" title={`${merchant.name} takes no bookings yet`}>
          Only an active merchant does.
        </Empty>
      </Card>
    );
  }
  return (
    <div className="form-narrow stack">
      <Choose />
      {slots ? <Confirm /> : null}
    </div>
  );
}

/** What can be booked, in words. */
function useOffers() {
  const { services, packages } = useLoaderData<typeof loader>();
  const { locale } = useTenant();
  return [
    ...services.map(({ id, name, default_price, default_duration_minutes }) => ({
      value: `service:${id}`,
      label: `${name} · ${default_duration_minutes} min · ${formatMoney(default_price.amount, default_price.currency, locale)}`,
    })),
    ...packages.map(({ id, name, price }) => ({
      value: `package:${id}`,
      label: `${name} · package · ${formatMoney(price.amount, price.currency, locale)}`,
    })),
  ];
}

/** The first step: a plain GET form, so that what was chosen has an address. What is changed in it is looked up anew. */
function Choose() {
  const { merchant, values, providers, slots } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  const offers = useOffers();
  const onChange = ({ currentTarget, target }: FormEvent<HTMLFormElement>) => {
    if (slots && (target as HTMLInputElement).name !== 'q') submit(currentTarget, { preventScrollReset: true });
  };
  if (offers.length === 0) {
    return (
      <Card>
        <Empty
          icon="calendar"
          title="Nothing is offered yet"
          action={{ href: `/merchants/${merchant.id}/set-up`, label: 'Set up' }}
        >
          A booking is for a service or a package.
        </Empty>
      </Card>
    );
  }
  return (
    <Card title="What and when" padded>
      <Form method="get" className="form" onChange={onChange}>
        <div className="field">
          <label htmlFor="offer">Service or package</label>
          <select id="offer" name="offer" className="control" defaultValue={values.offer}>
            {offers.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <div className="form-grid">
          <div className="field">
            <label htmlFor="provider_id">With</label>
            <select id="provider_id" name="provider_id" className="control" defaultValue={values.provider_id}>
              <option value="">Anyone</option>
              {providers.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          <div className="field">
            <label htmlFor="day">Day</label>
            <input id="day" name="day" type="date" className="control" defaultValue={values.day} required />
          </div>
        </div>
        <div className="field">
          <label htmlFor="q">
            Customer<span className="optional"> (optional)</span>
          </label>
          <input
            id="q"
            name="q"
            type="search"
            className="control"
            defaultValue={values.q}
            placeholder="Name, e-mail or phone"
          />
        </div>
        {values.time ? <input type="hidden" name="time" value={values.time} /> : null}
        {values.customer ? <input type="hidden" name="customer" value={values.customer} /> : null}
        <div className="form-foot">
          <button type="submit" className="button">
            Show free times
          </button>
        </div>
      </Form>
    </Card>
  );
}

/** What was chosen so far, but for the customer. */
function backTo({ offer = '', provider_id = '', day, time = '' }: Record<string, string> & { day: string }): string {
  return new URLSearchParams(withoutEmpty({ offer, provider_id, day, time })).toString();
}

function Confirm() {
  const { merchant, values, customers, slots, isOver, formKey } = useLoaderData<typeof loader>();
  const offer = useOffers().find(({ value }) => value === values.offer);
  const { locale } = useTenant();
  const state = useActionData<typeof action>();
  const { time_zone } = merchant;
  const wanted = values.time ? instantIn(values.day, values.time, time_zone) : null;
  const chosen = (slots ?? []).find(({ starts_at }) => wanted && Date.parse(starts_at) === Date.parse(wanted));
  const choices = (slots ?? []).map(({ provider_id, provider_name, starts_at }) => ({
    value: `${provider_id} ${starts_at}`,
    label: `${formatTime(starts_at, locale, time_zone)} with ${provider_name}`,
  }));
  if (choices.length === 0) {
    return (
      <Card>
        <Empty icon="calendar" title={isOver ? 'This day is over' : 'Nothing is free on this day'}>
          {isOver
            ? 'Only times to come are offered.'
            : 'Try another day, or anyone instead of somebody. Times that are too soon or too far ahead are not offered.'}
        </Empty>
      </Card>
    );
  }
  if (customers.length === 0) {
    return (
      <Card>
        <Empty
          icon="people"
          title="No such customer"
          action={{
            href: `/merchants/${merchant.id}/customers/new?${new URLSearchParams({ name: values.q ?? '', book: backTo(values) })}`,
            label: 'Add a customer',
          }}
        >
          Search with fewer letters, or add them: you come back here.
        </Empty>
      </Card>
    );
  }
  return (
    <Card title="Book" padded>
      <p>
        <strong>{offer?.label}</strong>
        <br />
        {formatDate(values.day, locale, 'full')}
      </p>
      {wanted && !chosen ? (
        <p className="hint">{formatTime(wanted, locale, time_zone)} is not free for this; these times are.</p>
      ) : null}
      <PortalForm
        // What was typed stays until something else is asked for.
        key={`${values.offer} ${values.provider_id ?? ''} ${values.day} ${values.time ?? ''}`}
        state={state}
        formKey={formKey}
        labels={LABELS}
        values={{
          ...(chosen ? { slot: `${chosen.provider_id} ${chosen.starts_at}` } : {}),
          ...(values.customer ? { end_customer_id: values.customer } : {}),
        }}
      >
        <input type="hidden" name="offer" value={values.offer} />
        <SelectField name="slot" label={`Time (${time_zone})`} choices={choices} required />
        <SelectField
          name="end_customer_id"
          label="Customer"
          choices={customers.map(({ id, name, email, phone }) => ({
            value: id,
            label: [name, email ?? phone].filter(Boolean).join(' · '),
          }))}
          required
        />
        <TextField name="notes" label="Notes" maxLength={2000} />
        <div className="form-foot">
          <SubmitButton>Book</SubmitButton>
          <Link className="button button-plain" to={`/merchants/${merchant.id}/appointments`}>
            Cancel
          </Link>
        </div>
      </PortalForm>
    </Card>
  );
}
