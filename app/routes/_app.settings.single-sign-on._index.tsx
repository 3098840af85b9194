import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { ssoConnectionList } from '../../server/contexts/sso-connection/operations.ts';
import type { SsoConnection } from '../../server/contexts/sso-connection/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { pageTitle } from '../page-title.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle('Single sign-on');

export async function loader({ context }: LoaderFunctionArgs) {
  const connections = await wholeList((cursor) =>
    context.run(ssoConnectionList, { limit: 200, ...(cursor ? { cursor } : {}) }),
  );
  return { connections, mayCreate: context.can('sso_connection:create') };
}

const NEW = '/settings/single-sign-on/new';

export default function SingleSignOn() {
  const { connections, mayCreate } = useLoaderData<typeof loader>();
  const isEmpty = connections.length === 0;
  return (
    <>
      <DoneNotice saved="The connection is deleted." />
      <PageHeader
        title="Single sign-on"
        lead="Identity providers through which your staff sign in, by OpenID Connect."
        crumbs={[{ href: '/settings', label: 'Settings' }]}
      >
        {mayCreate && !isEmpty ? (
          <Link className="button button-primary" to={NEW}>
            New connection
          </Link>
        ) : null}
      </PageHeader>
      <Card>
        {isEmpty ? (
          <Empty
            icon="lock"
            title="Everybody signs in with a password"
            {...(mayCreate ? { action: { href: NEW, label: 'New connection' } } : {})}
          >
            Connect the identity provider of your organisation, such as Entra ID, Okta, Google or Keycloak: accounts and
            roles then follow what it says.
          </Empty>
        ) : (
          <Connections connections={connections} />
        )}
      </Card>
    </>
  );
}

function Connections({ connections }: { connections: SsoConnection[] }) {
  return (
    <Table
      label="Connections"
      rows={connections}
      rowKey={(row) => row.id}
      columns={[
        {
          head: 'Provider',
          cell: (row) => (
            <>
              <RowLink to={`/settings/single-sign-on/${row.id}`}>{row.name}</RowLink>
              <span className="cell-note">{row.issuer}</span>
            </>
          ),
        },
        { head: 'Domains', from: 'medium', cell: (row) => row.email_domains.join(', ') },
        {
          head: 'Somebody new',
          from: 'wide',
          cell: (row) => (row.creates_users ? 'Gets an account' : 'Has to be invited'),
        },
        { head: 'Passwords', from: 'wide', cell: (row) => (row.forbids_passwords ? 'For owners alone' : 'As well') },
        {
          head: 'State',
          cell: (row) => <Badge status={row.is_enabled ? 'active' : 'off'} label={row.is_enabled ? 'On' : 'Off'} />,
        },
      ]}
    />
  );
}
