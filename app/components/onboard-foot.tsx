import { Link, useLocation, useRouteLoaderData } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { type About, itemsOf, ONBOARD_STEPS, type OnboardPath, onboardAddress, stepAfter } from '../onboard-steps.ts';
import type { OnboardData } from '../routes/_app.onboard.tsx';

type Props = { path: OnboardPath; about: About };

/** Whether something was typed on this page that nobody has saved. */
function useTyped(): boolean {
  const { key } = useLocation();
  const [typedAt, setTypedAt] = useState<string | null>(null);
  useEffect(() => {
    const onInput = () => setTypedAt(key);
    document.addEventListener('input', onInput);
    return () => document.removeEventListener('input', onInput);
  }, [key]);
  return typedAt === key;
}

/** The way on from a step whose forms save by themselves; it does not pretend to save them. */
export function OnboardFoot({ path, about }: Props) {
  const isTyped = useTyped();
  return (
    <div className="form-foot">
      <Link
        className={isTyped ? 'button button-plain' : 'button button-primary'}
        to={onboardAddress(stepAfter(path), about)}
      >
        {isTyped ? 'Continue without saving' : 'Continue'}
      </Link>
      <LeftOpen path={path} />
    </div>
  );
}

/** Beside the button that saves a step: it can be done later. */
export function SkipStep({ path, about }: Props) {
  return (
    <>
      <Link className="button button-plain" to={onboardAddress(stepAfter(path), about)}>
        Skip for now
      </Link>
      <LeftOpen path={path} />
    </>
  );
}

/** What of a step blocks going live when it is left as it is. */
function LeftOpen({ path }: { path: OnboardPath }) {
  const data = useRouteLoaderData<OnboardData>('routes/_app.onboard');
  const step = ONBOARD_STEPS.find((each) => each.path === path);
  if (!data || !step) return null;
  const open = itemsOf(step, data.checklists).filter(({ state, is_required }) => state === 'missing' && is_required);
  if (open.length === 0) return null;
  const labels = [...new Set(open.map(({ label }) => label.toLowerCase()))].join(' and ');
  return <span className="hint">Left for later, it cannot go live: {labels}.</span>;
}
