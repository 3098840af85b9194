import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { auditGet } from '../../server/contexts/audit/operations.ts';
import type { AuditEventDetail } from '../../server/contexts/audit/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChangeTable } from '../components/change-table.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { idParam } from '../id-param.ts';
import { actionLabel, humanize, resourcePath } from '../labels.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ event: AuditEventDetail }>(({ event }) => event.summary ?? actionLabel(event.action));

export async function loader({ context, params }: LoaderFunctionArgs) {
  return { event: await context.run(auditGet, { id: idParam(params) }), mayErase: context.can('audit:erase') };
}

export default function AuditEventPage() {
  const { event, mayErase } = useLoaderData<typeof loader>();
  const { summary: _, ...particulars } = event.details;
  return (
    <>
      <PageHeader
        title={event.summary ?? actionLabel(event.action)}
        crumbs={[{ href: '/audit', label: 'Audit log' }]}
        beside={<Badge status={event.outcome} />}
      />
      <div className="columns">
        <div className="stack">
          {event.changes.map((change) => (
            <ChangeTable key={change.table_name + change.row_id + change.verb} change={change} among={event.changes} />
          ))}
          {event.changes.length === 0 ? (
            <Card title="Changes" padded>
              <p className="soft">This event changed no record by itself.</p>
            </Card>
          ) : null}
          {Object.keys(particulars).length > 0 ? (
            <Card title="Particulars" padded>
              <pre className="json">{JSON.stringify(particulars, null, 2)}</pre>
            </Card>
          ) : null}
        </div>
        <aside>
          <Card title="Event" padded>
            <EventFacts event={event} />
            {mayErase && event.actor_name !== '[erased]' ? (
              <p className="event-erase">
                <Link to={`/audit/erasures?${new URLSearchParams({ actor_id: event.actor_id })}`}>
                  Erase personal data of this actor
                </Link>
              </p>
            ) : null}
          </Card>
        </aside>
      </div>
    </>
  );
}

function EventFacts({ event }: { event: AuditEventDetail }) {
  const page = resourcePath(event.resource_type, event.resource_id);
  const resource = event.resource_type ? humanize(event.resource_type) : null;
  return (
    <Facts>
      <Fact name="When">
        <Instant value={event.recorded_at} exact />
      </Fact>
      <Fact name="Who">
        <Link to={`/audit?${new URLSearchParams({ actor_id: event.actor_id })}`}>{event.actor_name}</Link>
      </Fact>
      <Fact name="As">{humanize(event.actor_type)}</Fact>
      {event.delegator ? <Fact name="On behalf of">{nameOf(event.delegator)}</Fact> : null}
      {event.impersonator ? (
        <Fact name="Done by">
          <Link to={`/support-access/${event.impersonator.impersonation_id}`}>{nameOf(event.impersonator)}</Link>
        </Fact>
      ) : null}
      <Fact name="Action">
        <code>{event.action}</code>
      </Fact>
      <Fact name="Resource">{page ? <Link to={page}>{resource}</Link> : resource}</Fact>
      <Fact name="Through">{humanize(event.door)}</Fact>
      <Fact name="Address">{event.address}</Fact>
      <Fact name="Program">{event.user_agent}</Fact>
      <Fact name="Request">
        <code>{event.request_id}</code>
      </Fact>
    </Facts>
  );
}

function nameOf(identity: Record<string, unknown>): string {
  return String(identity.name ?? identity.id);
}
