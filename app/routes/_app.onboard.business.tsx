import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantCreate, merchantList, merchantUpdate } from '../../server/contexts/merchant/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MerchantFields } from '../components/merchant-fields.tsx';
import { SkipStep } from '../components/onboard-foot.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { aboutOf, onboardedOf, orgOnboarded } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { contactCount, forCreation, MERCHANT_LABELS, merchantValues, readMerchant } from '../party-form.ts';
import { timeZones } from '../time-zones.ts';

export const meta = pageTitle('The business');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { org, merchant } = await onboardedOf(context, request);
  if (!context.can(merchant ? 'merchant:update' : 'merchant:create')) throw new Response(null, { status: 403 });
  if (!org && !merchant) throw new Response(null, { status: 404 });
  const begun =
    org && !merchant
      ? await context.run(merchantList, { merchant_org_id: org.id, status: 'onboarding', limit: 20 })
      : null;
  const { currency, time_zone } = context.tenant;
  return {
    merchant,
    begun: begun?.data.map(({ id, name }) => ({ id, name })) ?? [],
    about: aboutOf(request),
    values: merchant ? merchantValues(merchant) : { currency, time_zone, vertical: 'beauty_and_wellness' },
    timeZones: timeZones(),
    formKey: newFormKey(),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const { merchant } = await onboardedOf(context, request);
  const form = await request.formData();
  const typed = readMerchant(form);
  const { values } = typed;
  if (merchant) {
    const changed = await context.submit(merchantUpdate, { id: merchant.id, ...typed.input }, formGuards(form));
    if ('problem' in changed) return refused(changed.problem, values);
    throw redirect(onboardAddress('/location', { org: null, merchant: merchant.id }));
  }
  const { id } = await orgOnboarded(context, request);
  const input = { merchant_org_id: id, ...forCreation(typed).input };
  const created = await context.submit(merchantCreate, input, formGuards(form));
  if ('problem' in created) return refused(created.problem, values);
  throw redirect(onboardAddress('/location', { org: null, merchant: created.data.id }));
}

export default function OnboardBusiness() {
  const { merchant, begun, about, values, timeZones: zones, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      {begun.length > 0 ? (
        <Card title="Go on with one that was begun">
          <ul className="plain-list">
            {begun.map(({ id, name }) => (
              <li key={id}>
                <Link to={onboardAddress('/business', { org: null, merchant: id })}>{name}</Link>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      <Card title={merchant ? 'The business' : 'A new business'} padded>
        <PortalForm
          state={state}
          values={values}
          formKey={formKey}
          labels={MERCHANT_LABELS}
          {...(merchant ? { version: merchant.version } : {})}
        >
          <MerchantFields
            isNew={!merchant}
            timeZones={zones}
            contacts={contactCount(merchant?.contacts ?? [], state?.values)}
          />
          <div className="form-foot">
            <SubmitButton>Save and continue</SubmitButton>
            {merchant ? <SkipStep path="/business" about={about} /> : null}
          </div>
        </PortalForm>
      </Card>
    </>
  );
}
