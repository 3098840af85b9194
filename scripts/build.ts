import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './bundle/ensure-built.ts';
import { runCommand } from './command.ts';

/** `npm run build`: the browser's files in build/client and the worker in build/worker/index.js. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runCommand(async () => {
    const built = await ensureBuilt({ force: true, log: (line) => console.log(line) });
    console.log(`worker ${(built.gzippedBytes / 1024).toFixed(0)} KiB gzipped`);
    return 0;
  });
}
