import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, Outlet, useLoaderData, useLocation } from '@remix-run/react';
import { onboardingGet } from '../../server/contexts/onboarding/operations.ts';
import type { Onboarding } from '../../server/contexts/onboarding/schemas.ts';
import { Blocking, ItemMark } from '../components/checklist.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type About, itemsOf, ONBOARD_STEPS, onboardAddress } from '../onboard-steps.ts';
import { onboardedOf } from '../onboarding.ts';

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { org, merchant } = await onboardedOf(context, request);
  const [ofOrg, ofMerchant] = await Promise.all(
    [org, merchant].map((party) =>
      party && context.can('onboarding:read') ? context.run(onboardingGet, { id: party.id }) : null,
    ),
  );
  return {
    about: { org: org?.id ?? null, merchant: merchant?.id ?? null },
    name: merchant?.name ?? org?.name ?? null,
    checklists: { org: ofOrg ?? null, merchant: ofMerchant ?? null },
  };
}

export type OnboardData = typeof loader;

/** The frame of the wizard: the steps, what is done of each, and what blocks going live. */
export default function Onboard() {
  const { about, name, checklists } = useLoaderData<typeof loader>();
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
                {...{ about, checklists }}
              />
            ))}
          </ol>
          {[checklists.org, checklists.merchant].map((checklist) =>
            checklist?.status === 'onboarding' ? <Blocks key={checklist.id} checklist={checklist} /> : null,
          )}
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
};

function Step({ step, isCurrent, about, checklists }: StepProps) {
  const items = itemsOf(step, checklists);
  const isPast = step.path === '' ? about.org !== null : step.path === '/review' && isLive(checklists.merchant);
  const isDone = isPast || (items.length > 0 && items.every(({ state }) => state !== 'missing'));
  const isReachable =
    step.of === 'nobody' ||
    (step.of === 'org' && about.org !== null) ||
    (about.merchant !== null && about.org !== null);
  const mark = <ItemMark state={isDone ? 'done' : 'missing'} />;
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

const isLive = (checklist: Onboarding | null) => checklist !== null && checklist.status !== 'onboarding';

function Blocks({ checklist }: { checklist: Onboarding }) {
  return (
    <div className="onboard-blocks">
      <strong>{checklist.name}</strong>
      <Blocking checklist={checklist} />
    </div>
  );
}
