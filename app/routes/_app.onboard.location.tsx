import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { locationList } from '../../server/contexts/location/operations.ts';
import { merchantUpdate } from '../../server/contexts/merchant/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { HoursFields } from '../components/hours-fields.tsx';
import { LocationFields } from '../components/location-fields.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { OnboardFoot } from '../components/onboard-foot.tsx';
import { formGuards, newFormKey, refused, shownAgain } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { aboutOf, merchantOnboarded } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { atHours, MERCHANT_LABELS, readMerchant } from '../party-form.ts';
import { addToSetUp, readSetUp } from '../set-up-actions.ts';
import { asMonday, COPY_HOURS, fitsForm, hoursAsFields, LOCATION_LABELS } from '../set-up-form.ts';

export const meta = pageTitle('Location and hours');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await merchantOnboarded(context, request);
  const locations = await context.run(locationList, { merchant_id: merchant.id, limit: 200 });
  const may = { add: context.can('location:create'), update: context.can('merchant:update') };
  return { merchant, locations: locations.data, may, about: aboutOf(request), formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const merchant = await merchantOnboarded(context, request);
  const form = await request.formData();
  const values = readSetUp(form);
  if (form.has(COPY_HOURS)) return shownAgain(asMonday(values));
  const about = aboutOf(request);
  if (values.intent === 'location') {
    const added = await addToSetUp(context, merchant, values, form);
    if ('problem' in added) return refused(added.problem, values);
    throw redirect(`${onboardAddress('/location', about)}&created=1`);
  }
  const { hours } = readMerchant(form).input;
  const answer = await context.submit(merchantUpdate, { id: merchant.id, hours }, formGuards(form));
  if ('problem' in answer) return refused(atHours(answer.problem), values);
  throw redirect(`${onboardAddress('/location', about)}&saved=1`);
}

export default function OnboardLocation() {
  const { merchant, locations, may, about, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const of = (intent: string) => (state?.values.intent === intent ? state : undefined);
  const fits = fitsForm(merchant.hours);
  return (
    <>
      <DoneNotice created="The location was added." saved="The opening hours were saved." />
      <Card title="Location" padded={locations.length === 0}>
        <ul className="plain-list">
          {locations.map(({ id, name, address }) => (
            <li key={id}>
              <span>
                {name}
                <span className="cell-note">{address}</span>
              </span>
            </li>
          ))}
        </ul>
        {locations.length === 0 && may.add ? (
          <PortalForm state={of('location')} formKey={formKey} labels={LOCATION_LABELS}>
            <input type="hidden" name="intent" value="location" />
            <LocationFields />
            <div className="form-foot">
              <SubmitButton>Add the location</SubmitButton>
            </div>
          </PortalForm>
        ) : null}
      </Card>
      {may.update ? (
        <Card title="Opening hours" padded>
          <PortalForm
            state={of('hours')}
            values={hoursAsFields(merchant.hours)}
            formKey={`${formKey}-hours`}
            version={merchant.version}
            labels={{ hours: MERCHANT_LABELS.hours }}
          >
            <input type="hidden" name="intent" value="hours" />
            <HoursFields label="Opening hours" timeZone={merchant.time_zone} fits={fits} />
            {fits ? (
              <div className="form-foot">
                <SubmitButton>Save the hours</SubmitButton>
              </div>
            ) : null}
          </PortalForm>
        </Card>
      ) : null}
      <OnboardFoot path="/location" about={about} />
    </>
  );
}
