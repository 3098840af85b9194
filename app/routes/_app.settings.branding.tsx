import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  brandingPreview,
  tenantGet,
  tenantLogoRemove,
  tenantLogoSet,
  tenantUpdate,
} from '../../server/contexts/tenant/operations.ts';
import type { BrandingPreview as Preview } from '../../server/contexts/tenant/schemas.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { BrandingPreview } from '../components/branding-preview.tsx';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { FieldErrors, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton, useField } from '../components/form.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { emptyAsNull, type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { readLogo } from '../logo-file.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Branding');

const LABELS = {
  brand_colour: 'Colour',
  image: 'Logo',
  support_email: 'Support e-mail',
  support_phone: 'Support phone',
  support_url: 'Support page',
};
const TEXTS = ['brand_colour', 'support_email', 'support_phone', 'support_url'];

type State = FormState & { preview?: Preview };

export async function loader({ context }: LoaderFunctionArgs) {
  const tenant = await context.run(tenantGet, {});
  const preview = await context.run(brandingPreview, {});
  return { tenant, preview, formKey: newFormKey(), mayUpdate: context.can('tenant:update', WHOLE_TENANT) };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const guards = formGuards(form);
  if (form.get('intent') === 'remove') {
    const removed = await context.submit(tenantLogoRemove, {}, guards);
    if ('problem' in removed) return refused<State>(removed.problem, { intent: 'remove' });
    throw redirect('/settings/branding?saved=1');
  }
  const typed = readFields(form, TEXTS);
  const texts = { ...typed, brand_colour: (typed.brand_colour ?? '').toLowerCase() };
  const image = await readLogo(form);
  const values = { ...texts, image };
  const changes = emptyAsNull(texts, []);
  // What cannot be shown cannot be saved either: so nothing of it is.
  const shown = await context.submit(brandingPreview, { ...changes, ...(image === '' ? {} : { image }) });
  if ('problem' in shown) return refused<State>(shown.problem, { ...values, image: '' });
  if (form.get('intent') === 'preview') {
    const state: State = { problem: null, values, key: newFormKey(), preview: shown.data };
    return state;
  }
  const saved = await context.submit(tenantUpdate, changes, guards);
  if ('problem' in saved) return refused<State>(saved.problem, values);
  const logo = image === '' ? null : await context.submit(tenantLogoSet, { image });
  if (logo && 'problem' in logo) return refused<State>(logo.problem, values);
  throw redirect('/settings/branding?saved=1');
}

export default function Branding() {
  const { tenant, preview: current, formKey, mayUpdate } = useLoaderData<typeof loader>();
  const state = useActionData<State>();
  const preview = state?.preview ?? current;
  const colour = state?.preview ? state.values.brand_colour || null : null;
  const { brand_colour, support_email, support_phone, support_url } = tenant;
  return (
    <>
      <DoneNotice saved="Your branding was saved." />
      <PageHeader
        title="Branding"
        lead="What portal and mails wear, and whom their readers can ask."
        crumbs={[{ href: '/settings', label: 'Settings' }]}
      />
      {mayUpdate ? null : <Notice tone="warn">Your role may read these settings but not change them.</Notice>}
      {state?.preview ? <Notice tone="warn">This is a preview: nothing is saved yet.</Notice> : null}
      <div className="halves">
        <div className="stack">
          <Card padded>
            <PortalForm
              state={state?.values.intent === 'remove' ? undefined : state}
              formKey={formKey}
              version={tenant.version}
              labels={LABELS}
              encType="multipart/form-data"
              values={{
                brand_colour: brand_colour ?? '',
                support_email: support_email ?? '',
                support_phone: support_phone ?? '',
                support_url: support_url ?? '',
              }}
            >
              <BrandingFields />
              {mayUpdate ? <Buttons /> : null}
            </PortalForm>
          </Card>
          {tenant.logo_url && mayUpdate ? (
            <Card title="The logo now" padded>
              <img className="branding-logo" src={tenant.logo_url} alt={`The logo of ${tenant.name}`} />
              <ChoiceForm
                intent="remove"
                title="Remove the logo"
                button="Remove it"
                formKey={formKey}
                state={state}
                labels={LABELS}
                version={tenant.version}
              >
                <p className="soft">Portal and mails show the name alone again.</p>
              </ChoiceForm>
            </Card>
          ) : null}
        </div>
        <div className="stack">
          <BrandingPreview preview={preview} name={tenant.name} colour={colour} />
        </div>
      </div>
    </>
  );
}

function Buttons() {
  return (
    <div className="form-foot">
      <button type="submit" name="intent" value="preview" className="button">
        Preview
      </button>
      <SubmitButton>Save branding</SubmitButton>
    </div>
  );
}

function BrandingFields() {
  return (
    <>
      <TextField
        name="brand_colour"
        label={LABELS.brand_colour}
        hint="Like #3b82f6; made darker or lighter where text could not be read"
        maxLength={7}
      />
      <LogoField />
      <TextField name="support_email" label={LABELS.support_email} type="email" maxLength={254} />
      <TextField name="support_phone" label={LABELS.support_phone} type="tel" maxLength={40} />
      <TextField
        name="support_url"
        label={LABELS.support_url}
        type="url"
        hint="Like https://help.example"
        maxLength={500}
      />
    </>
  );
}

/** The file, and the picture itself once it was read: so that saving needs no second choice. */
function LogoField() {
  const { value: image, errors } = useField('image');
  return (
    <div className="field">
      <label htmlFor="field-image">
        {LABELS.image}
        <span className="optional"> (optional)</span>
      </label>
      <input
        id="field-image"
        type="file"
        name="file"
        accept="image/png,image/jpeg,image/webp"
        className="control"
        aria-invalid={errors.length > 0 || undefined}
        aria-describedby={errors.length > 0 ? 'field-image-error' : 'field-image-hint'}
      />
      <span className="hint" id="field-image-hint">
        {image === ''
          ? 'PNG, JPEG or WebP, up to 256 KiB; shown 26 pixels high, in mails 40.'
          : 'The picture of the preview is kept. Choose another to replace it.'}
      </span>
      {errors.length > 0 ? <FieldErrors id="field-image-error" label={LABELS.image} messages={errors} /> : null}
      <input type="hidden" name="image" value={image} />
    </div>
  );
}
