import { startStack } from '../support/stack.ts';
import { openTenant, type TestTenant } from '../support/tenant.ts';

/** Two tenants whose doors are the built worker in workerd. */
export async function openEdgeSite(): Promise<{ tenants: [TestTenant, TestTenant]; stop(): Promise<void> }> {
  const stack = await startStack({ tenants: 2 });
  const open = ({ record, apiKey, slug }: (typeof stack.tenants)[number]) =>
    openTenant(stack.database, stack.settings, record, apiKey, '', {
      door: (path, init) => stack.fetch(slug, path, init),
      origin: stack.url(slug),
    });
  const tenants: [TestTenant, TestTenant] = [await open(stack.tenants[0]!), await open(stack.tenants[1]!)];
  const stop = async () => {
    await Promise.all(tenants.map((tenant) => tenant.close()));
    await stack.stop();
  };
  return { tenants, stop };
}
