import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantGet } from '../../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { merchantTransferCreate, merchantTransferPreview } from '../../server/contexts/merchant-transfer/operations.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { ErrorSummary, PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TransferReview } from '../components/transfer-review.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Transfer ${merchant.name}`);

const LABELS = { merchant_org_id: 'New MerchantOrg', reason: 'Reason', digest: 'Review' };

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const id = idParam(params);
  const to = new URL(request.url).searchParams.get('to') ?? '';
  const [merchant, orgs] = await Promise.all([
    context.run(merchantGet, { id }),
    context.run(merchantOrgList, { limit: 200, sort: 'name' }),
  ]);
  const choices = orgs.data.filter((org) => org.id !== merchant.merchant_org_id && org.status !== 'closed');
  // Reviewing asks for the permission; choosing asks for it too, so that nobody comes here in vain.
  const review = await context.submit(merchantTransferPreview, { id, merchant_org_id: to || merchant.merchant_org_id });
  return {
    merchant: { id, name: merchant.name },
    to,
    choices: choices.map((org) => ({ id: org.id, name: org.name })),
    preview: 'data' in review ? review.data : null,
    problem: to !== '' && 'problem' in review ? review.problem : null,
    formKey: newFormKey(),
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, ['merchant_org_id', 'digest', 'reason']);
  const answer = await context.submit(merchantTransferCreate, { id, ...values }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${id}?saved=1`);
}

export default function TransferMerchant() {
  const { merchant, to, choices, preview, problem, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title={`Transfer ${merchant.name}`}
        lead="To another MerchantOrg, in two steps: review what changes, then move it."
        crumbs={[
          { href: '/merchants', label: 'Merchants' },
          { href: `/merchants/${merchant.id}`, label: merchant.name },
        ]}
      />
      <div className="form-narrow stack">
        {problem ? <ErrorSummary problem={problem} labels={LABELS} /> : null}
        <Card title="1. Choose where it goes" padded>
          <Form method="get" className="form" key={to}>
            <div className="field">
              <label htmlFor="field-merchant_org_id">New MerchantOrg</label>
              <select id="field-merchant_org_id" name="to" className="control" defaultValue={to} required>
                <option value="">Choose one</option>
                {choices.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </div>
            <div className="form-foot">
              <button className="button" type="submit">
                Review
              </button>
            </div>
          </Form>
        </Card>
        {preview ? (
          <>
            <TransferReview preview={preview} />
            <Card title="3. Move it" padded>
              <PortalForm state={state} formKey={formKey} labels={LABELS}>
                <input type="hidden" name="merchant_org_id" value={preview.to.id} />
                <input type="hidden" name="digest" value={preview.digest} />
                <TextField name="reason" label="Reason" hint="Kept in the history for good" maxLength={500} required />
                <div className="form-foot">
                  <SubmitButton>{`Move to ${preview.to.name}`}</SubmitButton>
                  <Link className="button button-plain" to={`/merchants/${merchant.id}`}>
                    Cancel
                  </Link>
                </div>
              </PortalForm>
            </Card>
          </>
        ) : null}
      </div>
    </>
  );
}
