import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgGet } from '../../server/contexts/merchant-org/operations.ts';
import { merchantOrgSettingsChange, merchantOrgSettingsRead } from '../../server/contexts/setting/operations.ts';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { SettingsPanel } from '../components/settings-panel.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { submitSettings } from '../setting-form.ts';

export const meta = pageTitle<{ names: { merchant_org: string } }>(({ names }) => `Settings of ${names.merchant_org}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const id = idParam(params);
  const [org, settings] = await Promise.all([
    context.run(merchantOrgGet, { id }),
    context.run(merchantOrgSettingsRead, { id }),
  ]);
  return {
    id,
    panel: {
      settings: settings.data,
      currency: context.tenant.currency,
      names: { tenant: context.tenant.name, merchant_org: org.name },
      mayUpdate: context.can('merchant_org:update'),
      formKey: newFormKey(),
    },
    names: { merchant_org: org.name },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { data } = await context.run(merchantOrgSettingsRead, { id });
  const { typed, problem } = await submitSettings(form, data, context, context.tenant.currency, (values) =>
    context.submit(merchantOrgSettingsChange, { id, values }, formGuards(form)),
  );
  if (problem) return refused(problem, typed);
  throw redirect(`/merchant-orgs/${id}/settings?saved=1`);
}

export default function MerchantOrgSettings() {
  const { id, names, panel } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The settings were saved." />
      <PageHeader
        title={`Settings of ${names.merchant_org}`}
        lead="They hold for all its merchants, unless a merchant sets its own."
        crumbs={[
          { href: '/merchant-orgs', label: 'MerchantOrgs' },
          { href: `/merchant-orgs/${id}`, label: names.merchant_org },
        ]}
      />
      <SettingsPanel {...panel} state={state} />
    </>
  );
}
