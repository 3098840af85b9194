import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  serviceCategoryArchive,
  serviceCategoryGet,
  serviceCategoryRestore,
  serviceCategoryUpdate,
} from '../../server/contexts/service/operations.ts';
import type { ServiceCategory } from '../../server/contexts/service/schemas.ts';
import { TextField } from '../components/field.tsx';
import { SetUpThing } from '../components/set-up-thing.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { headed } from '../headed.ts';
import { pageTitle } from '../page-title.ts';
import { CATEGORY_LABELS } from '../set-up-form.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ category: ServiceCategory }>(({ category }) => category.name);
export const handle = headed<{ category: ServiceCategory }>(({ category }) => category.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, category] = await Promise.all([
    merchantOf(context, params),
    context.run(serviceCategoryGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, category);
  const may = { update: context.can('service_category:update'), archive: context.can('service_category:archive') };
  return { merchant, category, may, formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const form = await request.formData();
  const { intent, name } = readFields(form, ['intent', 'name']);
  const put = intent === 'archive' ? serviceCategoryArchive : serviceCategoryRestore;
  const answer =
    intent === 'edit'
      ? await context.submit(serviceCategoryUpdate, { id, name }, formGuards(form))
      : await context.submit(put, { id }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, { intent: intent ?? '', name: name ?? '' });
  throw redirect(`/merchants/${params.id}/set-up?saved=1`);
}

export default function CategoryDetail() {
  const { merchant, category, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <SetUpThing
      thing={category}
      home={`/merchants/${merchant.id}/set-up`}
      values={{ name: category.name }}
      labels={CATEGORY_LABELS}
      may={may}
      formKey={formKey}
      state={state}
    >
      <TextField name="name" label={CATEGORY_LABELS.name} maxLength={120} required />
    </SetUpThing>
  );
}
