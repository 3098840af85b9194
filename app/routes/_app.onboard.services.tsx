import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { providerList } from '../../server/contexts/provider/operations.ts';
import { serviceCategoryList, serviceList } from '../../server/contexts/service/operations.ts';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { OnboardFoot } from '../components/onboard-foot.tsx';
import { ProviderFields } from '../components/provider-fields.tsx';
import { ServiceFields } from '../components/service-fields.tsx';
import { newFormKey, refused, shownAgain } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { aboutOf, merchantOnboarded } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { addToSetUp, readSetUp } from '../set-up-actions.ts';
import { asMonday, COPY_HOURS, hoursAsFields, PROVIDER_LABELS, SERVICE_LABELS } from '../set-up-form.ts';

export const meta = pageTitle('First services');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await merchantOnboarded(context, request);
  const of = { merchant_id: merchant.id, limit: 200 };
  const [services, categories, providers] = await Promise.all([
    context.run(serviceList, of),
    context.run(serviceCategoryList, of),
    context.run(providerList, of),
  ]);
  return {
    ...{ merchant, services: services.data, categories: categories.data, providers: providers.data },
    may: { service: context.can('service:create'), provider: context.can('provider:create') },
    about: aboutOf(request),
    formKey: newFormKey(),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const merchant = await merchantOnboarded(context, request);
  const form = await request.formData();
  const values = readSetUp(form);
  if (values.intent !== 'service' && values.intent !== 'provider') throw new Response(null, { status: 400 });
  if (form.has(COPY_HOURS)) return shownAgain(asMonday(values));
  const answer = await addToSetUp(context, merchant, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`${onboardAddress('/services', aboutOf(request))}&created=1`);
}

export default function OnboardServices() {
  const { merchant, services, categories, providers, may, about, formKey } = useLoaderData<typeof loader>();
  const form = { formKey, state: useActionData<typeof action>() };
  return (
    <>
      <DoneNotice created="It was added." />
      <Card title="Services">
        <ul className="plain-list">
          {services.map(({ id, name, default_duration_minutes, default_price }) => (
            <li key={id}>
              <span>
                {name}
                <span className="cell-note">{default_duration_minutes} minutes</span>
              </span>
              <Money {...default_price} />
            </li>
          ))}
          {services.length === 0 ? <li className="faint">What customers can be booked for comes here.</li> : null}
        </ul>
        {may.service ? (
          <ChoiceForm {...form} intent="service" title="Add a service" button="Add service" labels={SERVICE_LABELS}>
            <ServiceFields currency={merchant.currency} categories={categories} providers={[]} />
          </ChoiceForm>
        ) : null}
      </Card>
      <Card title="People who do them">
        <ul className="plain-list">
          {providers.map(({ id, name, hours, title }) => (
            <li key={id}>
              <span>
                {name}
                <span className="cell-note">{hours.length === 0 ? 'No working hours yet' : title}</span>
              </span>
            </li>
          ))}
          {providers.length === 0 ? <li className="faint">Whoever customers are booked with comes here.</li> : null}
        </ul>
        {may.provider ? (
          <ChoiceForm
            {...form}
            intent="provider"
            title="Add somebody"
            button="Add them"
            labels={PROVIDER_LABELS}
            values={hoursAsFields(merchant.hours)}
          >
            <ProviderFields timeZone={merchant.time_zone} />
          </ChoiceForm>
        ) : null}
      </Card>
      <OnboardFoot path="/services" about={about} />
    </>
  );
}
