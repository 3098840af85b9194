import { startSite } from '../support/tenant.ts';
import { openEdgeSite } from './edge-site.ts';
import { describeMcp } from './mcp-suite.ts';

describeMcp('through a home in Node', async () => {
  const site = await startSite({ tenants: 2 });
  return { tenants: [site.tenants[0]!, site.tenants[1]!], stop: site.stop };
});

describeMcp('through the built worker in workerd', openEdgeSite);
