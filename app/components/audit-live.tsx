import { Link, useRevalidator } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { withParameters } from '../list-query.ts';
import { Icon } from './icon.tsx';

const EVERY_MS = 3000;

/** Follows the newest events: reads the page again every few seconds while it is seen; without JavaScript, by a link. */
export function AuditLive({ values, isLive }: { values: Record<string, string>; isLive: boolean }) {
  const isFollowing = useFollowing(isLive);
  if (!isLive) {
    return (
      <Link className="button" to={withParameters(values, { live: '1', cursor: null, sort: null })}>
        <Icon name="history" size={14} />
        Follow live
      </Link>
    );
  }
  return (
    <>
      <span className="live-note" role="status">
        {isFollowing ? 'Following: new events appear by themselves.' : 'Following.'}
      </span>
      <Link className="button" to={withParameters(values, { live: '1' })} reloadDocument>
        Refresh
      </Link>
      <Link className="button button-plain" to={withParameters(values, { live: null })}>
        Stop
      </Link>
    </>
  );
}

function useFollowing(isLive: boolean): boolean {
  const { revalidate } = useRevalidator();
  const [isFollowing, setFollowing] = useState(false);
  useEffect(() => {
    setFollowing(isLive);
    if (!isLive) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') revalidate();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [isLive, revalidate]);
  return isFollowing;
}
