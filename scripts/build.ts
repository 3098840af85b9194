import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './bundle/ensure-built.ts';
import { CommandError, runCommand } from './command.ts';

/** What is fetched wherever an isolate starts, in bytes, gzipped. */
const LARGEST_WORKER = 1024 * 1024;

/** `npm run build`: the browser's files in build/client and the worker in build/worker/index.js. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runCommand(async () => {
    const built = await ensureBuilt({ force: true, log: (line) => console.log(line) });
    const size = `worker ${(built.gzippedBytes / 1024).toFixed(0)} KiB gzipped`;
    if (built.gzippedBytes > LARGEST_WORKER) throw new CommandError(`${size}: it has to stay under 1 MiB.`);
    console.log(size);
    return 0;
  });
}
