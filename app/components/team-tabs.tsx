import { NavLink } from '@remix-run/react';

const PLACES = [
  { href: '/team', label: 'People', of: 'people' },
  { href: '/team/roles', label: 'Roles', of: 'roles' },
  { href: '/team/review', label: 'Access review', of: 'review' },
] as const;

type Props = { may: Record<(typeof PLACES)[number]['of'], boolean> };

/** The parts of the team that one may read. */
export function TeamTabs({ may }: Props) {
  return (
    <nav className="tabs" aria-label="Team">
      {PLACES.filter(({ of }) => may[of]).map(({ href, label }) => (
        <NavLink key={href} to={href} end={href === '/team'}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
