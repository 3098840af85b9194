import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, NavLink, Outlet, useLoaderData, useLocation } from '@remix-run/react';
import { merchantGet } from '../../server/contexts/merchant/operations.ts';
import { Badge } from '../components/badge.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { idParam } from '../id-param.ts';
import { entriesOf, MERCHANT_ACTIONS, MERCHANT_TABS } from '../merchant-tabs.ts';
import { onlyPlace } from '../portal.ts';
import { nextOf } from '../safe-next.ts';

export async function loader({ context, params }: LoaderFunctionArgs) {
  const merchant = await context.run(merchantGet, { id: idParam(params) });
  const at = { merchant_org_id: merchant.merchant_org_id, merchant_id: merchant.id };
  const may = (permission: string) => context.can(permission, at);
  return {
    merchant,
    tabs: entriesOf(MERCHANT_TABS, merchant.id, may),
    actions: entriesOf(MERCHANT_ACTIONS, merchant.id, may),
    // Then its parts are the portal's own entries, and there is no list that it stands in.
    isPortal: onlyPlace(context)?.merchant !== undefined,
    mayUpdate: may('merchant:update'),
    mayTransfer: may('merchant_transfer:create'),
  };
}

/** The workspace of one merchant: what platform staff, its own people and who supports them all work in. */
export default function MerchantWorkspace() {
  const { merchant, tabs, isPortal, mayUpdate, mayTransfer } = useLoaderData<typeof loader>();
  const home = `/merchants/${merchant.id}`;
  const next = nextOf(useLocation().search);
  return (
    <>
      <PageHeader
        title={merchant.name}
        crumbs={isPortal ? [] : [{ href: '/merchants', label: 'Merchants' }]}
        beside={<Badge status={merchant.status} />}
      >
        {next ? (
          <Link className="button" to={next}>
            Go back
          </Link>
        ) : null}
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
