import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { type AppLoadContext, redirect } from '@remix-run/server-runtime';
import { tenantGet, tenantUpdate } from '../../server/contexts/tenant/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Icon } from '../components/icon.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TimeZoneField } from '../components/time-zone-field.tsx';
import { emptyAsNull, formGuards, newFormKey, readFields, refused, shownAgain } from '../forms.ts';
import { COMMON_CURRENCIES } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { timeZones } from '../time-zones.ts';

export const meta = pageTitle('Settings');

const LABELS = {
  name: 'Name',
  legal_name: 'Legal name',
  locale: 'Language and region',
  time_zone: 'Time zone',
  currency: 'Currency',
  retention_days: 'Days to keep what is over',
};
const REQUIRED = ['name', 'locale', 'time_zone', 'currency', 'retention_days'];
const COMMON_LOCALES = [
  'en-US',
  'en-GB',
  'en-CA',
  'en-AU',
  'de-DE',
  'fr-FR',
  'es-ES',
  'it-IT',
  'nl-NL',
  'pt-BR',
  'ja-JP',
];

export async function loader({ context }: LoaderFunctionArgs) {
  const tenant = await context.run(tenantGet, {});
  return {
    tenant,
    formKey: newFormKey(),
    mayUpdate: context.can('tenant:update', WHOLE_TENANT),
    timeZones: timeZones(),
    mayReadSso: context.can('sso_connection:read'),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(LABELS));
  const days = values.retention_days ?? '';
  // What is no number stays text, for the operation to refuse.
  const changes = { ...emptyAsNull(values, REQUIRED), retention_days: /^\d{1,5}$/.test(days) ? Number(days) : days };
  if (form.get('shorter') !== days && (await isShorter(context, Number(days)))) {
    return shownAgain(values);
  }
  const answer = await context.submit(tenantUpdate, changes, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect('/settings?saved=1');
}

async function isShorter(context: AppLoadContext, days: number): Promise<boolean> {
  return days >= 7 && days < (await context.run(tenantGet, {})).retention_days;
}

export default function Settings() {
  const { tenant, formKey, timeZones: zones, mayUpdate, mayReadSso } = useLoaderData<typeof loader>();
  const { name, legal_name, locale, time_zone, currency, retention_days } = tenant;
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="Your settings were saved." />
      <PageHeader title="Settings" lead="What this portal is called, and how it writes dates and money.">
        <Link className="button" to="/settings/merchants">
          <Icon name="store" size={14} />
          For merchants
        </Link>
        <Link className="button" to="/settings/branding">
          <Icon name="eye" size={14} />
          Branding
        </Link>
        {mayReadSso ? (
          <Link className="button" to="/settings/single-sign-on">
            <Icon name="lock" size={14} />
            Single sign-on
          </Link>
        ) : null}
      </PageHeader>
      <div className="form-narrow">
        {mayUpdate ? null : <Notice tone="warn">Your role may read these settings but not change them.</Notice>}
        <Card padded>
          <PortalForm
            state={state}
            values={{
              name,
              legal_name: legal_name ?? '',
              locale,
              time_zone,
              currency,
              retention_days: String(retention_days),
            }}
            formKey={formKey}
            version={tenant.version}
            labels={LABELS}
          >
            <SettingsFields zones={zones} />
            {state && !state.problem ? <ShorterRetention days={state.values.retention_days ?? ''} /> : null}
            {mayUpdate ? (
              <div className="form-foot">
                <SubmitButton>
                  {state && !state.problem ? 'Save and remove what is older' : 'Save settings'}
                </SubmitButton>
              </div>
            ) : null}
          </PortalForm>
        </Card>
      </div>
    </>
  );
}

function SettingsFields({ zones }: { zones: string[] }) {
  return (
    <>
      <TextField name="name" label={LABELS.name} maxLength={200} required />
      <div className="form-grid">
        <TextField name="legal_name" label={LABELS.legal_name} maxLength={200} />
        <TextField name="locale" label={LABELS.locale} suggestions={COMMON_LOCALES} hint="Like en-US" required />
        <TimeZoneField label={LABELS.time_zone} zones={zones} />
        <TextField
          name="currency"
          label={LABELS.currency}
          suggestions={COMMON_CURRENCIES}
          hint="Offered first for new merchants"
          maxLength={3}
          required
        />
        <TextField
          name="retention_days"
          label={LABELS.retention_days}
          inputMode="numeric"
          hint="7 to 3650: sessions, mails, finished jobs and probes; never books or audit log"
          maxLength={4}
          required
        />
      </div>
    </>
  );
}

/** Asked before anything is lost by it. */
function ShorterRetention({ days }: { days: string }) {
  return (
    <Notice tone="warn">
      <input type="hidden" name="shorter" value={days} />
      Sessions, mails, finished jobs and probes that have been over for more than {days} days are removed within the
      hour, and cannot be brought back.
    </Notice>
  );
}
