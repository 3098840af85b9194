import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantUpdate } from '../../server/contexts/merchant/operations.ts';
import { merchantOrgUpdate } from '../../server/contexts/merchant-org/operations.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Checklist } from '../components/checklist.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import {
  aboutOf,
  actOnChecklist,
  checklistOf,
  checklistRights,
  ONBOARDING_FIELDS,
  onboardedOf,
} from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Review and go live');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { org, merchant } = await onboardedOf(context, request);
  const found = [
    org && { ...org, kind: 'merchant_org' as const, may: context.can('merchant_org:update') },
    merchant && { ...merchant, kind: 'merchant' as const, may: context.can('merchant:update') },
  ].filter((party) => party !== null);
  if (found.length === 0) throw new Response(null, { status: 404 });
  const parties = await Promise.all(
    found.map(async ({ id, name, status, version, kind, may }) => ({
      ...{ id, name, status, version, kind, may },
      checklist: await checklistOf(context, { id, status }),
    })),
  );
  return { parties, merchant: merchant?.id ?? null, rights: checklistRights(context), formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, ['intent', ...ONBOARDING_FIELDS]);
  const [verb, kind, id] = (values.intent ?? '').split(':');
  const live = { id, status: 'active' };
  const answer: { problem: Parameters<typeof refused>[0] } | { data: unknown } =
    verb === 'live'
      ? await context.submit<object, unknown>(
          kind === 'merchant' ? merchantUpdate : merchantOrgUpdate,
          live,
          formGuards(form),
        )
      : await actOnChecklist(context, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`${onboardAddress('/review', aboutOf(request))}&saved=1`);
}

export default function OnboardReview() {
  const { parties, merchant, rights, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>() as FormState | undefined;
  const isLive = parties.some(({ kind, status }) => kind === 'merchant' && status === 'active');
  return (
    <>
      <DoneNotice saved={isLive ? 'It is live.' : 'It was saved.'} />
      {isLive && merchant ? <WhatNext merchant={merchant} /> : null}
      {parties.map((party) => (
        <Party key={party.id} {...{ party, rights, formKey, state }} />
      ))}
      {merchant ? null : (
        <Card title="The business" padded>
          <p>
            No business yet.{' '}
            <Link to={onboardAddress('/business', { org: parties[0]?.id ?? null, merchant: null })}>Add its first</Link>
          </p>
        </Card>
      )}
    </>
  );
}

type Reviewed = ReturnType<typeof useLoaderData<typeof loader>>['parties'][number];
type PartyProps = {
  party: Reviewed;
  rights: { accept: boolean; waive: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** Its checklist while it is not live, and the step that makes it so. */
function Party({ party, rights, formKey, state }: PartyProps) {
  const { id, name, status, kind, may, version, checklist } = party;
  const intent = `live:${kind}:${id}`;
  if (status !== 'onboarding') {
    return (
      <Card title={name} action={<Badge status={status} />} padded>
        <Link to={`/${kind === 'merchant' ? 'merchants' : 'merchant-orgs'}/${id}`}>Open {name}</Link>
      </Card>
    );
  }
  return (
    <>
      {checklist ? (
        <Checklist title={name} {...{ checklist, formKey, state }} may={{ ...rights, update: may }} />
      ) : null}
      {may ? (
        <PortalForm
          state={state?.values.intent === intent ? state : undefined}
          formKey={`${formKey}-${id}`}
          version={version}
          labels={{}}
        >
          <input type="hidden" name="intent" value={intent} />
          <div className="form-foot">
            <SubmitButton>{name} goes live</SubmitButton>
          </div>
        </PortalForm>
      ) : null}
    </>
  );
}

function WhatNext({ merchant }: { merchant: string }) {
  const home = `/merchants/${merchant}`;
  return (
    <Card title="What comes next" padded>
      <ul className="next-links">
        <li>
          <Link to={`${home}/appointments/new`}>Book the first appointment</Link>
        </li>
        <li>
          <Link to={`${home}/customers/new`}>Add a customer</Link>
        </li>
        <li>
          <Link to={home}>Open its workspace</Link>
        </li>
        <li>
          <Link to="/onboard">Onboard another business</Link>
        </li>
      </ul>
    </Card>
  );
}
