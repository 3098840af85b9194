import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { tenantSettingsChange, tenantSettingsRead } from '../../server/contexts/setting/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { SettingsPanel } from '../components/settings-panel.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { submitSettings } from '../setting-form.ts';

export const meta = pageTitle('Settings for merchants');

export async function loader({ context }: LoaderFunctionArgs) {
  const { data } = await context.run(tenantSettingsRead, {});
  return {
    settings: data,
    currency: context.tenant.currency,
    names: { tenant: context.tenant.name },
    mayUpdate: context.can('tenant:update', WHOLE_TENANT),
    formKey: newFormKey(),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { data } = await context.run(tenantSettingsRead, {});
  const { typed, problem } = await submitSettings(form, data, context, context.tenant.currency, (values) =>
    context.submit(tenantSettingsChange, { values }, formGuards(form)),
  );
  if (problem) return refused(problem, typed);
  throw redirect('/settings/merchants?saved=1');
}

export default function TenantSettings() {
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The settings were saved." />
      <PageHeader
        title="Settings for merchants"
        lead="They hold for every merchant, unless its MerchantOrg or the merchant itself sets its own."
        crumbs={[{ href: '/settings', label: 'Settings' }]}
      />
      <SettingsPanel {...useLoaderData<typeof loader>()} state={state} />
    </>
  );
}
