import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

export type Crumb = { href: string; label: string };
type Props = { title: string; crumbs?: Crumb[]; beside?: ReactNode; lead?: ReactNode; children?: ReactNode };

/** The one h1 of a page, the way back up, and what can be done here (`children`). */
export function PageHeader({ title, crumbs = [], beside, lead, children }: Props) {
  return (
    <header className="page-header">
      <div className="page-heading">
        {crumbs.length > 0 ? <Breadcrumbs crumbs={crumbs} title={title} /> : null}
        <div className="page-title">
          <h1>{title}</h1>
          {beside}
        </div>
        {lead ? <p className="page-lead">{lead}</p> : null}
      </div>
      {children ? <div className="page-actions">{children}</div> : null}
    </header>
  );
}

function Breadcrumbs({ crumbs, title }: { crumbs: Crumb[]; title: string }) {
  return (
    <nav className="breadcrumbs" aria-label="Breadcrumb">
      <ol>
        {crumbs.map((crumb) => (
          <li key={crumb.href}>
            <Link to={crumb.href}>{crumb.label}</Link>
            <Icon name="chevron" size={10} />
          </li>
        ))}
        <li aria-current="page">{title}</li>
      </ol>
    </nav>
  );
}
