import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  accountBalance,
  accountClose,
  accountGet,
  accountReopen,
  accountUpdate,
} from '../../server/contexts/account/operations.ts';
import type { Account } from '../../server/contexts/account/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Money } from '../components/money.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { limitText, parseLimit } from '../limits.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';

export const meta = pageTitle<{ account: Account }>(({ account }) => `Edit ${account.code} ${account.name}`);

const LABELS = { name: 'Name', minimum_balance: 'Minimum', maximum_balance: 'Maximum' };

export async function loader({ context, params }: LoaderFunctionArgs) {
  const account = await context.run(accountGet, { id: idParam(params) });
  return {
    account,
    balance: await context.run(accountBalance, { id: account.id }),
    formKey: newFormKey(),
    may: {
      update: context.can('account:update'),
      close: context.can('account:close'),
      reopen: context.can('account:reopen'),
    },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const intent = form.get('intent');
  if (intent === 'close' || intent === 'reopen') {
    const operation = intent === 'close' ? accountClose : accountReopen;
    const answer = await context.submit(operation, { id }, formGuards(form));
    if ('problem' in answer) return refused(answer.problem, { intent });
    throw redirect(`/accounts/${id}?saved=1`);
  }
  const values = readFields(form, Object.keys(LABELS));
  const { currency } = await context.run(accountGet, { id });
  const limits = { minimum_balance: values.minimum_balance ?? '', maximum_balance: values.maximum_balance ?? '' };
  const change: Record<string, unknown> = { id, name: values.name };
  const errors: Record<string, string[]> = {};
  for (const [name, typed] of Object.entries(limits)) {
    const parsed = parseLimit(typed, currency, context.tenant.locale);
    if ('error' in parsed) errors[name] = [parsed.error];
    else change[name] = parsed.limit;
  }
  if (Object.keys(errors).length > 0) return refused(invalidFields(errors, context.requestId), values);
  const answer = await context.submit(accountUpdate, change, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/accounts/${id}?saved=1`);
}

export default function EditAccount() {
  const { account, balance, formKey, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const isOpen = account.status === 'open';
  return (
    <>
      <PageHeader
        title={`Edit ${account.name}`}
        crumbs={[
          { href: `/accounts?book_id=${account.book_id}`, label: 'Accounts' },
          { href: `/accounts/${account.id}`, label: account.name },
        ]}
        beside={<Badge status={account.status} />}
      />
      <div className="form-narrow stack">
        {may.update ? <Details account={account} balance={balance} formKey={formKey} state={state} /> : null}
        {(isOpen ? may.close : may.reopen) ? (
          <Card title={isOpen ? 'Not needed any more?' : 'Needed again?'}>
            <ChoiceForm
              intent={isOpen ? 'close' : 'reopen'}
              title={isOpen ? 'Close this account' : 'Reopen this account'}
              button={isOpen ? 'Close the account' : 'Reopen the account'}
              formKey={formKey}
              state={state}
              labels={LABELS}
            >
              <p>
                {isOpen
                  ? 'Nothing is posted to a closed account. What it has recorded stays. It must hold nothing, and nothing may be pending on it.'
                  : 'It takes entries again from now on.'}
              </p>
            </ChoiceForm>
          </Card>
        ) : null}
      </div>
    </>
  );
}

type DetailsProps = {
  account: Account;
  balance: { balance: number; currency: string };
  formKey: string;
  state: FormState | undefined;
};

function Details({ account, balance, formKey, state }: DetailsProps) {
  const { name, currency, minimum_balance, maximum_balance, type } = account;
  const isDebitNormal = type === 'asset' || type === 'expense';
  const own = state?.values.intent === undefined ? state : undefined;
  return (
    <Card padded>
      <PortalForm
        state={own}
        values={{
          name,
          minimum_balance: limitText(minimum_balance, currency),
          maximum_balance: limitText(maximum_balance, currency),
        }}
        formKey={formKey}
        version={account.version}
        labels={LABELS}
      >
        <TextField name="name" label="Name" maxLength={200} required />
        <div className="form-grid">
          <TextField name="minimum_balance" label="Minimum" inputMode="text" hint="Empty: none. 0: never overdrawn." />
          <TextField name="maximum_balance" label="Maximum" inputMode="text" hint="Empty: none" />
        </div>
        <p className="hint">
          Limits are in {currency}, on {isDebitNormal ? 'debits less credits' : 'credits less debits'}: now{' '}
          <Money amount={isDebitNormal ? balance.balance : -balance.balance} currency={currency} />. What is pending
          counts against both. Accounts without limits are faster to post to.
        </p>
        <div className="form-foot">
          <SubmitButton>Save changes</SubmitButton>
          <Link className="button button-plain" to={`/accounts/${account.id}`}>
            Cancel
          </Link>
        </div>
      </PortalForm>
    </Card>
  );
}
