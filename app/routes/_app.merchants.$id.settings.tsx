import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantGet } from '../../server/contexts/merchant/operations.ts';
import { merchantSettingsChange, merchantSettingsRead } from '../../server/contexts/setting/operations.ts';
import { DoneNotice } from '../components/notice.tsx';
import { SettingsPanel } from '../components/settings-panel.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { readableOrg } from '../party-data.ts';
import { backFrom } from '../safe-next.ts';
import { submitSettings } from '../setting-form.ts';

export const meta = pageTitle<{ names: { merchant: string } }>(({ names }) => `Settings of ${names.merchant}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const id = idParam(params);
  const [merchant, settings] = await Promise.all([
    context.run(merchantGet, { id }),
    context.run(merchantSettingsRead, { id }),
  ]);
  const org = await readableOrg(context, merchant.merchant_org_id);
  return {
    settings: settings.data,
    currency: merchant.currency,
    names: { tenant: context.tenant.name, merchant_org: org?.name ?? null, merchant: merchant.name },
    mayUpdate: context.can('merchant:update'),
    formKey: newFormKey(),
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const [{ currency }, { data }] = await Promise.all([
    context.run(merchantGet, { id }),
    context.run(merchantSettingsRead, { id }),
  ]);
  const { typed, problem } = await submitSettings(form, data, context, currency, (values) =>
    context.submit(merchantSettingsChange, { id, values }, formGuards(form)),
  );
  if (problem) return refused(problem, typed);
  throw redirect(backFrom(request, `/merchants/${id}/settings?saved=1`));
}

export default function MerchantSettings() {
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The settings were saved." />
      <SettingsPanel {...useLoaderData<typeof loader>()} state={state} />
    </>
  );
}
