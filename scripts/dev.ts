import { connectAdmin } from '../tenants/connect.ts';
import { runCommand } from './command.ts';
import { writeAccess } from './local/demo-tenant.ts';
import { startDevServer } from './local/dev-server.ts';
import { announce, launch, note, type Run } from './local/launch.ts';
import { prepareSystem } from './local/prepare.ts';

/** `npm run dev`: the local system with the app in Vite's dev server; pages reload as they are edited. */
async function run({ database, folder, port, url, shutdown }: Run): Promise<void> {
  const { settings, demo } = await prepareSystem({ database, folder, url, shutdown, note });
  shutdown.check();
  const admin = await connectAdmin(database.url);
  shutdown.onStop(() => admin.end());
  const server = await startDevServer({ port, settings, admin, note });
  shutdown.onStop(server.stop);
  if (demo) writeAccess(folder, demo);
  announce(url, demo);
  await shutdown.requested;
}

await runCommand(() => launch(run));
