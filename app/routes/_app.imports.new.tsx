import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { importList } from '../../server/contexts/import/operations.ts';
import { merchantList } from '../../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { Card } from '../components/card.tsx';
import { FileField, SelectField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { LARGEST_UPLOAD_BYTES, uploadImport } from '../import-upload.ts';
import { KINDS } from '../import-words.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle('New import');

const LABELS = { kind: 'What', for: 'For', merchant_id: 'For', merchant_org_id: 'For', file: 'The file' };

export async function loader({ context, request }: LoaderFunctionArgs) {
  // Whoever may not even see imports is told so here.
  await context.run(importList, { limit: 1 });
  const query = (cursor: string | undefined) => ({ limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) });
  const may = (kind: string) => context.can(`${kind}:create`);
  const [orgs, merchants] = await Promise.all([
    context.can('merchant_org:read') ? wholeList((cursor) => context.run(merchantOrgList, query(cursor))) : [],
    context.can('merchant:read') ? wholeList((cursor) => context.run(merchantList, query(cursor))) : [],
  ]);
  const given = new URL(request.url).searchParams;
  return {
    formKey: newFormKey(),
    kinds: KINDS.filter(({ value }) => may(value)),
    places: [
      ...orgs.map(({ id, name }) => ({ value: `merchant_org-${id}`, label: name, group: 'A MerchantOrg' })),
      ...merchants.map(({ id, name }) => ({ value: `merchant-${id}`, label: name, group: 'A merchant' })),
    ],
    values: { kind: given.get('kind') ?? '', for: given.get('for') ?? '' },
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  if (Number(request.headers.get('content-length') ?? 0) > LARGEST_UPLOAD_BYTES) {
    const message = `has more than ${LARGEST_UPLOAD_BYTES / 1024 / 1024} MiB`;
    return refused(invalidFields({ file: [message] }, context.requestId), {});
  }
  const form = await request.formData();
  const values = readFields(form, ['kind', 'for']);
  const file = form.get('file');
  if (!(file instanceof Blob) || file.size === 0) {
    return refused(invalidFields({ file: ['is required'] }, context.requestId), values);
  }
  const [, party, id] = /^(merchant|merchant_org)-(.+)$/.exec(values.for ?? '') ?? [];
  const input = {
    ...withoutEmpty({ kind: values.kind ?? '' }),
    ...(party ? { [`${party}_id`]: id } : {}),
    file_name: file.name.slice(0, 200) || null,
  };
  const answer = await uploadImport(context, input, file, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/imports/${answer.id}`);
}

export default function NewImport() {
  const { formKey, kinds, places, values } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title="New import"
        lead="Nothing is made before every row is checked and you say so."
        crumbs={[{ href: '/imports', label: 'Imports' }]}
      />
      <div className="form-narrow stack">
        <Card padded>
          <PortalForm state={state} values={values} formKey={formKey} labels={LABELS} encType="multipart/form-data">
            <SelectField name="kind" label="What" choices={kinds} empty="Choose one" required />
            <SelectField
              name="for"
              label="For"
              choices={places}
              empty="The whole network"
              hint="For the whole network or a MerchantOrg, a column of the file names the merchant of each row."
            />
            <FileField
              name="file"
              label="CSV file"
              accept=".csv,.tsv,.txt,text/csv,text/plain"
              hint="UTF-8, with names of columns in its first line; up to 100,000 rows, or 5,000 MerchantOrgs or merchants."
            />
            <div className="form-foot">
              <SubmitButton>Upload</SubmitButton>
              <Link className="button button-plain" to="/imports">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
        <Card title="Templates">
          <ul className="feed">
            {kinds.map(({ value, label }) => (
              <li key={value}>
                <span>{label}</span>
                <a className="button" href={`/api/import-template?kind=${value}`} download>
                  <Icon name="download" size={14} />
                  Template<span className="visually-hidden"> for {label}</span>
                </a>
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </>
  );
}
