import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { locationList } from '../../server/contexts/location/operations.ts';
import { servicePackageList } from '../../server/contexts/package/operations.ts';
import { providerList } from '../../server/contexts/provider/operations.ts';
import { serviceCategoryList, serviceList } from '../../server/contexts/service/operations.ts';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { LocationFields } from '../components/location-fields.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PackageFields } from '../components/package-fields.tsx';
import { ProviderFields } from '../components/provider-fields.tsx';
import { ServiceFields } from '../components/service-fields.tsx';
import { newFormKey, refused, shownAgain } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { backFrom } from '../safe-next.ts';
import { addToSetUp, readSetUp } from '../set-up-actions.ts';
import {
  asMonday,
  CATEGORY_LABELS,
  COPY_HOURS,
  fitsForm,
  hoursAsFields,
  LOCATION_LABELS,
  PACKAGE_LABELS,
  PROVIDER_LABELS,
  SERVICE_LABELS,
} from '../set-up-form.ts';
import { wholeList } from '../whole-list.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Set-up of ${merchant.name}`);

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const archived = new URL(request.url).searchParams.get('archived') === 'true';
  const of = { merchant_id: merchant.id, limit: 200, ...(archived ? { archived } : {}) };
  const [services, categories, packages, providers, locations] = await Promise.all([
    wholeList((cursor) => context.run(serviceList, { ...of, ...(cursor ? { cursor } : {}) })),
    context.run(serviceCategoryList, of),
    context.run(servicePackageList, of),
    context.run(providerList, of),
    context.run(locationList, of),
  ]);
  return {
    ...{ merchant, archived, services, categories: categories.data, packages: packages.data },
    ...{ providers: providers.data, locations: locations.data, formKey: newFormKey() },
    may: {
      service: !archived && context.can('service:create'),
      import: !archived && context.can('service:create') && context.can('import:run'),
      category: !archived && context.can('service_category:create'),
      package: !archived && context.can('package:create'),
      provider: !archived && context.can('provider:create'),
      location: !archived && context.can('location:create'),
    },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const values = readSetUp(form);
  if (form.has(COPY_HOURS)) return shownAgain(asMonday(values));
  const answer = await addToSetUp(context, merchant, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(backFrom(request, `/merchants/${merchant.id}/set-up?created=1`));
}

export default function SetUp() {
  const { merchant, archived, services, categories, packages, providers, locations, may, formKey } =
    useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const home = `/merchants/${merchant.id}/set-up`;
  const form = (intent: string, labels: Record<string, string>) => ({ intent, formKey, state, labels });
  const none = (words: string) => (archived ? 'Nothing is out of use.' : words);
  return (
    <>
      <DoneNotice created="It was added." saved="The changes were saved." />
      <p className="set-up-bar">
        {archived ? (
          <>
            What is out of use. <Link to={home}>Show what is in use</Link>
          </>
        ) : (
          <Link to={`${home}?archived=true`}>Show what is out of use</Link>
        )}
      </p>
      <div className="halves">
        <Card title="Services">
          <Things empty={none('What customers can be booked for comes here.')} rows={services}>
            {(row) => (
              <>
                <span>
                  <Link to={`${home}/services/${row.id}`}>{row.name}</Link>
                  <span className="cell-note">{row.default_duration_minutes} minutes</span>
                </span>
                <Money {...row.default_price} />
              </>
            )}
          </Things>
          {may.service ? (
            <ChoiceForm {...form('service', SERVICE_LABELS)} title="Add a service" button="Add service">
              <ServiceFields currency={merchant.currency} categories={categories} providers={providers} />
            </ChoiceForm>
          ) : null}
          {may.import ? (
            <p className="card-body">
              <Link to={`/imports/new?kind=service&for=merchant-${merchant.id}`}>Import services from a file</Link>
            </p>
          ) : null}
        </Card>
        <Card title="People">
          <Things empty={none('Whoever customers are booked with comes here.')} rows={providers}>
            {(row) => (
              <span>
                <Link to={`${home}/providers/${row.id}`}>{row.name}</Link>
                <span className="cell-note">{row.title ?? (row.hours.length === 0 ? 'No working hours yet' : '')}</span>
              </span>
            )}
          </Things>
          {may.provider ? (
            <ChoiceForm
              {...form('provider', PROVIDER_LABELS)}
              title="Add somebody"
              button="Add them"
              // The hours of the business are where those of its people begin.
              values={fitsForm(merchant.hours) ? hoursAsFields(merchant.hours) : {}}
            >
              <ProviderFields timeZone={merchant.time_zone} />
            </ChoiceForm>
          ) : null}
        </Card>
        <Card title="Packages">
          <Things empty={none('Services bundled at a price of their own.')} rows={packages}>
            {(row) => (
              <>
                <span>
                  <Link to={`${home}/packages/${row.id}`}>{row.name}</Link>
                  <span className="cell-note">{row.services.map(({ name }) => name).join(', ')}</span>
                </span>
                <Money {...row.price} />
              </>
            )}
          </Things>
          {may.package && services.length > 0 ? (
            <ChoiceForm {...form('package', PACKAGE_LABELS)} title="Add a package" button="Add package">
              <PackageFields currency={merchant.currency} services={services} />
            </ChoiceForm>
          ) : null}
        </Card>
        <Card title="Categories">
          <Things empty={none('Services are grouped by them.')} rows={categories}>
            {(row) => <Link to={`${home}/categories/${row.id}`}>{row.name}</Link>}
          </Things>
          {may.category ? (
            <ChoiceForm {...form('category', CATEGORY_LABELS)} title="Add a category" button="Add category">
              <TextField name="name" label={CATEGORY_LABELS.name} maxLength={120} required />
            </ChoiceForm>
          ) : null}
        </Card>
        <Card title="Locations">
          <Things empty={none('Where the work is done.')} rows={locations}>
            {(row) => (
              <span>
                <Link to={`${home}/locations/${row.id}`}>{row.name}</Link>
                <span className="cell-note">{row.address}</span>
              </span>
            )}
          </Things>
          {may.location ? (
            <ChoiceForm {...form('location', LOCATION_LABELS)} title="Add a location" button="Add location">
              <LocationFields />
            </ChoiceForm>
          ) : null}
        </Card>
      </div>
    </>
  );
}

type ThingsProps<T> = { rows: T[]; empty: string; children: (row: T) => React.ReactNode };

function Things<T extends { id: string }>({ rows, empty, children }: ThingsProps<T>) {
  return (
    <ul className="plain-list">
      {rows.map((row) => (
        <li key={row.id}>{children(row)}</li>
      ))}
      {rows.length === 0 ? <li className="faint">{empty}</li> : null}
    </ul>
  );
}
