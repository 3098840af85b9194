import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { featureFlagGet, featureFlagUpdate } from '../../server/contexts/feature-flag/operations.ts';
import type { FeatureFlag } from '../../server/contexts/feature-flag/schemas.ts';
import { Card } from '../components/card.tsx';
import { FlagForm } from '../components/flag-form.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { merchantChoices } from '../flag-data.ts';
import { atFlagFields, flagValues, readFlag, readFlagForm } from '../flag-form.ts';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ flag: FeatureFlag }>(({ flag }) => `Edit ${flag.name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const flag = await context.run(featureFlagGet, { id: idParam(params) });
  const mayUpdate = context.can('feature_flag:update');
  const merchants = mayUpdate ? await merchantChoices(context) : [];
  return { flag, values: flagValues(flag), merchants, formKey: newFormKey(), mayUpdate };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFlagForm(form);
  const answer = await context.submit(featureFlagUpdate, { id, ...readFlag(values) }, formGuards(form));
  if ('problem' in answer) return refused(atFlagFields(answer.problem), values);
  throw redirect(`/flags/${id}?saved=1`);
}

export default function EditFlag() {
  const { flag, values, merchants, formKey, mayUpdate } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const home = `/flags/${flag.id}`;
  return (
    <>
      <PageHeader
        title={`Edit ${flag.name}`}
        crumbs={[
          { href: '/flags', label: 'Flags' },
          { href: home, label: flag.name },
        ]}
      />
      <Card padded>
        {mayUpdate ? (
          <FlagForm
            {...{ state, values, merchants, formKey }}
            version={flag.version}
            button="Save changes"
            back={home}
          />
        ) : (
          <Notice tone="warn">Your role may read this flag but not change it.</Notice>
        )}
      </Card>
    </>
  );
}
