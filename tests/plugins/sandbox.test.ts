import type { DatabasePool } from 'slonik';
import { afterAll, beforeAll } from 'vitest';
import { parseEndpoint } from '../../db/endpoint.ts';
import { openPool } from '../../db/pool.ts';
import { sandboxProcessor } from '../../server/plugins/payment/sandbox.ts';
import { derivePassword } from '../../tenants/credentials.ts';
import { type Site, startSite } from '../support/tenant.ts';
import { describeProcessor } from './payment-suite.ts';

let site: Site;
let pool: DatabasePool;

beforeAll(async () => {
  site = await startSite();
  const { record } = site.tenants[0]!;
  const password = derivePassword(site.settings.MASTER_SECRET, record.id, record.key_version);
  pool = await openPool(parseEndpoint(record.cluster.url), { user: record.role, password });
});
afterAll(async () => {
  await pool?.end();
  await site?.stop();
});

describeProcessor(() => sandboxProcessor(pool), { good: 'tok_visa', declined: 'tok_declined' });
