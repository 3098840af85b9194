import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { providerList } from '../../server/contexts/provider/operations.ts';
import {
  serviceArchive,
  serviceCategoryList,
  serviceGet,
  serviceRestore,
} from '../../server/contexts/service/operations.ts';
import type { Service } from '../../server/contexts/service/schemas.ts';
import { ServiceFields } from '../components/service-fields.tsx';
import { SetUpThing } from '../components/set-up-thing.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { headed } from '../headed.ts';
import { exponentOf, toDecimal } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { changeService, readSetUp } from '../set-up-actions.ts';
import { SERVICE_LABELS } from '../set-up-form.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ service: Service }>(({ service }) => service.name);
export const handle = headed<{ service: Service }>(({ service }) => service.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, service] = await Promise.all([
    merchantOf(context, params),
    context.run(serviceGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, service);
  const of = { merchant_id: merchant.id, limit: 200 };
  const [categories, providers] = await Promise.all([
    context.run(serviceCategoryList, of),
    context.can('provider:read') ? context.run(providerList, of) : null,
  ]);
  const may = { update: context.can('service:update'), archive: context.can('service:archive') };
  return {
    ...{ merchant, service, may, formKey: newFormKey() },
    ...{ categories: categories.data, providers: providers?.data ?? [] },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const values = readSetUp(form);
  const put = values.intent === 'archive' ? serviceArchive : serviceRestore;
  const answer =
    values.intent === 'edit'
      ? await changeService(context, merchant, id, values, form)
      : await context.submit(put, { id }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${merchant.id}/set-up?saved=1`);
}

export default function ServiceDetail() {
  const { merchant, service, categories, providers, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const values = {
    name: service.name,
    description: service.description ?? '',
    category_id: service.category_id ?? '',
    provider_ids: service.provider_ids.join(' '),
    default_duration_minutes: String(service.default_duration_minutes),
    buffer_minutes: String(service.buffer_minutes),
    default_price: toDecimal(service.default_price.amount, exponentOf(service.default_price.currency)),
  };
  return (
    <SetUpThing
      thing={service}
      home={`/merchants/${merchant.id}/set-up`}
      values={values}
      labels={SERVICE_LABELS}
      may={may}
      formKey={formKey}
      state={state}
    >
      <ServiceFields currency={merchant.currency} categories={categories} providers={providers} />
    </SetUpThing>
  );
}
