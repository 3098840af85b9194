import { randomBytes } from 'node:crypto';
import { merchantArchive, merchantCreate, merchantUpdate } from '../server/contexts/merchant/operations.ts';
import { merchantOrgCreate, merchantOrgUpdate } from '../server/contexts/merchant-org/operations.ts';
import { tenantSettingsChange } from '../server/contexts/setting/operations.ts';
import { tenantUpdate } from '../server/contexts/tenant/operations.ts';
import { acceptInvitation } from '../server/contexts/user/operations.ts';
import type { Settings } from '../server/env.ts';
import { createNodeHome } from '../server/node.ts';
import { anonymous, systemActor } from '../server/operations/actor.ts';
import { execute } from '../server/operations/execute.ts';
import type { Operation } from '../server/operations/operation.ts';
import type { TenantRecord } from '../tenants/record.ts';
import { seedAfterwards } from './demo/afterwards.ts';
import { network, type OrgPlan } from './demo/network.ts';
import { addPipeline } from './demo/pipeline.ts';
import { type Business, domainOf, type Run, seedWorkspace } from './demo/workspaces.ts';
import { liveThroughYear, MONTHS } from './demo/year.ts';

export type DemoOptions = {
  /** The last day of the demo's year, not in the future; today when left out. */
  today?: string;
  /** Another seed, another year. */
  seed?: number;
  /** How many visits there are, 1 being an ordinary year. */
  scale?: number;
  /** After each month of each business; throws when it is to stop. */
  onProgress?: (done: number, total: number) => void;
};

/**
 * Fills a new tenant with a believable network and a year of its work and books, all through operations, and turns the
 * owner's invitation into an account. Call it once, on a tenant that has nothing yet.
 * @returns the owner's password
 */
export async function seedDemo(
  settings: Settings,
  record: TenantRecord,
  invitationToken: string,
  options: DemoOptions = {},
): Promise<{ password: string }> {
  const home = createNodeHome(settings, record);
  const demo = systemActor('demo', 'Demo data');
  let calls = 0;
  const run = async <I, O>(operation: Operation<I, O>, input: I): Promise<O> => {
    calls += 1;
    return (await execute(home.runtime, operation, demo, input, { requestId: `demo-${calls}`, door: 'command' })).data;
  };
  try {
    const password = randomBytes(12).toString('base64url');
    await run(tenantUpdate, {
      legal_name: `${record.name} Platform Inc.`,
      support_email: `support@${record.slug}.test`,
      time_zone: 'America/New_York',
    });
    await seedNetwork(run, record, options, settings.SANDBOX_PAYMENTS === 'on');
    // Last, so that an interrupted seeding leaves the invitation unused and can be seen.
    const owner = { token: invitationToken, name: 'Owner', password };
    await execute(home.runtime, acceptInvitation, anonymous, owner, { requestId: 'demo-owner', door: 'command' });
    return { password };
  } finally {
    await home.close();
  }
}

async function seedNetwork(run: Run, record: TenantRecord, options: DemoOptions, hasCards: boolean): Promise<void> {
  const { today = new Date().toISOString().slice(0, 10), seed = 2026, scale = 1, onProgress = () => {} } = options;
  const businesses: Business[] = [];
  for (const org of network) businesses.push(...(await seedOrg(run, org)));
  const months = businesses.map(({ plan }) => (plan.state === 'active' ? MONTHS : MONTHS - (plan.ended ?? MONTHS)));
  const total = months.reduce((sum, each) => sum + each, 0);
  let done = 0;
  const onMonth = () => {
    done += 1;
    onProgress(done, total);
  };
  await liveThroughYear(run, businesses, { today, seed, scale, tenantId: record.id, onMonth });
  await seedAfterwards(run, businesses, { today, hasCards });
  for (const business of businesses) await endUp(run, business);
  await addPipeline(run, today);
  // From now on: what is still being onboarded shows what it waits for.
  const needed = {
    onboarding_org_items: ['legal', 'owner', 'terms'],
    onboarding_merchant_items: ['services', 'terms'],
  };
  await run(tenantSettingsChange, { values: needed });
}

async function seedOrg(run: Run, org: OrgPlan): Promise<Business[]> {
  const email = `office@${domainOf(org.name)}`;
  const { id: orgId } = await run(merchantOrgCreate, { name: org.name, legal_name: org.legal, email });
  await run(merchantOrgUpdate, { id: orgId, status: 'active' });
  const businesses: Business[] = [];
  for (const plan of org.businesses) {
    const { id } = await run(merchantCreate, {
      merchant_org_id: orgId,
      name: plan.name,
      vertical: plan.vertical,
      currency: plan.currency,
      time_zone: plan.timeZone,
      email: `hello@${domainOf(plan.name)}`,
      phone: '+1 555 0100',
    });
    businesses.push(await seedWorkspace(run, { id, orgId }, plan));
    if (plan.state !== 'onboarding') await run(merchantUpdate, { id, status: 'active' });
  }
  return businesses;
}

/** Not every business goes on for ever. */
async function endUp(run: Run, { id, plan }: Business): Promise<void> {
  const status = plan.state === 'archived' ? 'closed' : plan.state;
  if (status === 'suspended' || status === 'closed') {
    await run(merchantUpdate, { id, status, status_reason: plan.reason ?? null });
  }
  if (plan.state === 'archived') await run(merchantArchive, { id });
}
