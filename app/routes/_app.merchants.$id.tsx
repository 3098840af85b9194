import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, NavLink, Outlet, useLoaderData, useLocation, useMatches } from '@remix-run/react';
import { merchantGet } from '../../server/contexts/merchant/operations.ts';
import type { Merchant } from '../../server/contexts/merchant/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Icon } from '../components/icon.tsx';
import { type Crumb, PageHeader } from '../components/page-header.tsx';
import { aboveMerchant, headingOf } from '../headed.ts';
import { idParam } from '../id-param.ts';
import { entriesOf, MERCHANT_ACTIONS, MERCHANT_TABS } from '../merchant-tabs.ts';
import { readableOrg } from '../party-data.ts';
import { onlyPlace } from '../portal.ts';
import { nextOf } from '../safe-next.ts';

export async function loader({ context, params }: LoaderFunctionArgs) {
  const merchant = await context.run(merchantGet, { id: idParam(params) });
  const at = { merchant_org_id: merchant.merchant_org_id, merchant_id: merchant.id };
  const may = (permission: string) => context.can(permission, at);
  return {
    merchant,
    org: context.can('merchant_org:read') ? await readableOrg(context, merchant.merchant_org_id) : null,
    tabs: entriesOf(MERCHANT_TABS, merchant.id, may),
    actions: entriesOf(MERCHANT_ACTIONS, merchant.id, may),
    // Then its parts are the portal's own entries, and there is no list that it stands in.
    isPortal: onlyPlace(context)?.merchant !== undefined,
    mayUpdate: may('merchant:update'),
    mayTransfer: may('merchant_transfer:create'),
  };
}

/** What the page shows is called, and the way up from it: the list that it stands in, the merchant and its MerchantOrg. */
function useHeading(): { title: string; crumbs: Crumb[]; isHome: boolean } {
  const { merchant, org, isPortal } = useLoaderData<typeof loader>();
  const { pathname } = useLocation();
  const heading = headingOf(useMatches());
  const home = `/merchants/${merchant.id}`;
  const above = isPortal && !org ? [] : [aboveMerchant(org)];
  const part = MERCHANT_TABS.find(({ path }) => path !== '' && pathname.startsWith(home + path));
  if (!part) return { title: merchant.name, crumbs: above, isHome: true };
  const crumbs = [...above, { href: home, label: merchant.name }];
  if (!heading) return { title: part.label, crumbs, isHome: false };
  return { title: heading, crumbs: [...crumbs, { href: home + part.path, label: part.label }], isHome: false };
}

/** The workspace of one merchant: what platform staff, its own people and who supports them all work in. */
export default function MerchantWorkspace() {
  const { merchant, tabs, mayUpdate, mayTransfer, isPortal } = useLoaderData<typeof loader>();
  const next = nextOf(useLocation().search);
  const { title, crumbs, isHome } = useHeading();
  return (
    <>
      <PageHeader title={title} crumbs={crumbs} beside={isHome ? <Badge status={merchant.status} /> : null}>
        {next ? (
          <Link className="button" to={next}>
            Go back
          </Link>
        ) : null}
        {isHome ? <Actions merchant={merchant} mayUpdate={mayUpdate} mayTransfer={mayTransfer} /> : null}
      </PageHeader>
      {tabs.length > 1 ? (
        <nav className={isPortal ? 'tabs tabs-of-portal' : 'tabs'} aria-label={merchant.name}>
          {tabs.map(({ href, label, isExact }) => (
            <NavLink key={href} to={href} end={isExact ?? false}>
              {label}
            </NavLink>
          ))}
        </nav>
      ) : null}
      <Outlet />
    </>
  );
}

type ActionsProps = { merchant: Merchant; mayUpdate: boolean; mayTransfer: boolean };

/** What can be done with the merchant itself. */
function Actions({ merchant, mayUpdate, mayTransfer }: ActionsProps) {
  const home = `/merchants/${merchant.id}`;
  return (
    <>
      {mayTransfer && merchant.status !== 'closed' && !merchant.archived_at ? (
        <Link className="button" to={`${home}/transfer`}>
          <Icon name="arrows" size={14} />
          Transfer
        </Link>
      ) : null}
      {mayUpdate ? (
        <Link className="button" to={`${home}/edit`}>
          <Icon name="pencil" size={14} />
          Edit
        </Link>
      ) : null}
    </>
  );
}
