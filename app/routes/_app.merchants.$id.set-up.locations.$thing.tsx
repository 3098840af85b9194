import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { locationArchive, locationGet, locationRestore } from '../../server/contexts/location/operations.ts';
import type { Location } from '../../server/contexts/location/schemas.ts';
import { LocationFields } from '../components/location-fields.tsx';
import { SetUpThing } from '../components/set-up-thing.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { headed } from '../headed.ts';
import { pageTitle } from '../page-title.ts';
import { changeLocation, readSetUp } from '../set-up-actions.ts';
import { LOCATION_LABELS } from '../set-up-form.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ location: Location }>(({ location }) => location.name);
export const handle = headed<{ location: Location }>(({ location }) => location.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, location] = await Promise.all([
    merchantOf(context, params),
    context.run(locationGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, location);
  const may = { update: context.can('location:update'), archive: context.can('location:archive') };
  return { merchant, location, may, formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const form = await request.formData();
  const values = readSetUp(form);
  const put = values.intent === 'archive' ? locationArchive : locationRestore;
  const answer =
    values.intent === 'edit'
      ? await changeLocation(context, id, values, form)
      : await context.submit(put, { id }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${params.id}/set-up?saved=1`);
}

export default function LocationDetail() {
  const { merchant, location, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const { name, address, phone } = location;
  return (
    <SetUpThing
      thing={location}
      home={`/merchants/${merchant.id}/set-up`}
      values={{ name, address: address ?? '', phone: phone ?? '' }}
      labels={LOCATION_LABELS}
      may={may}
      formKey={formKey}
      state={state}
    >
      <LocationFields />
    </SetUpThing>
  );
}
