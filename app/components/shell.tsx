import { Form, Link, NavLink, useLocation } from '@remix-run/react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { NavigationGroup } from '../navigation.ts';
import type { RootData } from '../root.tsx';
import { Icon } from './icon.tsx';
import { ImpersonationBanner } from './impersonation-banner.tsx';
import { Jump } from './jump.tsx';
import { QuotaNotice } from './quota-notice.tsx';

/** The frame of every page: where one is, where one can go, who one is. */
export function Shell({ root, children }: { root: RootData; children: ReactNode }) {
  const { pathname } = useLocation();
  const content = useFocusOnNewPage(pathname);
  return (
    <>
      <a href="#content" className="skip-link">
        Skip to content
      </a>
      <ImpersonationBanner />
      <div className="shell">
        <header className="sidebar">
          <Brand name={root.tenant.name} logo={root.tenant.logo_url} />
          <Jump portal={root} />
          <Navigation groups={root.navigation} />
          <AccountMenu root={root} />
        </header>
        <header className="topbar">
          {/* The key closes the menu once it has led somewhere. */}
          <details key={pathname}>
            <summary>
              <Mark name={root.tenant.name} logo={root.tenant.logo_url} />
              <strong className="brand-name">{root.tenant.name}</strong>
              <span className="topbar-toggle">
                <Icon name="menu" />
                Menu
              </span>
            </summary>
            <div className="topbar-panel">
              <Link to="/search" className="jump">
                <Icon name="search" />
                Search
              </Link>
              <Navigation groups={root.navigation} />
              <AccountMenu root={root} />
            </div>
          </details>
        </header>
        <main className="content" id="content" tabIndex={-1} ref={content}>
          <QuotaNotice quotas={root.exceededQuotas} />
          {children}
        </main>
      </div>
    </>
  );
}

/** After a step to another page the focus is in it, as it would be after loading it. */
function useFocusOnNewPage(pathname: string) {
  const content = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    content.current?.focus({ preventScroll: true });
  }, [pathname]);
  return content;
}

type BrandProps = { name: string; logo: string | null };

export function Brand({ name, logo }: BrandProps) {
  return (
    <Link to="/" className="brand">
      <Mark name={name} logo={logo} />
      <span className="brand-name">{name}</span>
    </Link>
  );
}

/** The logo, which the name stands beside; without one the first letter of the name. */
export function Mark({ name, logo }: BrandProps) {
  return logo ? <img className="brand-logo" src={logo} alt="" /> : <Monogram name={name} />;
}

function Monogram({ name, round = false }: { name: string; round?: boolean }) {
  const [letter = '·'] = name.trim().toUpperCase();
  return (
    <span className={`monogram${round ? ' monogram-round' : ''}`} aria-hidden="true">
      {letter}
    </span>
  );
}

function Navigation({ groups }: { groups: NavigationGroup[] }) {
  return (
    <nav aria-label="Main">
      {groups.map((group) => (
        <div className="nav-group" key={group.label}>
          <span className="nav-heading">{group.label}</span>
          <ul>
            {group.items.map((item) => (
              <li key={item.href}>
                <NavLink to={item.href} end={item.isExact ?? false} className="nav-link" prefetch="intent">
                  <Icon name={item.icon} />
                  {item.label}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function AccountMenu({ root }: { root: RootData }) {
  const name = root.actor?.name ?? 'Signed out';
  return (
    <div className="account-menu">
      <Monogram name={name} round />
      <Link to="/account" className="account-menu-who" title="Your account">
        <span>{name}</span>
        <span className="faint">{root.actor?.email}</span>
      </Link>
      <Form method="post" action="/sign-out">
        <button type="submit" className="icon-button" aria-label="Sign out" title="Sign out">
          <Icon name="exit" />
        </button>
      </Form>
    </div>
  );
}
