import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { alertRuleGet, alertRuleUpdate } from '../../server/contexts/alert/operations.ts';
import type { AlertRule } from '../../server/contexts/alert/schemas.ts';
import { RULE_LABELS, readRule, ruleValues, ruleWords } from '../alert-rules.ts';
import { Card } from '../components/card.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ rule: AlertRule }>(({ rule }) => rule.name);

const STATES = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
];

export async function loader({ context, params }: LoaderFunctionArgs) {
  const rule = await context.run(alertRuleGet, { id: idParam(params) });
  return { rule, values: ruleValues(rule), mayChange: context.can('alert:configure'), formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, Object.keys(RULE_LABELS));
  const answer = await context.submit(alertRuleUpdate, { id, ...readRule(values) }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect('/audit/rules?saved=1');
}

export default function AlertRulePage() {
  const { rule, values, mayChange, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title={rule.name}
        lead={ruleWords(rule)}
        crumbs={[
          { href: '/audit', label: 'Audit log' },
          { href: '/audit/rules', label: 'Alert rules' },
        ]}
      />
      {mayChange ? (
        <Card padded>
          <PortalForm state={state} values={values} formKey={formKey} labels={RULE_LABELS} version={rule.version}>
            <TextField name="name" label="Name" maxLength={100} required />
            <SelectField name="is_enabled" label="State" choices={STATES} required />
            <Parameters rule={rule} />
            <NumberField name="threshold" hint="An alert is raised from so many on" />
            <NumberField name="window_minutes" hint="Counted anew after each such span" />
            <div className="form-foot">
              <SubmitButton>Save</SubmitButton>
              <Link className="button button-plain" to="/audit/rules">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      ) : null}
    </>
  );
}

function NumberField({ name, hint }: { name: keyof typeof RULE_LABELS; hint: string }) {
  return <TextField name={name} label={RULE_LABELS[name]} hint={hint} inputMode="numeric" maxLength={5} required />;
}

function Parameters({ rule }: { rule: AlertRule }) {
  if (rule.kind === 'odd_hours') {
    return (
      <>
        <NumberField name="from_hour" hint="0 to 23, in the tenant's time zone" />
        <NumberField name="to_hour" hint="May lie past midnight" />
      </>
    );
  }
  if (rule.kind === 'address_change') {
    return <NumberField name="within_minutes" hint="Nobody travels faster than this" />;
  }
  if (rule.kind === 'first_money') {
    return <TextField name="actions" label="Actions" hint="payout.create, or payout.% for all of them" required />;
  }
  return null;
}
