import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, Outlet, useLoaderData, useLocation } from '@remix-run/react';
import type { Onboarding } from '../../server/contexts/onboarding/schemas.ts';
import { Blocking, ItemMark } from '../components/checklist.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type About, itemsOf, ONBOARD_STEPS, onboardAddress } from '../onboard-steps.ts';
import { checklistOf, onboardedOf } from '../onboarding.ts';

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { org, merchant } = await onboardedOf(context, request);
  const [ofOrg, ofMerchant] = await Promise.all([
    org ? checklistOf(context, org) : null,
    merchant ? checklistOf(context, merchant) : null,
  ]);
  return {
    about: { org: org?.id ?? null, merchant: merchant?.id ?? null },
    name: merchant?.name ?? org?.name ?? null,
    checklists: { org: ofOrg, merchant: ofMerchant },
    isOrgLive: org !== null && org.status !== 'onboarding',
  };
}

export type OnboardData = typeof loader;

/** The frame of the wizard: the steps, what is done of each, and what blocks going live. */
export default function Onboard() {
  const { about, name, checklists, isOrgLive } = useLoaderData<typeof loader>();
  const { pathname } = useLocation();
  return (
    <>
      <PageHeader
        title={name ? `Onboard ${name}` : 'Onboard a business'}
        crumbs={[{ href: '/onboarding', label: 'Onboarding' }]}
      />
      <div className="onboard">
        <nav aria-label="Steps" className="onboard-steps">
          <ol>
            {ONBOARD_STEPS.map((step) => (
              <Step
                key={step.path}
                step={step}
                isCurrent={pathname === `/onboard${step.path}`}
                {...{ about, checklists, isOrgLive }}
              />
            ))}
          </ol>
          {checklists.org ? <Blocks title={checklists.org.name} checklist={checklists.org} /> : null}
          {checklists.merchant ? <Blocks title={checklists.merchant.name} checklist={checklists.merchant} /> : null}
        </nav>
        <div className="stack">
          <Outlet />
        </div>
      </div>
    </>
  );
}

type StepProps = {
  step: (typeof ONBOARD_STEPS)[number];
  isCurrent: boolean;
  about: About;
  checklists: { org: Onboarding | null; merchant: Onboarding | null };
  isOrgLive: boolean;
};

function Step({ step, isCurrent, about, checklists, isOrgLive }: StepProps) {
  const items = itemsOf(step, checklists);
  const isChosen = step.path === '' && about.org !== null;
  const isDone = isChosen || (items.length > 0 && items.every(({ state }) => state !== 'missing'));
  // A MerchantOrg that is live has done its part.
  const isPast = isOrgLive && 'org' in step && !('merchant' in step);
  const isReachable =
    step.of === 'nobody' ||
    (step.of === 'org' && about.org !== null) ||
    (about.merchant !== null && about.org !== null);
  const mark = <ItemMark state={isDone || isPast ? 'done' : 'missing'} />;
  return (
    <li>
      {isReachable ? (
        <Link to={onboardAddress(step.path, about)} aria-current={isCurrent ? 'step' : undefined}>
          {mark}
          {step.label}
        </Link>
      ) : (
        <span className="faint">
          {mark}
          {step.label}
        </span>
      )}
    </li>
  );
}

function Blocks({ title, checklist }: { title: string; checklist: Onboarding }) {
  return (
    <div className="onboard-blocks">
      <strong>{title}</strong>
      <Blocking checklist={checklist} />
    </div>
  );
}
