import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData, useLocation } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantGet, merchantUpdate } from '../../server/contexts/merchant/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { HoursFields } from '../components/hours-fields.tsx';
import { MerchantFields } from '../components/merchant-fields.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, refused, shownAgain } from '../forms.ts';
import { aboveMerchant } from '../headed.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { readableOrg } from '../party-data.ts';
import { atHours, contactCount, MERCHANT_LABELS, merchantValues, readMerchant } from '../party-form.ts';
import { backFrom, nextOf } from '../safe-next.ts';
import { asMonday, COPY_HOURS, fitsForm } from '../set-up-form.ts';
import { timeZones } from '../time-zones.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Edit ${merchant.name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const merchant = await context.run(merchantGet, { id: idParam(params) });
  const org = await readableOrg(context, merchant.merchant_org_id);
  return { merchant, org, formKey: newFormKey(), timeZones: timeZones() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { values, input } = readMerchant(form);
  if (form.has(COPY_HOURS)) return shownAgain(asMonday(values));
  const answer = await context.submit(merchantUpdate, { id: params.id, ...input }, formGuards(form));
  if ('problem' in answer) return refused(atHours(answer.problem), values);
  throw redirect(backFrom(request, `/merchants/${params.id}?saved=1`));
}

export default function EditMerchant() {
  const { merchant, org, formKey, timeZones: zones } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const { name } = merchant;
  const { search } = useLocation();
  return (
    <>
      <PageHeader
        title={`Edit ${name}`}
        crumbs={[aboveMerchant(org), { href: `/merchants/${merchant.id}`, label: name }]}
      />
      <div className="form-narrow">
        <Card padded>
          <PortalForm
            state={state}
            values={merchantValues(merchant)}
            formKey={formKey}
            version={merchant.version}
            labels={MERCHANT_LABELS}
          >
            <MerchantFields timeZones={zones} contacts={contactCount(merchant.contacts, state?.values)} />
            <HoursFields label={MERCHANT_LABELS.hours} timeZone={merchant.time_zone} fits={fitsForm(merchant.hours)} />
            <div className="form-foot">
              <SubmitButton>Save changes</SubmitButton>
              <Link className="button button-plain" to={nextOf(search) ?? `/merchants/${merchant.id}`}>
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
