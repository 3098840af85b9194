import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { payoutBalances, payoutCreate } from '../../server/contexts/payout/operations.ts';
import type { PayoutBalance } from '../../server/contexts/payout/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { type FormValues, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { formatMoney, parseAmount } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle('New payout');

const LABELS = {
  to: 'Payee',
  amount: 'Amount',
  scheduled_for: 'Day',
  effective_date: 'Left on',
  destination: 'Destination',
  external_id: 'External id',
};

export async function loader({ context, request }: LoaderFunctionArgs) {
  const balances = await wholeList((cursor) =>
    context.run(payoutBalances, { minimum_available: 1, limit: 200, ...(cursor ? { cursor } : {}) }),
  );
  return { formKey: newFormKey(), balances, to: new URL(request.url).searchParams.get('to') ?? '' };
}

/** What the form names is checked by the operation; only the amount has to be read in its currency first. */
function inputOf(values: FormValues, locale: string): { input: object } | { errors: Record<string, string[]> } {
  const [type = '', id = '', currency = ''] = (values.to ?? '').split(':');
  if (!/^[A-Z]{3}$/.test(currency)) return { errors: { to: ['is required'] } };
  const read = parseAmount(values.amount ?? '', currency, locale);
  if ('error' in read) return { errors: { amount: [read.error] } };
  const { destination, scheduled_for, effective_date, external_id } = values;
  return {
    input: {
      party: { type, id },
      amount: { amount: Number(read.amount), currency },
      destination: destination || null,
      scheduled_for: scheduled_for || null,
      effective_date: effective_date || null,
      external_id: external_id || null,
    },
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(LABELS));
  const read = inputOf(values, context.tenant.locale);
  if ('errors' in read) return refused(invalidFields(read.errors, context.requestId), values);
  const answer = await context.submit(payoutCreate, read.input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/payouts/${answer.data.id}?created=1`);
}

export default function NewPayout() {
  const { formKey, balances, to } = useLoaderData<typeof loader>();
  const { locale } = useTenant();
  const state = useActionData<typeof action>();
  const choice = ({ party, currency, name, available }: PayoutBalance) => ({
    value: `${party.type}:${party.id}:${currency}`,
    label: `${name} — ${formatMoney(available, currency, locale)} available`,
  });
  return (
    <>
      <PageHeader
        title="New payout"
        lead="What processor clearing holds for a merchant can be sent to its bank."
        crumbs={[{ href: '/payouts', label: 'Payouts' }]}
      />
      <div className="form-narrow">
        {balances.length === 0 ? (
          <NothingWaits />
        ) : (
          <Card padded>
            <PortalForm state={state} values={{ to }} formKey={formKey} labels={LABELS}>
              <SelectField name="to" label="Payee" choices={balances.map(choice)} empty="Choose one" required />
              <div className="form-grid">
                <TextField name="amount" label="Amount" inputMode="decimal" maxLength={40} required />
                <TextField
                  name="scheduled_for"
                  label="Day"
                  type="date"
                  hint="Left empty, it is sent now. Until a later day the money is held."
                />
                <TextField
                  name="effective_date"
                  label="Left on"
                  type="date"
                  hint="Only for what has left already, on an earlier day"
                />
              </div>
              <TextField name="destination" label="Destination" maxLength={200} hint="A note, like Bank ••42" />
              <TextField
                name="external_id"
                label="External id"
                maxLength={255}
                hint="The processor's, when it has one"
              />
              <div className="form-foot">
                <SubmitButton>Pay out</SubmitButton>
                <Link className="button button-plain" to="/payouts">
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

function NothingWaits() {
  return (
    <Card>
      <Empty icon="payout" title="Nothing waits to be paid out" action={{ href: '/payouts', label: 'Back to payouts' }}>
        Payments of customers land in processor clearing; what is there can be paid out.
      </Empty>
    </Card>
  );
}
