import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantSettingsChange, merchantSettingsRead } from '../../server/contexts/setting/operations.ts';
import type { Setting } from '../../server/contexts/setting/schemas.ts';
import { DoneNotice } from '../components/notice.tsx';
import { OnboardFoot } from '../components/onboard-foot.tsx';
import { SettingsPanel } from '../components/settings-panel.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { aboutOf, merchantOnboarded, onboardedOf } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { submitSettings } from '../setting-form.ts';

export const meta = pageTitle('Payments and messages');

const ASKED = ['payment_methods', 'message_reply_to'];
const asked = (settings: Setting[]) => settings.filter(({ key }) => ASKED.includes(key));

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { id, currency, name } = await merchantOnboarded(context, request);
  const [{ data }, { org }] = await Promise.all([
    context.run(merchantSettingsRead, { id }),
    onboardedOf(context, request),
  ]);
  return {
    panel: {
      ...{ settings: asked(data), currency, formKey: newFormKey(), mayUpdate: context.can('merchant:update') },
      names: { tenant: context.tenant.name, merchant_org: org?.name ?? null, merchant: name },
    },
    about: aboutOf(request),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const { id, currency } = await merchantOnboarded(context, request);
  const form = await request.formData();
  const { data } = await context.run(merchantSettingsRead, { id });
  const { typed, problem } = await submitSettings(form, asked(data), context, currency, (values) =>
    context.submit(merchantSettingsChange, { id, values }, formGuards(form)),
  );
  if (problem) return refused(problem, typed);
  throw redirect(`${onboardAddress('/payments', aboutOf(request))}&saved=1`);
}

export default function OnboardPayments() {
  const { panel, about } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The settings were saved." />
      <SettingsPanel {...panel} isToChoose state={state} />
      <OnboardFoot path="/payments" about={about} />
    </>
  );
}
