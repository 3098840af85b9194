import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { alertAcknowledge, alertGet } from '../../server/contexts/alert/operations.ts';
import type { AlertDetail } from '../../server/contexts/alert/schemas.ts';
import { AuditTable } from '../components/audit-table.tsx';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { emptyAsNull, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ alert: AlertDetail }>(({ alert }) => `${alert.rule}: ${alert.subject_name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const alert = await context.run(alertGet, { id: idParam(params) });
  return { alert, mayAcknowledge: context.can('alert:acknowledge'), formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, ['note']);
  const answer = await context.submit(alertAcknowledge, { id, ...emptyAsNull(values, []) }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/audit/alerts/${id}?saved=1`);
}

export default function AlertPage() {
  const { alert, mayAcknowledge, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The alert is acknowledged." />
      <PageHeader
        title={`${alert.rule}: ${alert.subject_name}`}
        crumbs={[
          { href: '/audit', label: 'Audit log' },
          { href: '/audit/alerts', label: 'Alerts' },
        ]}
        beside={alert.status === 'open' ? <Badge status="failed" label="Open" /> : <Badge status={alert.status} />}
      />
      <div className="columns">
        <div className="stack">
          {alert.status === 'open' && mayAcknowledge ? (
            <Card title="Looked into it?" padded>
              <PortalForm state={state} formKey={formKey} labels={{ note: 'Note' }} version={alert.version}>
                <TextField name="note" label="Note" maxLength={1000} hint="What it was, for whoever asks later" />
                <div className="form-foot">
                  <SubmitButton>Acknowledge</SubmitButton>
                </div>
              </PortalForm>
            </Card>
          ) : null}
          {alert.kind === 'quota' ? null : (
            <Card title="Evidence">
              <AuditTable rows={alert.events} isPart />
            </Card>
          )}
        </div>
        <aside>
          <Card title="Alert" padded>
            <AlertFacts alert={alert} />
          </Card>
        </aside>
      </div>
    </>
  );
}

function AlertFacts({ alert }: { alert: AlertDetail }) {
  return (
    <Facts>
      <Fact name="Rule">
        <Link to={`/audit/rules/${alert.rule_id}`}>{alert.rule}</Link>
      </Fact>
      <Fact name={alert.kind === 'quota' ? 'What' : 'Whom'}>
        {alert.kind === 'quota' ? (
          <Link to="/usage">{alert.subject_name}</Link>
        ) : alert.kind === 'failed_sign_ins' ? (
          alert.subject_name
        ) : (
          <Link to={`/audit?${new URLSearchParams({ actor_id: alert.subject })}`}>{alert.subject_name}</Link>
        )}
      </Fact>
      <Fact name="Times">{alert.weight}</Fact>
      <Fact name="Since">
        <Instant value={alert.window_start} exact />
      </Fact>
      <Fact name="Raised">
        <Instant value={alert.created_at} exact />
      </Fact>
      {alert.acknowledged_at ? (
        <>
          <Fact name="Acknowledged">
            <Instant value={alert.acknowledged_at} exact />
          </Fact>
          <Fact name="By">{alert.acknowledged_by}</Fact>
          <Fact name="Note">{alert.note}</Fact>
        </>
      ) : null}
    </Facts>
  );
}
