import { Form, Link, useRevalidator } from '@remix-run/react';
import { useEffect, useState } from 'react';
import type { RootData } from '../root.tsx';
import { Icon } from './icon.tsx';
import { Instant } from './time.tsx';

type Props = { impersonation: NonNullable<RootData['impersonation']> };

/** On every page while somebody views as another: as whom, why, since when, how long still, and the way out. */
export function ImpersonationBanner({ impersonation }: Props) {
  const { user, reason, startedAt, isSteppedUp } = impersonation;
  return (
    <aside className={`viewing${isSteppedUp ? ' viewing-writes' : ''}`} aria-label="You view as somebody else">
      <Icon name="eye" />
      <p className="viewing-who">
        You view as <strong title={user.email}>{user.name}</strong>
        <span className="viewing-why">{reason}</span>
      </p>
      <p className="viewing-when">
        {isSteppedUp ? 'Changes are possible' : 'Read only'} · since <Instant value={startedAt} /> ·{' '}
        <TimeLeft impersonation={impersonation} />
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
function TimeLeft({ impersonation: { expiresAt, secondsLeft } }: Props) {
  const [left, setLeft] = useState(secondsLeft);
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1000));
      setLeft(seconds);
      if (seconds > 0) return;
      clearInterval(timer);
      revalidate();
    }, 1000);
    return () => clearInterval(timer);
  }, [expiresAt, revalidate]);
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
