import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  prospectDuplicates,
  prospectGet,
  prospectMerge,
  prospectMove,
} from '../../server/contexts/prospect/operations.ts';
import { OPEN_STAGES, type OpenStage, type Prospect, prospectStates } from '../../server/contexts/prospect/schemas.ts';
import {
  activityCreate,
  activityUpdate,
  prospectTimeline,
} from '../../server/contexts/prospect-activity/operations.ts';
import { movesFrom } from '../../server/operations/states.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { ActivityFields, DuplicateList, LoseFields } from '../components/prospect-parts.tsx';
import { ProspectTimeline } from '../components/prospect-timeline.tsx';
import { CalendarDate, Instant } from '../components/time.tsx';
import { dateIn } from '../dates.ts';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { humanize } from '../labels.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ prospect: Prospect }>(({ prospect }) => prospect.name);

const LABELS = {
  ...{ kind: 'Kind', subject: 'Subject', body: 'Notes', due_on: 'Due on', lost_reason: 'Why', reason: 'In your words' },
  prospect_id: 'The other prospect',
};
const FIELDS = ['intent', 'activity_id', ...Object.keys(LABELS)];

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const id = idParam(params);
  const search = new URL(request.url).searchParams;
  const cursor = search.get('cursor');
  const [prospect, timeline, duplicates] = await Promise.all([
    context.run(prospectGet, { id }),
    context.run(prospectTimeline, { id, limit: 30, ...(cursor ? { cursor } : {}) }),
    context.run(prospectDuplicates, { id }),
  ]);
  return {
    ...{ prospect, timeline, duplicates: duplicates.data, formKey: newFormKey(), isLosing: search.has('lose') },
    merging: search.get('merge'),
    today: dateIn(context.tenant.time_zone, new Date()),
    may: { update: context.can('prospect:update'), convert: context.can('prospect:convert') },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { intent = '', activity_id = '', ...values } = readFields(form, FIELDS);
  const guards = formGuards(form);
  const submit = () => {
    switch (intent) {
      case 'activity': {
        const { kind, subject, body, due_on } = withoutEmpty(values);
        const due = kind === 'task' ? { due_on } : {};
        return context.submit(activityCreate, { prospect_id: id, kind, subject, body, ...due }, guards);
      }
      case 'done':
        return context.submit(activityUpdate, { id: activity_id, done: true }, guards);
      case 'merge':
        return context.submit(prospectMerge, { id, prospect_id: values.prospect_id }, guards);
      case 'lost': {
        const { lost_reason, reason } = withoutEmpty(values);
        return context.submit(prospectMove, { id, status: 'lost', lost_reason, reason }, guards);
      }
      default:
        return context.submit(prospectMove, { id, status: intent }, guards);
    }
  };
  const answer: { problem: Parameters<typeof refused>[0] } | { data: unknown } = await submit();
  if ('problem' in answer) return refused(answer.problem, { ...values, intent });
  throw redirect(`/prospects/${id}?saved=1`);
}

/** The open stages that it can go to from here. */
function stagesFrom({ status }: Prospect): OpenStage[] {
  const reached = movesFrom(prospectStates, status).map((action) => prospectStates.moves[action].to);
  return OPEN_STAGES.filter((stage) => (reached as string[]).includes(stage));
}

export default function ProspectDetail() {
  const { prospect, timeline, duplicates, today, formKey, isLosing, merging, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const { name, status } = prospect;
  const isOpen = OPEN_STAGES.some((stage) => stage === status);
  const form = (intent: string) => ({ intent, formKey, state, labels: LABELS, version: prospect.version });
  return (
    <>
      <PageHeader title={name} beside={<Badge status={status} />} crumbs={[{ href: '/pipeline', label: 'Pipeline' }]}>
        {may.update && status !== 'merged' ? (
          <Link className="button" to={`/prospects/${prospect.id}/edit`}>
            Edit
          </Link>
        ) : null}
        {may.convert && isOpen ? (
          <Link className="button button-primary" to={`/prospects/${prospect.id}/convert`}>
            Make it a merchant
          </Link>
        ) : null}
      </PageHeader>
      <DoneNotice created={`${name} is in the pipeline.`} saved="Saved." />
      <Outcome prospect={prospect} />
      <div className="columns">
        <div className="stack">
          {may.update && status !== 'merged' ? (
            <Card title="What was done, and what comes next">
              {/* An activity is of no version: it never comes too late. */}
              <ChoiceForm
                {...{ formKey, state, labels: LABELS }}
                intent="activity"
                title={`Record a call, mail, meeting or note${isOpen ? ', or set a task' : ''}`}
                button="Record"
                values={{ kind: 'call', due_on: today }}
              >
                <ActivityFields hasTasks={isOpen} />
              </ChoiceForm>
              {stagesFrom(prospect).map((stage) => (
                <ChoiceForm
                  key={stage}
                  {...form(stage)}
                  title={status === 'lost' ? 'Begin again' : `Move to ${humanize(stage)}`}
                  button={status === 'lost' ? 'Open it as a lead' : `Move to ${humanize(stage)}`}
                />
              ))}
              {isOpen ? (
                <ChoiceForm {...form('lost')} title="It is lost" button="Mark as lost" isOpen={isLosing}>
                  <LoseFields />
                </ChoiceForm>
              ) : null}
            </Card>
          ) : null}
          <Card title="Timeline">
            <ProspectTimeline entries={timeline.data} isOpen={isOpen} formKey={may.update ? formKey : null} />
            <ListFoot shown={timeline.data.length} nextCursor={timeline.next_cursor} />
          </Card>
        </div>
        <aside className="stack">
          <ProspectFacts prospect={prospect} />
          {duplicates.length > 0 && status !== 'merged' ? (
            <Card title="May be the same">
              <DuplicateList {...{ prospect, duplicates, merging }} form={may.update ? form('merge') : null} />
            </Card>
          ) : null}
        </aside>
      </div>
    </>
  );
}

/** What became of it. */
function Outcome({ prospect }: { prospect: Prospect }) {
  if (prospect.merged_into) {
    return (
      <Notice tone="warn">
        This prospect was merged into another. <Link to={`/prospects/${prospect.merged_into}`}>Open that one</Link>
      </Notice>
    );
  }
  if (!prospect.merchant_id) return null;
  return (
    <Notice tone="good">
      Won: it is a merchant now. <Link to={`/merchants/${prospect.merchant_id}`}>Open the merchant</Link> or{' '}
      <Link to={`/merchant-orgs/${prospect.merchant_org_id}`}>its MerchantOrg</Link>
    </Notice>
  );
}

function ProspectFacts({ prospect }: { prospect: Prospect }) {
  const { email, phone, value, owner, status } = prospect;
  return (
    <Card title="Facts" padded>
      <Facts>
        <Fact name="Contact">{prospect.contact_name}</Fact>
        <Fact name="E-mail">{email ? <a href={`mailto:${email}`}>{email}</a> : null}</Fact>
        <Fact name="Phone">{phone ? <a href={`tel:${phone.replace(/[^\d+]/g, '')}`}>{phone}</a> : null}</Fact>
        <Fact name="Vertical">{humanize(prospect.vertical)}</Fact>
        <Fact name="Source">{prospect.source}</Fact>
        <Fact name="Expected in a year">{value.amount > 0 ? <Money {...value} /> : null}</Fact>
        <Fact name="Probability">
          {`${prospect.probability} %${prospect.has_own_probability ? '' : ', as its stage goes'}`}
        </Fact>
        <Fact name="Expected close">
          {prospect.expected_close ? <CalendarDate value={prospect.expected_close} /> : null}
        </Fact>
        <Fact name="Owner">{owner?.name}</Fact>
        <Fact name={`${humanize(status)} since`}>
          <Instant value={prospect.status_since} />
        </Fact>
        {prospect.lost_reason ? (
          <Fact name="Lost because of">
            {humanize(prospect.lost_reason)}
            {prospect.status_reason ? `: ${prospect.status_reason}` : ''}
          </Fact>
        ) : null}
        <Fact name="Notes">{prospect.notes}</Fact>
      </Facts>
    </Card>
  );
}
