import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, NavLink, Outlet, useLoaderData } from '@remix-run/react';
import { merchantGet } from '../../server/contexts/merchant/operations.ts';
import { Badge } from '../components/badge.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { idParam } from '../id-param.ts';
import { MERCHANT_TABS } from '../merchant-tabs.ts';

export async function loader({ context, params }: LoaderFunctionArgs) {
  const merchant = await context.run(merchantGet, { id: idParam(params) });
  const tabs = MERCHANT_TABS.filter(({ permission }) => context.can(permission));
  return {
    merchant,
    tabs,
    mayUpdate: context.can('merchant:update'),
    mayTransfer: context.can('merchant_transfer:create'),
  };
}

/** The workspace of one merchant: what platform staff, its own people and who supports them all work in. */
export default function MerchantWorkspace() {
  const { merchant, tabs, mayUpdate, mayTransfer } = useLoaderData<typeof loader>();
  const home = `/merchants/${merchant.id}`;
  return (
    <>
      <PageHeader
        title={merchant.name}
        crumbs={[{ href: '/merchants', label: 'Merchants' }]}
        beside={<Badge status={merchant.status} />}
      >
        {mayTransfer && merchant.status !== 'closed' ? (
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
        <nav className="tabs" aria-label={merchant.name}>
          {tabs.map(({ path, label }) => (
            <NavLink key={path} to={`${home}${path}`} end={path === ''}>
              {label}
            </NavLink>
          ))}
        </nav>
      ) : null}
      <Outlet />
    </>
  );
}
