import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { merchantList } from '../../server/contexts/merchant/operations.ts';
import {
  savedSearchCreate,
  savedSearchDelete,
  savedSearchList,
  savedSearchUpdate,
} from '../../server/contexts/saved-search/operations.ts';
import { auditQuery } from '../audit-query.ts';
import { auditedResources } from '../audit-resources.ts';
import { auditTabs } from '../audit-tabs.ts';
import { AuditFilters } from '../components/audit-filters.tsx';
import { AuditFoot } from '../components/audit-foot.tsx';
import { AuditLive } from '../components/audit-live.tsx';
import { AuditTable } from '../components/audit-table.tsx';
import { AuditTabs } from '../components/audit-tabs.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { SavedSearches } from '../components/saved-searches.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { isFiltered } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Audit log');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, apiFilters, kept, input } = auditQuery(request, context.tenant.time_zone);
  const [mayFollow, page, searches, merchants] = await Promise.all([
    context.isOn('portal.audit-live'),
    context.run(auditList, input),
    context.run(savedSearchList, { list: 'audit', limit: 50 }),
    context.can('merchant:read') ? context.run(merchantList, { limit: 200, sort: 'name' }) : { data: [] },
  ]);
  return {
    values,
    apiFilters,
    page,
    searches: searches.data,
    merchants: merchants.data.map(({ id, name }) => ({ value: id, label: name })),
    mayKeep: Object.keys(kept).length > 0,
    mayFollow,
    isLive: mayFollow && new URL(request.url).searchParams.has('live'),
    formKey: newFormKey(),
    tabs: auditTabs(context),
    resources: auditedResources(),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { intent = '', id = '', name = '' } = readFields(form, ['intent', 'id', 'name']);
  const { kept } = auditQuery(request, context.tenant.time_zone);
  const guards = formGuards(form);
  const answers = {
    save: () => context.submit(savedSearchCreate, { name, filters: kept }, guards),
    rename: () => context.submit(savedSearchUpdate, { id, name }, guards),
    delete: () => context.submit(savedSearchDelete, { id }, guards),
  };
  if (!Object.hasOwn(answers, intent)) throw new Response(null, { status: 400 });
  const answer = await answers[intent as keyof typeof answers]();
  if ('problem' in answer) return refused(answer.problem, { intent: 'save', name });
  throw redirect(`/audit${new URL(request.url).search.replace(/[?&]index\b/, '')}`);
}

export default function AuditLog() {
  const { values, apiFilters, page, searches, merchants, mayKeep, mayFollow, isLive, formKey, tabs, resources } =
    useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Audit log" lead="Who did what, when and to what. Nothing here can be changed.">
        {mayFollow ? <AuditLive values={values} isLive={isLive} /> : null}
      </PageHeader>
      <AuditTabs may={tabs} />
      <AuditFilters values={values} merchants={merchants} resources={resources} />
      <div className="stack">
        <Card>
          {page.data.length > 0 ? <AuditTable rows={page.data} /> : <None values={values} />}
          <AuditFoot shown={page.data.length} nextCursor={page.next_cursor} filters={apiFilters} />
        </Card>
        <SavedSearches
          searches={searches}
          isFiltered={mayKeep}
          formKey={formKey}
          state={useActionData<typeof action>()}
        />
      </div>
    </>
  );
}

function None({ values }: { values: Record<string, string> }) {
  if (isFiltered(values)) return <EmptyResult href="/audit" />;
  return (
    <Empty icon="history" title="Nothing has happened yet">
      Every change, sign-in and refusal will be kept here, with who did it.
    </Empty>
  );
}
