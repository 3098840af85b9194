import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  servicePackageArchive,
  servicePackageGet,
  servicePackageRestore,
} from '../../server/contexts/package/operations.ts';
import type { ServicePackage } from '../../server/contexts/package/schemas.ts';
import { serviceList } from '../../server/contexts/service/operations.ts';
import { PackageFields } from '../components/package-fields.tsx';
import { SetUpThing } from '../components/set-up-thing.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { headed } from '../headed.ts';
import { exponentOf, toDecimal } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { changePackage, readSetUp } from '../set-up-actions.ts';
import { PACKAGE_LABELS, PACKAGED } from '../set-up-form.ts';
import { wholeList } from '../whole-list.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ bundle: ServicePackage }>(({ bundle }) => bundle.name);
export const handle = headed<{ bundle: ServicePackage }>(({ bundle }) => bundle.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, bundle] = await Promise.all([
    merchantOf(context, params),
    context.run(servicePackageGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, bundle);
  const of = { merchant_id: merchant.id, limit: 200 };
  const offered = context.can('service:read')
    ? await wholeList((cursor) => context.run(serviceList, { ...of, ...(cursor ? { cursor } : {}) }))
    : [];
  const may = { update: context.can('package:update'), archive: context.can('package:archive') };
  return { merchant, bundle, services: choicesOf(bundle, offered), may, formKey: newFormKey() };
}

/** What is offered, and what the package has although it is out of use. */
function choicesOf(bundle: ServicePackage, offered: { id: string; name: string }[]) {
  const held = bundle.services.map(({ service_id, name }) => ({ id: service_id, name }));
  return [...new Map([...offered, ...held].map(({ id, name }) => [id, name]))].map(([id, name]) => ({ id, name }));
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const values = readSetUp(form);
  const put = values.intent === 'archive' ? servicePackageArchive : servicePackageRestore;
  const answer =
    values.intent === 'edit'
      ? await changePackage(context, merchant, id, values, form)
      : await context.submit(put, { id }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${merchant.id}/set-up?saved=1`);
}

export default function PackageDetail() {
  const { merchant, bundle, services, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const held = bundle.services.map(({ service_id }, place) => [PACKAGED[place], service_id]);
  return (
    <SetUpThing
      thing={bundle}
      home={`/merchants/${merchant.id}/set-up`}
      values={{
        name: bundle.name,
        price: toDecimal(bundle.price.amount, exponentOf(bundle.price.currency)),
        ...Object.fromEntries(held),
      }}
      labels={PACKAGE_LABELS}
      may={may}
      formKey={formKey}
      state={state}
    >
      <PackageFields currency={merchant.currency} services={services} held={held.length} />
    </SetUpThing>
  );
}
