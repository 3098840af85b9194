import { startSite } from '../support/tenant.ts';
import { describeRefusals } from './refusal-suite.ts';

describeRefusals(
  'through a home in Node',
  async () => {
    const site = await startSite({ tenants: 2 });
    return { tenants: [site.tenants[0]!, site.tenants[1]!], stop: site.stop };
  },
  3,
);
