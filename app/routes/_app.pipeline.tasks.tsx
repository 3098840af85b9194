import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { activityList, activityUpdate } from '../../server/contexts/prospect-activity/operations.ts';
import type { Activity } from '../../server/contexts/prospect-activity/schemas.ts';
import { Card } from '../components/card.tsx';
import { DoneForm } from '../components/done-form.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { ErrorSummary } from '../components/form.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PipelineTabs } from '../components/pipeline-tabs.tsx';
import { CalendarDate } from '../components/time.tsx';
import { dateIn } from '../dates.ts';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { ownerChoices } from '../prospect-data.ts';

export const meta = pageTitle('Tasks');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, activityList, ['user_id']);
  const [page, owners] = await Promise.all([
    context.run(activityList, { ...input, open: true, sort: 'due_on' }),
    ownerChoices(context),
  ]);
  const today = dateIn(context.tenant.time_zone, new Date());
  return { values, page, owners, today, mayUpdate: context.can('prospect:update'), formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { id = '' } = readFields(form, ['id']);
  const answer = await context.submit(activityUpdate, { id, done: true }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, {});
  throw redirect('/pipeline/tasks?saved=1');
}

export default function Tasks() {
  const { values, page, owners, today, mayUpdate, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader title="Tasks" lead="What is to be done about prospects, the most urgent first." />
      <PipelineTabs />
      <DoneNotice saved="One task less." />
      {state?.problem ? <ErrorSummary problem={state.problem} labels={{}} /> : null}
      {owners.length > 0 ? (
        <Filters values={values}>
          <SelectFilter name="user_id" label="Whose" values={values} choices={owners} empty="Everybody's" />
        </Filters>
      ) : null}
      <Card>
        {page.data.length > 0 ? (
          <ul className="plain-list">
            {page.data.map((task) => (
              <Task
                key={task.id}
                task={task}
                isLate={(task.due_on ?? '') < today}
                formKey={mayUpdate ? formKey : null}
              />
            ))}
          </ul>
        ) : isFiltered(values) ? (
          <EmptyResult href="/pipeline/tasks" />
        ) : (
          <Empty icon="check" title="Nothing to do" action={{ href: '/pipeline', label: 'Open the board' }}>
            Tasks are set on the page of a prospect.
          </Empty>
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} />
      </Card>
    </>
  );
}

function Task({ task, isLate, formKey }: { task: Activity; isLate: boolean; formKey: string | null }) {
  return (
    <li>
      <span>
        <Link to={`/prospects/${task.prospect.id}`}>{task.subject}</Link>
        <span className="cell-note">{task.prospect.name}</span>
      </span>
      <span className={isLate ? 'late' : ''}>
        {isLate ? 'Was due ' : 'Due '}
        <CalendarDate value={task.due_on ?? ''} />
      </span>
      <span className="faint">{task.user?.name ?? 'Nobody'}</span>
      {formKey ? <DoneForm fields={{ id: task.id }} formKey={`${formKey}-${task.id}`} what={task.subject} /> : null}
    </li>
  );
}
