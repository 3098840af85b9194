import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

type Props = { icon: IconName; title: string; children: ReactNode; action?: { href: string; label: string } };

/** Nothing here yet: why, and what to do next. */
export function Empty({ icon, title, children, action }: Props) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={20} />
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
      {action ? (
        <Link className="button" to={action.href}>
          {action.label}
        </Link>
      ) : null}
    </div>
  );
}

/** Nothing matches the filters. */
export function EmptyResult({ href }: { href: string }) {
  return (
    <Empty icon="search" title="Nothing matches these filters" action={{ href, label: 'Clear the filters' }}>
      Try fewer words or a wider period.
    </Empty>
  );
}
