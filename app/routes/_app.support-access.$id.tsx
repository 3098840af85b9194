import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  impersonationEnd,
  impersonationEvents,
  impersonationGet,
} from '../../server/contexts/impersonation/operations.ts';
import type { Impersonation } from '../../server/contexts/impersonation/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { ImpersonationEvents } from '../components/impersonation-events.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { idParam } from '../id-param.ts';
import { endReason } from '../impersonation-words.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Support access');

const KINDS = [
  { value: 'read', label: 'Seen' },
  { value: 'change', label: 'Changed' },
  { value: 'denied', label: 'Refused' },
];

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const id = idParam(params);
  const impersonation = await context.run(impersonationGet, { id });
  const { values, input } = listQuery(request, impersonationEvents, ['kind']);
  const events = impersonation.are_events_visible ? await context.run(impersonationEvents, { ...input, id }) : null;
  const mayEnd = impersonation.status === 'active' && context.can('user:impersonate');
  return { values, impersonation, events, mayEnd };
}

export async function action({ context, params }: ActionFunctionArgs) {
  const id = idParam(params);
  const answer = await context.submit(impersonationEnd, { id });
  if ('problem' in answer) throw new Response(null, { status: answer.problem.status });
  throw redirect(`/support-access/${id}?saved=1`);
}

export default function SupportAccessPage() {
  const { values, impersonation, events, mayEnd } = useLoaderData<typeof loader>();
  const { impersonator, user, status } = impersonation;
  return (
    <>
      <DoneNotice saved="It has ended." />
      <PageHeader
        title={`${impersonator.name ?? 'A removed account'} as ${user.name ?? 'a removed account'}`}
        crumbs={[{ href: '/support-access', label: 'Support access' }]}
        beside={<Badge status={status} />}
      >
        {mayEnd ? (
          <Form method="post">
            <button type="submit" className="button">
              End it now
            </button>
          </Form>
        ) : null}
      </PageHeader>
      <div className="columns">
        <div className="stack">
          {events && (events.data.length > 0 || isFiltered(values)) ? (
            <Filters values={values}>
              <SelectFilter name="kind" label="What" values={values} choices={KINDS} />
            </Filters>
          ) : null}
          <Card title="What was seen and changed">
            {events ? (
              <>
                {events.data.length === 0 && isFiltered(values) ? (
                  <EmptyResult href={`/support-access/${impersonation.id}`} />
                ) : (
                  <ImpersonationEvents rows={events.data} />
                )}
                <ListFoot
                  shown={events.data.length}
                  nextCursor={events.next_cursor}
                  download={`/api/impersonations/${impersonation.id}/events`}
                />
              </>
            ) : (
              <p className="card-body soft">
                It also concerned other merchants, so only those who may see all of them are told the details.
              </p>
            )}
          </Card>
        </div>
        <aside>
          <Card title="Access" padded>
            <AccessFacts impersonation={impersonation} />
          </Card>
        </aside>
      </div>
    </>
  );
}

function AccessFacts({ impersonation }: { impersonation: Impersonation }) {
  const { reason, started_at, expires_at, ended_at, ended_because, stepped_up_at, denials } = impersonation;
  return (
    <Facts>
      <Fact name="Reason">{reason}</Fact>
      <Fact name="Began">
        <Instant value={started_at} />
      </Fact>
      <Fact name={ended_at ? 'Ended' : 'Ends at the latest'}>
        <Instant value={ended_at ?? expires_at} />
        {ended_because ? <span className="cell-note">{endReason(ended_because)}</span> : null}
      </Fact>
      <Fact name="Changes possible">{stepped_up_at ? <Instant value={stepped_up_at} /> : 'Never, read only'}</Fact>
      <Fact name="Refused">{denials === 0 ? 'Nothing' : String(denials)}</Fact>
    </Facts>
  );
}
