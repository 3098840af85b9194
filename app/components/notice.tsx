import { useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
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

/** Says that the page that led here did its work: `?created=1`, `?saved=1`. */
export function DoneNotice({ created, saved }: { created?: string; saved?: string }) {
  const [search] = useSearchParams();
  if (created && search.has('created')) return <Notice tone="good">{created}</Notice>;
  if (saved && search.has('saved')) return <Notice tone="good">{saved}</Notice>;
  return null;
}
