import { Form, Link, useRevalidator, useRouteLoaderData } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { formatTime } from '../dates.ts';
import type { RootData } from '../root.tsx';
import { Icon } from './icon.tsx';
import { useTenant } from './use-tenant.ts';

type Props = { impersonation: NonNullable<RootData['impersonation']> };

/** On every page while somebody views as another: as whom, why, since when, how long still, and the way out. */
export function ImpersonationBanner() {
  const root = useRouteLoaderData<RootData>('root');
  return root?.impersonation && !root.impersonation.isOver ? <Banner impersonation={root.impersonation} /> : null;
}

function Banner({ impersonation }: Props) {
  const { user, reason, startedAt, isSteppedUp } = impersonation;
  const { locale, time_zone } = useTenant();
  return (
    <aside className={`viewing${isSteppedUp ? ' viewing-writes' : ''}`} aria-label="You view as somebody else">
      <Icon name="eye" />
      <p className="viewing-who">
        You view as <strong title={user.email}>{user.name}</strong>
        <span className="viewing-why">{reason}</span>
      </p>
      <p className="viewing-when">
        {isSteppedUp ? 'Changes are possible' : 'Read only'} · since{' '}
        <time dateTime={startedAt} className="nowrap" suppressHydrationWarning>
          {formatTime(startedAt, locale, time_zone)}
        </time>{' '}
        · <TimeLeft impersonation={impersonation} />
      </p>
      <div className="viewing-ways">
        {isSteppedUp ? null : (
          <Link className="button" to="/support-access/step-up">
            Allow changes
          </Link>
        )}
        <Form method="post" action="/support-access/leave">
          <button type="submit" className="button">
            End
          </button>
        </Form>
      </div>
    </aside>
  );
}

/** Counts down where there is JavaScript; else it tells what was left when the page came. At the end the page is asked again. */
function TimeLeft({ impersonation }: Props) {
  const { expiresAt, secondsLeft } = impersonation;
  const [left, setLeft] = useState(secondsLeft);
  const { revalidate } = useRevalidator();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer counts anew, by the server's clock
  useEffect(() => {
    const end = performance.now() + secondsLeft * 1000;
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      setLeft(seconds);
      if (seconds > 0) return;
      clearInterval(timer);
      revalidate();
    }, 1000);
    return () => clearInterval(timer);
  }, [impersonation]);
  return (
    <span role="timer" className="nowrap" title={expiresAt}>
      {timeLeft(left)}
    </span>
  );
}

function timeLeft(seconds: number): string {
  if (seconds <= 0) return 'ending now';
  return seconds < 60 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}
