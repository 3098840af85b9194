import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { onboardingGet } from '../../server/contexts/onboarding/operations.ts';
import { Card } from '../components/card.tsx';
import { AcceptanceNote, AcceptTerms, ItemMark } from '../components/checklist.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { OnboardFoot } from '../components/onboard-foot.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { aboutOf, actOnChecklist, ONBOARDING_FIELDS, onboardedOf } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Terms');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { org, merchant } = await onboardedOf(context, request);
  const parties = [org, merchant].filter((party) => party !== null);
  if (parties.length === 0) throw new Response(null, { status: 404 });
  const checklists = await Promise.all(parties.map(({ id }) => context.run(onboardingGet, { id })));
  return {
    checklists,
    mayAccept: context.can('onboarding:accept_terms'),
    about: aboutOf(request),
    formKey: newFormKey(),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, ['intent', ...ONBOARDING_FIELDS]);
  const answer = await actOnChecklist(context, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`${onboardAddress('/terms', aboutOf(request))}&saved=1`);
}

export default function OnboardTerms() {
  const { checklists, mayAccept, about, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The acceptance was recorded." />
      <Card title="Terms">
        <ul className="checklist">
          {checklists.map((checklist) => {
            const item = checklist.items.find(({ item }) => item === 'terms');
            const isMissing = item?.state === 'missing';
            return (
              <li key={checklist.id}>
                <div className="checklist-item">
                  <ItemMark state={item?.state ?? 'missing'} />
                  <div>
                    <strong>{checklist.name}</strong>
                    <span className="cell-note">
                      {isMissing ? `Version ${checklist.terms.version} is not accepted yet.` : ''}
                    </span>
                    <AcceptanceNote terms={checklist.terms} />
                  </div>
                </div>
                {isMissing && mayAccept ? <AcceptTerms {...{ checklist, formKey, state }} /> : null}
              </li>
            );
          })}
        </ul>
      </Card>
      <OnboardFoot path="/terms" about={about} />
    </>
  );
}
