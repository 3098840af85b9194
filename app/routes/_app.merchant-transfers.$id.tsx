import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  merchantTransferApprove,
  merchantTransferCancel,
  merchantTransferGet,
  merchantTransferPreview,
} from '../../server/contexts/merchant-transfer/operations.ts';
import type { MerchantTransferDetail } from '../../server/contexts/merchant-transfer/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { ErrorSummary, PortalForm, SubmitButton } from '../components/form.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { CalendarDate, Instant } from '../components/time.tsx';
import { TransferReview } from '../components/transfer-review.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { isWaiting, TRANSFER_STATUSES } from '../transfer-words.ts';

type Shown = { transfer: MerchantTransferDetail };
const titleOf = ({ merchant_name, to_merchant_org_name }: MerchantTransferDetail) =>
  `${merchant_name} to ${to_merchant_org_name}`;

export const meta = pageTitle<Shown>(({ transfer }) => titleOf(transfer));

/** What is shown of it: as it would be now, as it was, or as somebody saw it before. */
function reviewTitle({ status }: MerchantTransferDetail, may: boolean): string {
  if (status === 'done') return 'What it changed';
  return status === 'proposed' && may ? 'What changes' : 'What was reviewed';
}

const LABELS = { reason: 'Reason', digest: 'Review' };

/** What waits for an approval is shown as it would be now: that is what is approved. */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const transfer = await context.run(merchantTransferGet, { id: idParam(params) });
  const may = context.can('merchant_transfer:create') && isWaiting(transfer);
  const { merchant_id: id, to_merchant_org_id: merchant_org_id, effective_date } = transfer;
  const review =
    may && transfer.status === 'proposed'
      ? await context.submit(merchantTransferPreview, { id, merchant_org_id, effective_date })
      : { data: transfer.outcome ?? transfer.preview };
  return {
    transfer,
    preview: 'data' in review ? review.data : null,
    problem: 'problem' in review ? review.problem : null,
    may,
    isOwn: transfer.created_by?.id === context.actor?.id,
    isCancelling: new URL(request.url).searchParams.get('step') === 'cancel',
    formKey: newFormKey(),
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { intent = '', digest, reason } = readFields(form, ['intent', 'digest', 'reason']);
  const answer =
    intent === 'cancel'
      ? await context.submit(merchantTransferCancel, { id, reason }, formGuards(form))
      : await context.submit(merchantTransferApprove, { id, digest }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, { intent, reason: reason ?? '' });
  throw redirect(`/merchant-transfers/${id}?saved=1`);
}

export default function TransferOfMerchant() {
  const { transfer, preview, problem, may, isOwn, isCancelling, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const form = { state, formKey, labels: LABELS, version: transfer.version };
  return (
    <>
      <DoneNotice
        created="The transfer is proposed. Somebody else has to approve it."
        saved={transfer.status === 'cancelled' ? 'The transfer is cancelled.' : 'The transfer is approved.'}
      />
      <PageHeader
        title={titleOf(transfer)}
        crumbs={[
          { href: '/merchants', label: 'Merchants' },
          { href: '/merchant-transfers', label: 'Transfers' },
        ]}
        beside={<Badge status={transfer.status} label={TRANSFER_STATUSES[transfer.status]} />}
      />
      <Outcome transfer={transfer} />
      <div className="columns">
        <div className="stack">
          {problem ? (
            <ErrorSummary problem={problem} labels={{ merchant_org_id: transfer.to_merchant_org_name }} />
          ) : null}
          {preview ? <TransferReview preview={preview} title={reviewTitle(transfer, may)} /> : null}
          {may && transfer.status === 'proposed' && preview && !isOwn ? (
            <Card title="Approve it" padded>
              <PortalForm {...form} state={state?.values.intent === 'approve' ? state : undefined}>
                <input type="hidden" name="intent" value="approve" />
                <input type="hidden" name="digest" value={preview.digest} />
                <div className="form-foot">
                  <SubmitButton>Approve this transfer</SubmitButton>
                </div>
              </PortalForm>
            </Card>
          ) : null}
          {may ? (
            <Card title="Not to be moved?">
              <ChoiceForm
                intent="cancel"
                title="Cancel it"
                button="Cancel this transfer"
                isOpen={isCancelling}
                {...form}
              >
                <TextField name="reason" label="Reason" hint="Kept in the history for good" maxLength={500} required />
              </ChoiceForm>
            </Card>
          ) : null}
        </div>
        <aside>
          <Card title="Transfer" padded>
            <TransferFacts transfer={transfer} />
          </Card>
        </aside>
      </div>
    </>
  );
}

/** What it waits for, or what became of it. */
function Outcome({ transfer }: Shown) {
  const { status, effective_date: day, ended_because, from_merchant_org_name: from } = transfer;
  if (status === 'failed') {
    return (
      <Notice tone="bad">
        It was not carried out, and the merchant stayed with {from}. {ended_because}
      </Notice>
    );
  }
  if (status === 'scheduled' || status === 'proposed') {
    return (
      <Notice tone="warn">
        It takes effect at the start of <CalendarDate value={day} />
        {status === 'scheduled' ? '.' : ', if somebody else than who proposed it approves it before that day is over.'}
      </Notice>
    );
  }
  return null;
}

function TransferFacts({ transfer }: Shown) {
  const { created_by, approved_by, approved_at, ended_at, status } = transfer;
  return (
    <Facts>
      <Fact name="Merchant">
        <Link to={`/merchants/${transfer.merchant_id}`}>{transfer.merchant_name}</Link>
      </Fact>
      <Fact name="From">
        <Link to={`/merchant-orgs/${transfer.from_merchant_org_id}`}>{transfer.from_merchant_org_name}</Link>
      </Fact>
      <Fact name="To">
        <Link to={`/merchant-orgs/${transfer.to_merchant_org_id}`}>{transfer.to_merchant_org_name}</Link>
      </Fact>
      <Fact name="Effective">
        <CalendarDate value={transfer.effective_date} />
      </Fact>
      <Fact name="Reason">{transfer.reason}</Fact>
      <Fact name="Proposed">
        <Instant value={transfer.created_at} exact />
        {created_by ? <span className="cell-note">{created_by.name}</span> : null}
      </Fact>
      {approved_at ? (
        <Fact name="Approved">
          <Instant value={approved_at} exact />
          <span className="cell-note">{approved_by?.name}</span>
        </Fact>
      ) : null}
      {ended_at ? (
        <Fact name={TRANSFER_STATUSES[status]}>
          <Instant value={ended_at} exact />
        </Fact>
      ) : null}
      {status === 'cancelled' ? <Fact name="Why cancelled">{transfer.ended_because}</Fact> : null}
    </Facts>
  );
}
