import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { alertRuleList } from '../../server/contexts/alert/operations.ts';
import { ruleWords } from '../alert-rules.ts';
import { auditTabs } from '../audit-tabs.ts';
import { AuditTabs } from '../components/audit-tabs.tsx';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Alert rules');

export async function loader({ context }: LoaderFunctionArgs) {
  const { data } = await context.run(alertRuleList, {});
  return { rules: data, tabs: auditTabs(context) };
}

export default function AlertRules() {
  const { rules, tabs } = useLoaderData<typeof loader>();
  return (
    <>
      <DoneNotice saved="The rule is changed. It holds for what happens from now on." />
      <PageHeader title="Alert rules" lead="What counts as suspicious, and from how many times on." />
      <AuditTabs may={tabs} />
      <Card>
        <Table
          label="Alert rules"
          rows={rules}
          rowKey={(row) => row.id}
          columns={[
            {
              head: 'Rule',
              cell: (row) => (
                <>
                  <RowLink to={`/audit/rules/${row.id}`}>{row.name}</RowLink>
                  <span className="cell-note">{ruleWords(row)}</span>
                </>
              ),
            },
            {
              head: 'State',
              cell: (row) => <Badge status={row.is_enabled ? 'active' : 'off'} label={row.is_enabled ? 'On' : 'Off'} />,
            },
          ]}
        />
      </Card>
    </>
  );
}
