import { derivePassword } from './credentials.ts';
import type { TenantRecord } from './record.ts';

/** Parameters of the cluster's URL that only our own driver knows. */
const OWN_PARAMETERS = ['transport', 'proxy'];

/** The connection URL of the tenant's own role, for psql and other clients. It holds the password. */
export function psqlUrl(tenant: TenantRecord, masterSecret: string): string {
  const url = new URL(tenant.cluster.url);
  url.username = tenant.role;
  url.password = derivePassword(masterSecret, tenant.id, tenant.key_version);
  for (const name of OWN_PARAMETERS) url.searchParams.delete(name);
  return url.href;
}
