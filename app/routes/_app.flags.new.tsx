import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { featureFlagCreate, featureFlagList } from '../../server/contexts/feature-flag/operations.ts';
import { Card } from '../components/card.tsx';
import { FlagForm } from '../components/flag-form.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { merchantChoices } from '../flag-data.ts';
import { atFlagFields, flagValues, readFlagForm, readNewFlag } from '../flag-form.ts';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('New flag');

export async function loader({ context }: LoaderFunctionArgs) {
  await context.run(featureFlagList, { limit: 1 });
  const mayCreate = context.can('feature_flag:create');
  const merchants = mayCreate ? await merchantChoices(context) : [];
  return { values: flagValues(), merchants, formKey: newFormKey(), mayCreate };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFlagForm(form);
  const answer = await context.submit(featureFlagCreate, readNewFlag(values), formGuards(form));
  if ('problem' in answer) return refused(atFlagFields(answer.problem), values);
  throw redirect(`/flags/${answer.data.id}?created=1`);
}

export default function NewFlag() {
  const { values, merchants, formKey, mayCreate } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader title="New flag" crumbs={[{ href: '/flags', label: 'Flags' }]} />
      <Card padded>
        {mayCreate ? (
          <FlagForm {...{ state, values, merchants, formKey }} button="Create the flag" back="/flags" />
        ) : (
          <Notice tone="warn">Your role may read flags but not create them.</Notice>
        )}
      </Card>
    </>
  );
}
