import { useActionData, useLocation } from '@remix-run/react';
import { type ReactNode, useEffect } from 'react';
import { Icon } from './icon.tsx';

/** A word about what just happened. */
export function Notice({ tone, children }: { tone: 'good' | 'warn' | 'bad'; children: ReactNode }) {
  return (
    <div className={`notice notice-${tone}`} role="status">
      <Icon name={tone === 'good' ? 'check' : 'alert'} />
      <div>{children}</div>
    </div>
  );
}

/**
 * Says that the page that led here did its work: `?created=1`, `?saved=1`. Said once: a reload is silent, and so is the page
 * when it answers something newer.
 */
export function DoneNotice({ created, saved }: { created?: string; saved?: string }) {
  const { search: query } = useLocation();
  const search = new URLSearchParams(query);
  useForgottenParameters();
  if (useActionData() !== undefined) return null;
  if (created && search.has('created')) return <Notice tone="good">{created}</Notice>;
  if (saved && search.has('saved')) return <Notice tone="good">{saved}</Notice>;
  return null;
}

/** Takes the parameters out of the address bar alone; to the router they stay, so that the notice does too. */
function useForgottenParameters() {
  const { key } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: saving twice leads to the same address twice
  useEffect(() => {
    const address = new URL(window.location.href);
    const had = ['created', 'saved'].filter((name) => address.searchParams.has(name));
    if (had.length === 0) return;
    for (const name of had) address.searchParams.delete(name);
    window.history.replaceState(window.history.state, '', address);
  }, [key]);
}
