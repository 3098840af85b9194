import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { prospectBoard, prospectMove } from '../../server/contexts/prospect/operations.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { ErrorSummary } from '../components/form.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PipelineBoard } from '../components/pipeline-board.tsx';
import { PipelineTabs } from '../components/pipeline-tabs.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { addressValues, isFiltered } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { VERTICALS } from '../party-form.ts';
import { ownerChoices } from '../prospect-data.ts';

export const meta = pageTitle('Pipeline');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const values = addressValues(request, ['q', 'owner_id', 'vertical']);
  const [board, owners] = await Promise.all([
    context.run(prospectBoard, values as Parameters<typeof context.run<object, unknown>>[1]),
    ownerChoices(context),
  ]);
  const may = { create: context.can('prospect:create'), move: context.can('prospect:update') };
  return { values, board, owners, may, formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { id = '', status = '' } = readFields(form, ['id', 'status']);
  const answer = await context.submit(prospectMove, { id, status }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, {});
  throw redirect(new URL(request.url).search || '/pipeline');
}

export default function Pipeline() {
  const { values, board, owners, may, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const isEmpty = board.stages.every(({ count }) => count === 0);
  return (
    <>
      <PageHeader title="Pipeline" lead="Whom you want to win, and how far you are with each.">
        {may.create ? (
          <Link className="button button-primary" to="/prospects/new">
            <Icon name="plus" size={14} />
            New prospect
          </Link>
        ) : null}
      </PageHeader>
      <PipelineTabs />
      {state?.problem ? <ErrorSummary problem={state.problem} labels={{}} /> : null}
      {isEmpty && !isFiltered(values) ? (
        <NoneYet mayCreate={may.create} />
      ) : (
        <>
          <Filters values={values}>
            <SearchFilter name="q" label="Search" values={values} placeholder="Business, contact, e-mail or phone" />
            {owners.length > 0 ? <SelectFilter name="owner_id" label="Owner" values={values} choices={owners} /> : null}
            <SelectFilter name="vertical" label="Vertical" values={values} choices={VERTICALS} />
          </Filters>
          {isEmpty ? (
            <Card>
              <EmptyResult href="/pipeline" />
            </Card>
          ) : (
            <PipelineBoard board={board} formKey={formKey} mayMove={may.move} />
          )}
        </>
      )}
    </>
  );
}

function NoneYet({ mayCreate }: { mayCreate: boolean }) {
  return (
    <Card>
      <Empty
        icon="funnel"
        title="No prospects yet"
        {...(mayCreate ? { action: { href: '/prospects/new', label: 'Add the first prospect' } } : {})}
      >
        A prospect is a business that may join your platform. It moves through the stages until it is won, and then
        becomes a merchant with one click.
      </Empty>
    </Card>
  );
}
