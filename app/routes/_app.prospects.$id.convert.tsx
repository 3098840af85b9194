import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { prospectConvert, prospectGet } from '../../server/contexts/prospect/operations.ts';
import { Card } from '../components/card.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TimeZoneField } from '../components/time-zone-field.tsx';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { COMMON_CURRENCIES } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { timeZones } from '../time-zones.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle<{ prospect: { name: string } }>(({ prospect }) => `Convert ${prospect.name}`);

const LABELS = {
  merchant_org_id: 'MerchantOrg',
  merchant_org_name: 'Name of the new MerchantOrg',
  merchant_name: 'Name of the merchant',
  currency: 'Currency',
  time_zone: 'Time zone',
};

export async function loader({ context, params }: LoaderFunctionArgs) {
  const prospect = await context.run(prospectGet, { id: idParam(params) });
  const orgs = context.can('merchant_org:read')
    ? await wholeList((cursor) =>
        context.run(merchantOrgList, { limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) }),
      )
    : [];
  return {
    prospect,
    orgs: orgs.filter(({ status }) => status !== 'closed').map(({ id, name }) => ({ value: id, label: name })),
    timeZones: timeZones(),
    formKey: newFormKey(),
    values: {
      merchant_org_name: prospect.name,
      merchant_name: prospect.name,
      currency: prospect.value.currency,
      time_zone: context.tenant.time_zone,
    },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, Object.keys(LABELS));
  const answer = await context.submit(prospectConvert, { id, ...withoutEmpty(values) }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${answer.data.merchant_id}?created=1`);
}

export default function ConvertProspect() {
  const { prospect, orgs, timeZones: zones, formKey, values } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const crumbs = [
    { href: '/pipeline', label: 'Pipeline' },
    { href: `/prospects/${prospect.id}`, label: prospect.name },
  ];
  const lead =
    'It becomes a merchant with books of its own, once and for good. Its contact comes along; its history stays with the prospect, a link away.';
  return (
    <>
      <PageHeader title={`Convert ${prospect.name}`} crumbs={crumbs} lead={lead} />
      <div className="form-narrow">
        {prospect.merchant_id ? (
          <Notice tone="good">
            {prospect.name} is won already. <Link to={`/merchants/${prospect.merchant_id}`}>Open the merchant</Link>
          </Notice>
        ) : (
          <Card padded>
            <PortalForm state={state} values={values} formKey={formKey} version={prospect.version} labels={LABELS}>
              <SelectField
                name="merchant_org_id"
                label={LABELS.merchant_org_id}
                choices={orgs}
                empty="A new one"
                hint="Choose one where the business belongs to a company that is here already"
              />
              <div className="form-grid">
                <TextField
                  name="merchant_org_name"
                  label={LABELS.merchant_org_name}
                  hint="Not used when you chose one above"
                  maxLength={200}
                />
                <TextField name="merchant_name" label={LABELS.merchant_name} maxLength={200} required />
                <TextField
                  name="currency"
                  label={LABELS.currency}
                  hint="Of its book; it cannot be changed later"
                  suggestions={COMMON_CURRENCIES}
                  maxLength={3}
                  required
                />
                <TimeZoneField label={LABELS.time_zone} zones={zones} />
              </div>
              <div className="form-foot">
                <SubmitButton>Make it a merchant</SubmitButton>
                <Link className="button button-plain" to={`/prospects/${prospect.id}`}>
                  Cancel
                </Link>
              </div>
            </PortalForm>
          </Card>
        )}
      </div>
    </>
  );
}
