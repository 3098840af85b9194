import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  providerAbsenceCreate,
  providerAbsenceDelete,
  providerAbsenceList,
  providerArchive,
  providerGet,
  providerRestore,
} from '../../server/contexts/provider/operations.ts';
import type { Provider } from '../../server/contexts/provider/schemas.ts';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { ProviderFields } from '../components/provider-fields.tsx';
import { ZonedTime } from '../components/zoned-time.tsx';
import { nextDay, startOfDay } from '../dates.ts';
import { formGuards, newFormKey, readFields, refused, shownAgain } from '../forms.ts';
import { headed } from '../headed.ts';
import { pageTitle } from '../page-title.ts';
import { changeProvider, readSetUp } from '../set-up-actions.ts';
import { ABSENCE_LABELS, asMonday, COPY_HOURS, fitsForm, hoursAsFields, PROVIDER_LABELS } from '../set-up-form.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ provider: Provider }>(({ provider }) => provider.name);
export const handle = headed<{ provider: Provider }>(({ provider }) => provider.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [merchant, provider] = await Promise.all([
    merchantOf(context, params),
    context.run(providerGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, provider);
  const from = new Date().toISOString();
  const absences = await context.run(providerAbsenceList, { provider_id: provider.id, from, limit: 50 });
  const may = { update: context.can('provider:update'), archive: context.can('provider:archive') };
  return { merchant, provider, absences: absences.data, may, formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const values = { ...readSetUp(form), ...readFields(form, ['from', 'to', 'reason', 'absence_id']) };
  if (form.has(COPY_HOURS)) return shownAgain(asMonday(values));
  const guards = formGuards(form);
  const submit = () => {
    switch (values.intent) {
      case 'edit':
        return changeProvider(context, id, values, form);
      case 'away': {
        const starts_at = startOfDay(values.from ?? '', merchant.time_zone);
        const ends_at = startOfDay(nextDay(values.to || values.from || ''), merchant.time_zone);
        const input = {
          provider_id: id,
          starts_at: starts_at ?? '',
          ends_at: ends_at ?? '',
          reason: values.reason || null,
        };
        return context.submit(providerAbsenceCreate, input, guards);
      }
      case 'back':
        return context.submit(providerAbsenceDelete, { id: values.absence_id }, guards);
      case 'archive':
        return context.submit(providerArchive, { id }, guards);
      case 'restore':
        return context.submit(providerRestore, { id }, guards);
      default:
        throw new Response(null, { status: 400 });
    }
  };
  const answer: { problem: Parameters<typeof refused>[0] } | { data: unknown } = await submit();
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${merchant.id}/set-up/providers/${id}?saved=1`);
}

export default function ProviderDetail() {
  const { merchant, provider, absences, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const isArchived = provider.archived_at !== null;
  const values = {
    name: provider.name,
    title: provider.title ?? '',
    email: provider.email ?? '',
    phone: provider.phone ?? '',
    ...hoursAsFields(provider.hours),
  };
  const form = { formKey, state, labels: ABSENCE_LABELS };
  return (
    <div className="form-narrow stack">
      <DoneNotice saved="The changes were saved." />
      <Card title="Details" padded>
        <PortalForm
          state={state?.values.intent === 'edit' ? state : undefined}
          values={values}
          formKey={formKey}
          version={provider.version}
          labels={PROVIDER_LABELS}
        >
          <input type="hidden" name="intent" value="edit" />
          <ProviderFields timeZone={merchant.time_zone} withHours={fitsForm(provider.hours)} />
          <div className="form-foot">
            {may.update ? <SubmitButton>Save changes</SubmitButton> : null}
            <Link className="button button-plain" to={`/merchants/${merchant.id}/set-up`}>
              Back to the set-up
            </Link>
          </div>
        </PortalForm>
      </Card>
      <Card title="Away">
        <ul className="plain-list">
          {absences.map((absence) => (
            <li key={absence.id}>
              <span>
                <ZonedTime value={absence.starts_at} timeZone={merchant.time_zone} /> –{' '}
                <ZonedTime value={absence.ends_at} timeZone={merchant.time_zone} />
                <span className="cell-note">{absence.reason}</span>
              </span>
              {may.update ? (
                <ChoiceForm {...form} intent="back" title="Take back" button="They are there after all">
                  <input type="hidden" name="absence_id" value={absence.id} />
                </ChoiceForm>
              ) : null}
            </li>
          ))}
          {absences.length === 0 ? <li className="faint">No absence is planned.</li> : null}
        </ul>
        {may.update ? (
          <ChoiceForm {...form} intent="away" title="Add an absence" button="Add absence">
            <div className="form-grid">
              <TextField name="from" label={ABSENCE_LABELS.from} type="date" required />
              <TextField name="to" label={ABSENCE_LABELS.to} type="date" hint="The last day; left empty, one day" />
            </div>
            <TextField name="reason" label={ABSENCE_LABELS.reason} maxLength={200} />
          </ChoiceForm>
        ) : null}
      </Card>
      {may.archive ? (
        <Card title={isArchived ? 'Out of use' : 'No longer here?'}>
          <ChoiceForm
            {...form}
            intent={isArchived ? 'restore' : 'archive'}
            title={isArchived ? 'Take back into use' : 'Archive'}
            button={isArchived ? 'Restore' : 'Take out of use'}
            version={provider.version}
          />
        </Card>
      ) : null}
    </div>
  );
}
