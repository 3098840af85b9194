import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantFlagList, merchantFlagSet } from '../../server/contexts/feature-flag/operations.ts';
import type { MerchantFlag } from '../../server/contexts/feature-flag/schemas.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { ErrorSummary } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { Table } from '../components/table.tsx';
import { valueText } from '../flag-form.ts';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Flags');

export async function loader({ context, params }: LoaderFunctionArgs) {
  const id = idParam(params);
  const { data } = await context.run(merchantFlagList, { id });
  return {
    flags: data,
    formKey: newFormKey(),
    maySet: context.can('merchant_flag:set'),
    mayRead: context.can('feature_flag:read', WHOLE_TENANT),
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { key = '', variant = '' } = readFields(form, ['key', 'variant']);
  const answer = await context.submit(merchantFlagSet, { id, key, variant: variant || null }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, {});
  throw redirect(`/merchants/${id}/flags?saved=1`);
}

const ORIGINS: Record<MerchantFlag['decided_by'], string> = {
  switch: 'The flag is switched off',
  merchant: 'Of its own',
  rule: 'By a rule',
  rollout: 'As everybody',
};

export default function MerchantFlags() {
  const { flags, formKey, maySet, mayRead } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const own = { head: 'Of its own', cell: (row: MerchantFlag) => <OwnVariant flag={row} formKey={formKey} /> };
  return (
    <>
      {state?.problem ? (
        <ErrorSummary problem={state.problem} labels={{}} />
      ) : (
        <DoneNotice saved="The flag is changed." />
      )}
      <Card title="Flags">
        {flags.length === 0 ? (
          <Empty icon="flag" title="No flags in use">
            Flags of the tenant show here with what this merchant gets.
          </Empty>
        ) : (
          <Table
            label="Flags"
            rows={flags}
            rowKey={(row) => row.key}
            columns={[
              {
                head: 'Flag',
                cell: (row) => (
                  <>
                    {mayRead ? <Link to={`/flags?q=${encodeURIComponent(row.key)}`}>{row.name}</Link> : row.name}
                    <span className="cell-note">{row.key}</span>
                  </>
                ),
              },
              { head: 'Gets', cell: (row) => row.variant },
              { head: 'Value', from: 'wide', cell: (row) => <code>{valueText(row.value)}</code> },
              { head: 'Because', from: 'medium', cell: (row) => ORIGINS[row.decided_by] },
              ...(maySet ? [own] : []),
            ]}
          />
        )}
      </Card>
    </>
  );
}

function OwnVariant({ flag, formKey }: { flag: MerchantFlag; formKey: string }) {
  return (
    <Form method="post" className="flag-own" key={formKey} preventScrollReset>
      <input type="hidden" name="idempotency_key" value={`${formKey}-${flag.key}`} />
      <input type="hidden" name="key" value={flag.key} />
      <select name="variant" className="control" aria-label={`Variant of ${flag.name}`} defaultValue={flag.own ?? ''}>
        <option value="">As the rules say</option>
        {flag.variants.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <button type="submit" className="button">
        Set
      </button>
    </Form>
  );
}
