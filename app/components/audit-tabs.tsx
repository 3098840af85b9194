import { NavLink } from '@remix-run/react';

const PLACES = [
  { href: '/audit', label: 'Events', permission: 'audit' },
  { href: '/audit/alerts', label: 'Alerts', permission: 'alert' },
  { href: '/audit/rules', label: 'Rules', permission: 'alert' },
  { href: '/audit/erasures', label: 'Erasures', permission: 'audit' },
] as const;

/** The parts of the audit log that one may read. */
export function AuditTabs({ may }: { may: { audit: boolean; alert: boolean } }) {
  return (
    <nav className="tabs" aria-label="Audit log">
      {PLACES.filter(({ permission }) => may[permission]).map(({ href, label }) => (
        <NavLink key={href} to={href} end={href === '/audit'}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
