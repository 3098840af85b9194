import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  serviceArchive,
  serviceCategoryList,
  serviceGet,
  serviceRestore,
} from '../../server/contexts/service/operations.ts';
import type { Service } from '../../server/contexts/service/schemas.ts';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { ServiceFields } from '../components/service-fields.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { exponentOf, toDecimal } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { changeService, SET_UP_FIELDS } from '../set-up-actions.ts';
import { SERVICE_LABELS } from '../set-up-form.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ service: Service }>(({ service }) => service.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, service] = await Promise.all([
    merchantOf(context, params),
    context.run(serviceGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, service);
  const categories = await context.run(serviceCategoryList, { merchant_id: merchant.id, limit: 200 });
  const may = { update: context.can('service:update'), archive: context.can('service:archive') };
  return { merchant, service, categories: categories.data, may, formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const values = readFields(form, SET_UP_FIELDS);
  const put = values.intent === 'archive' ? serviceArchive : serviceRestore;
  const answer =
    values.intent === 'edit'
      ? await changeService(context, merchant, id, values, form)
      : await context.submit(put, { id }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${merchant.id}/set-up?saved=1`);
}

export default function ServiceDetail() {
  const { merchant, service, categories, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const isArchived = service.archived_at !== null;
  const values = {
    name: service.name,
    description: service.description ?? '',
    category_id: service.category_id ?? '',
    default_duration_minutes: String(service.default_duration_minutes),
    buffer_minutes: String(service.buffer_minutes),
    default_price: toDecimal(service.default_price.amount, exponentOf(service.default_price.currency)),
  };
  return (
    <div className="form-narrow stack">
      <Card title={service.name} padded>
        <PortalForm state={state} values={values} formKey={formKey} version={service.version} labels={SERVICE_LABELS}>
          <input type="hidden" name="intent" value="edit" />
          <ServiceFields currency={merchant.currency} categories={categories} />
          <div className="form-foot">
            {may.update ? <SubmitButton>Save changes</SubmitButton> : null}
            <Link className="button button-plain" to={`/merchants/${merchant.id}/set-up`}>
              Back to the set-up
            </Link>
          </div>
        </PortalForm>
      </Card>
      {may.archive ? (
        <Card title={isArchived ? 'Out of use' : 'No longer offered?'}>
          <ChoiceForm
            intent={isArchived ? 'restore' : 'archive'}
            title={isArchived ? 'Offer it again' : 'Archive it'}
            button={isArchived ? 'Restore' : 'Take out of use'}
            formKey={formKey}
            state={state}
            labels={SERVICE_LABELS}
            version={service.version}
          />
        </Card>
      ) : null}
    </div>
  );
}
