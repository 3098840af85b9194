/** Where tenants are found: `BASE_DOMAIN` and `PORT` of the environment. */
export type Address = { baseDomain: string; port: string | undefined };

const LOCAL_PORT = '8787';

/** Reads `BASE_DOMAIN` (default "localhost") and `PORT` (default 8787 on localhost, else the scheme's own). */
export function addressFrom(env: Record<string, string | undefined>): Address {
  return { baseDomain: env.BASE_DOMAIN || 'localhost', port: env.PORT || undefined };
}

/** The address of a tenant's portal: plain http on localhost or wherever a port is given, https elsewhere. */
export function tenantUrl(slug: string, address: Address): string {
  const isLocalhost = address.baseDomain === 'localhost' || address.baseDomain.endsWith('.localhost');
  const port = address.port ?? (isLocalhost ? LOCAL_PORT : undefined);
  return new URL(`${port ? 'http' : 'https'}://${slug}.${address.baseDomain}${port ? `:${port}` : ''}`).origin;
}

/** The page on which the invited owner chooses a password. */
export function invitationUrl(slug: string, token: string, address: Address): string {
  return `${tenantUrl(slug, address)}/invitations/${token}`;
}
