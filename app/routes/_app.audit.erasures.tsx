import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { auditErase, erasureList } from '../../server/contexts/audit-erasure/operations.ts';
import type { Erasure } from '../../server/contexts/audit-erasure/schemas.ts';
import { auditTabs } from '../audit-tabs.ts';
import { AuditTabs } from '../components/audit-tabs.tsx';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { Empty } from '../components/empty.tsx';
import { TextField } from '../components/field.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { humanize } from '../labels.ts';
import { addressValues, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Erasures');

const LABELS = { actor_id: 'Actor id', resource_type: 'Resource type', resource_id: 'Resource id', reason: 'Reason' };

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { input } = listQuery(request, erasureList, []);
  return {
    page: await context.run(erasureList, input),
    subject: addressValues(request, ['actor_id', 'resource_type', 'resource_id']),
    mayErase: context.can('audit:erase'),
    formKey: newFormKey(),
    tabs: auditTabs(context),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(LABELS));
  const answer = await context.submit(auditErase, withoutEmpty(values), formGuards(form));
  if ('problem' in answer) return refused(answer.problem, { ...values, intent: 'erase' });
  throw redirect('/audit/erasures?created=1');
}

export default function Erasures() {
  const { page, subject, mayErase, formKey, tabs } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  // Whoever comes from an event finds the form open, with its subject.
  const asked = Object.keys(subject).length > 0;
  const state =
    answer ?? (asked ? { problem: null, values: { ...subject, intent: 'erase' }, key: formKey } : undefined);
  return (
    <>
      <DoneNotice created="It will be erased as soon as everything before it is sealed, within a quarter of an hour." />
      <PageHeader
        title="Erasures"
        lead="Personal data that was taken out of the audit trail, without breaking its seal."
      />
      <AuditTabs may={tabs} />
      <div className="stack">
        {mayErase ? (
          <Card title="Erase personal data">
            <p className="card-body soft">
              Names, addresses, programs and everything that was written go from all events until now, for good. Ids,
              actions and times stay. Name one actor, or one resource.
            </p>
            <ChoiceForm
              intent="erase"
              title="Choose whose"
              button="Erase for good"
              formKey={formKey}
              state={state}
              labels={LABELS}
            >
              <TextField name="actor_id" label="Actor id" maxLength={254} />
              <TextField name="resource_type" label="Resource type" maxLength={100} hint="user, merchant, session …" />
              <TextField name="resource_id" label="Resource id" maxLength={254} />
              <TextField name="reason" label="Reason" maxLength={500} required />
            </ChoiceForm>
          </Card>
        ) : null}
        <Card>
          {page.data.length > 0 ? <ErasureTable rows={page.data} /> : <None />}
          <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/audit-erasures" />
        </Card>
      </div>
    </>
  );
}

function ErasureTable({ rows }: { rows: Erasure[] }) {
  return (
    <Table
      label="Erasures"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          head: 'Whose',
          cell: (row) => (
            <div className="clamp">
              {row.actor_id ? 'Actor' : humanize(row.resource_type ?? '')}{' '}
              <span className="mono">{row.actor_id ?? row.resource_id}</span>
              <span className="cell-note">{row.reason}</span>
            </div>
          ),
        },
        {
          head: 'Asked for',
          from: 'medium',
          cell: (row) => (
            <Link to={`/audit/${row.event_id}`}>
              <Instant value={row.requested_at} />
            </Link>
          ),
        },
        { head: 'Events', end: true, cell: (row) => row.erased },
        {
          head: 'State',
          cell: (row) => <Badge status={row.status === 'done' ? 'success' : 'pending'} label={humanize(row.status)} />,
        },
      ]}
    />
  );
}

function None() {
  return (
    <Empty icon="lock" title="Nothing was erased">
      When somebody asks for their data to be erased, it is done here, and the seal still fits.
    </Empty>
  );
}
