/**
 * Runs provisioning or a fleet migration in a process of its own that kills itself at one statement.
 * Called with one JSON argument, `FaultPlan`; ends with exit code 0 when the statement was never reached.
 */
import type pg from 'pg';
import { connectAdmin } from '../../tenants/connect.ts';
import { migrateFleet } from '../../tenants/migrate.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { loadRelease } from '../../tenants/release.ts';

/** Which work, and where it ends: before the statement is sent, while it runs, or after its answer. */
export type FaultPlan = {
  url: string;
  masterSecret: string;
  directory: string;
  work: { kind: 'provision'; slug: string } | { kind: 'migrate' };
  statement: number;
  moment: 'before' | 'during' | 'after';
};

const plan: FaultPlan = JSON.parse(process.argv[2] ?? '{}');
let count = 0;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}

async function connectFaulty(): Promise<pg.Client> {
  const client = await connectAdmin(plan.url);
  const query: (...args: unknown[]) => Promise<unknown> = client.query.bind(client);
  const faulty = async (...args: unknown[]) => {
    count += 1;
    const isHere = count === plan.statement;
    if (isHere && plan.moment === 'before') die();
    const answer = query(...args);
    // Long enough for the statement to be on its way, too short for the long ones to be done.
    if (isHere && plan.moment === 'during') setTimeout(die, 3);
    await answer;
    if (isHere) die();
    return answer;
  };
  Object.defineProperty(client, 'query', { value: faulty });
  return client;
}

const release = loadRelease({ directory: plan.directory });
if (plan.work.kind === 'provision') {
  const client = await connectFaulty();
  const { slug } = plan.work;
  const { masterSecret } = plan;
  await provisionTenant(client, { slug, name: 'Acme', ownerEmail: 'owner@acme.test', masterSecret, release });
  await client.end();
} else {
  await migrateFleet({ connect: connectFaulty, parallel: 2, release });
}
