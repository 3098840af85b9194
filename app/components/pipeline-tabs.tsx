import { NavLink } from '@remix-run/react';

const PLACES = [
  { href: '/pipeline', label: 'Board' },
  { href: '/prospects', label: 'List' },
  { href: '/pipeline/tasks', label: 'Tasks' },
  { href: '/pipeline/forecast', label: 'Forecast' },
];

/** The ways to look at the pipeline. */
export function PipelineTabs() {
  return (
    <nav className="tabs" aria-label="Pipeline">
      {PLACES.map(({ href, label }) => (
        <NavLink key={href} to={href} end>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
