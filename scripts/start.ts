import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilt } from './bundle/ensure-built.ts';
import { CommandError, runCommand } from './command.ts';
import { writeAccess } from './local/demo-tenant.ts';
import { statusOf } from './local/http-request.ts';
import { keepRunning } from './local/keep-running.ts';
import { announce, launch, note, type Run } from './local/launch.ts';
import { prepareSystem } from './local/prepare.ts';
import type { Shutdown } from './local/shutdown.ts';

const READY_TIMEOUT_MS = 60_000;

/** `npm start`: the whole system on this machine, the built worker in workerd, until Ctrl-C. */
async function run({ database, folder, port, url, shutdown }: Run): Promise<void> {
  const { settings, demo } = await prepareSystem({ database, folder, url, shutdown, note });
  shutdown.check();
  await ensureBuilt({ log: note });
  shutdown.check();
  await keepRunning({ folder, port, settings, shutdown, note, isEmbedded: !process.env.DATABASE_URL });
  await waitUntilHealthy(port, new URL(url).host, shutdown);
  if (demo) writeAccess(folder, demo);
  announce(url, demo);
  await shutdown.requested;
}

async function waitUntilHealthy(port: number, host: string, shutdown: Shutdown): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    shutdown.check();
    const status = await statusOf(port, host, '/healthz').catch(() => 0);
    if (status === 200) return;
    if (Date.now() > deadline) throw new CommandError(`The worker is not healthy: ${host}/healthz answers ${status}.`);
    await sleep(200);
  }
}

await runCommand(() => launch(run));
