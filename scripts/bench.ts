import { benchEdge } from './bench/edge.ts';
import { runCommand } from './command.ts';

const benches: Readonly<Record<string, () => Promise<void>>> = { edge: benchEdge };

/** `npm run bench [-- NAME]`: ratios measured side by side in one run, on a local system of its own. */
await runCommand(async () => {
  const [name] = process.argv.slice(2);
  if (name === '--help' || (name !== undefined && !Object.hasOwn(benches, name))) {
    console.log(
      `npm run bench [-- NAME]\n\nNAME is one of: ${Object.keys(benches).join(', ')}. Without it, all of them run.`,
    );
    return name === '--help' ? 0 : 2;
  }
  for (const run of name === undefined ? Object.values(benches) : [benches[name]!]) {
    await run();
  }
  return 0;
});
