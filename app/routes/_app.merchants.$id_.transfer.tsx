import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantGet } from '../../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { merchantTransferCreate, merchantTransferPreview } from '../../server/contexts/merchant-transfer/operations.ts';
import type { TransferPreview } from '../../server/contexts/merchant-transfer/schemas.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { ErrorSummary, PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TransferReview } from '../components/transfer-review.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { WaitingTransfer } from '../components/waiting-transfer.tsx';
import { dateIn, formatDate } from '../dates.ts';
import { emptyAsNull, type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { addressValues } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { waitingTransfer } from '../transfer-data.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Transfer ${merchant.name}`);

const LABELS = { merchant_org_id: 'New MerchantOrg', effective_date: 'Day', reason: 'Reason', digest: 'Review' };

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const id = idParam(params);
  const { to = '', on = '' } = addressValues(request, ['to', 'on']);
  const [merchant, orgs, waiting] = await Promise.all([
    context.run(merchantGet, { id }),
    context.run(merchantOrgList, { limit: 200, sort: 'name' }),
    waitingTransfer(context, id),
  ]);
  const choices = orgs.data.filter((org) => org.id !== merchant.merchant_org_id && org.status !== 'closed');
  // Reviewing asks for the permission; choosing asks for it too, so that nobody comes here in vain.
  const review = await context.submit(merchantTransferPreview, {
    id,
    merchant_org_id: to || merchant.merchant_org_id,
    effective_date: on || null,
  });
  return {
    merchant: { id, name: merchant.name },
    to,
    on,
    today: dateIn(context.tenant.time_zone, new Date()),
    waiting,
    choices: choices.map((org) => ({ id: org.id, name: org.name })),
    preview: 'data' in review ? review.data : null,
    problem: to !== '' && 'problem' in review ? review.problem : null,
    formKey: newFormKey(),
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, ['merchant_org_id', 'effective_date', 'digest', 'reason']);
  const input = { id, ...emptyAsNull(values, ['merchant_org_id', 'digest', 'reason']) };
  const answer = await context.submit(merchantTransferCreate, input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  const { status, transfer_id } = answer.data;
  throw redirect(status === 'done' ? `/merchants/${id}?saved=1` : `/merchant-transfers/${transfer_id}?created=1`);
}

export default function TransferMerchant() {
  const { merchant, to, on, today, waiting, choices, preview, problem, formKey } = useLoaderData<typeof loader>();
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
      {waiting ? (
        <WaitingTransfer transfer={waiting} />
      ) : (
        <div className="form-narrow stack">
          {problem ? <ErrorSummary problem={problem} labels={LABELS} /> : null}
          <Card title="1. Choose where and when it goes" padded>
            <Destination key={`${to} ${on}`} {...{ to, on, today, choices }} />
          </Card>
          {preview ? (
            <>
              <TransferReview preview={preview} title="2. Review what changes" />
              <Confirmation {...{ preview, today, merchantId: merchant.id, on, state, formKey }} />
            </>
          ) : null}
        </div>
      )}
    </>
  );
}

type DestinationProps = { to: string; on: string; today: string; choices: { id: string; name: string }[] };

function Destination({ to, on, today, choices }: DestinationProps) {
  const { time_zone } = useTenant();
  return (
    <Form method="get" className="form">
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
      <div className="field">
        <label htmlFor="field-effective_date">
          Takes effect at the start of<span className="optional"> (optional)</span>
        </label>
        <input
          id="field-effective_date"
          name="on"
          type="date"
          className="control"
          defaultValue={on}
          min={today}
          aria-describedby="field-effective_date-hint"
        />
        <span className="hint" id="field-effective_date-hint">
          Left empty, it moves at once. A later day begins at midnight in {time_zone}, and somebody else has to approve
          the transfer first.
        </span>
      </div>
      <div className="form-foot">
        <button className="button" type="submit">
          Review
        </button>
      </div>
    </Form>
  );
}

type ConfirmationProps = {
  preview: TransferPreview;
  today: string;
  merchantId: string;
  on: string;
  state: FormState | undefined;
  formKey: string;
};

function Confirmation({ preview, today, merchantId, on, state, formKey }: ConfirmationProps) {
  const { locale } = useTenant();
  const { to, effective_date: day, digest } = preview;
  const isLater = day > today;
  return (
    <Card title={isLater ? '3. Propose it' : '3. Move it'} padded>
      <PortalForm state={state} formKey={formKey} labels={LABELS}>
        <input type="hidden" name="merchant_org_id" value={to.id} />
        <input type="hidden" name="effective_date" value={on} />
        <input type="hidden" name="digest" value={digest} />
        <TextField name="reason" label="Reason" hint="Kept in the history for good" maxLength={500} required />
        <div className="form-foot">
          <SubmitButton>
            {isLater ? `Propose to move on ${formatDate(day, locale)}` : `Move to ${to.name}`}
          </SubmitButton>
          <Link className="button button-plain" to={`/merchants/${merchantId}`}>
            Cancel
          </Link>
        </div>
      </PortalForm>
    </Card>
  );
}
