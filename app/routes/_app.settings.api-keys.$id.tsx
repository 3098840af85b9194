import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { data, redirect } from '@remix-run/server-runtime';
import { apiKeyGet, apiKeyRevoke, apiKeyRotate } from '../../server/contexts/api-key/operations.ts';
import type { ApiKey } from '../../server/contexts/api-key/schemas.ts';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { reachChoices } from '../api-key-data.ts';
import { reachOf, readEnd } from '../api-key-form.ts';
import { ApiKeyActions } from '../components/api-key-actions.tsx';
import { ApiKeyFacts } from '../components/api-key-facts.tsx';
import { ApiKeyState } from '../components/api-key-state.tsx';
import { AuditFeed } from '../components/audit-feed.tsx';
import { NewSecret } from '../components/new-secret.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ apiKey: ApiKey }>(({ apiKey }) => apiKey.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const id = idParam(params);
  const mayAudit = context.can('audit:read', WHOLE_TENANT);
  const [apiKey, places, events] = await Promise.all([
    context.run(apiKeyGet, { id }),
    reachChoices(context),
    mayAudit ? context.run(auditList, { resource_type: 'api_key', resource_id: id, limit: 10 }) : null,
  ]);
  return {
    apiKey,
    place: reachOf(apiKey, places),
    events: events?.data ?? null,
    may: { rotate: context.can('api_key:rotate'), revoke: context.can('api_key:revoke') },
    mayAudit,
    now: new Date().toISOString(),
    formKey: newFormKey(),
  };
}

/** `secret` is shown this one time. */
type Shown = FormState & { secret?: string };

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, ['intent', 'overlap_hours', 'ends', 'expires_at']);
  if (values.intent === 'revoke') {
    const answer = await context.submit(apiKeyRevoke, { id }, formGuards(form));
    if ('problem' in answer) return refused<Shown>(answer.problem, values);
    throw redirect('/settings/api-keys?saved=1');
  }
  const input = { id, overlap_hours: Number(values.overlap_hours), ...readEnd(values, context.tenant.time_zone) };
  const answer = await context.submit(apiKeyRotate, input, formGuards(form));
  if ('problem' in answer) return refused<Shown>(answer.problem, values);
  const state: Shown = { problem: null, values: {}, key: newFormKey(), secret: answer.data.key };
  return data(state);
}

export default function ApiKeyPage() {
  const { apiKey, place, events, may, mayAudit, now, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const href = `/settings/api-keys/${apiKey.id}`;
  return (
    <>
      <PageHeader
        title={apiKey.name}
        crumbs={[{ href: '/settings/api-keys', label: 'API keys' }]}
        beside={<ApiKeyState apiKey={apiKey} now={now} />}
      />
      <div className="stack">
        {state?.secret ? (
          <NewSecret title="The new secret" name={apiKey.name} secret={state.secret} href={href} />
        ) : null}
        <ApiKeyFacts apiKey={apiKey} place={place} mayAudit={mayAudit} />
        {state?.secret ? null : <ApiKeyActions apiKey={apiKey} may={may} formKey={formKey} state={state} />}
        {events ? (
          <AuditFeed title="History" events={events} more={`/audit?resource_type=api_key&resource_id=${apiKey.id}`} />
        ) : null}
      </div>
    </>
  );
}
