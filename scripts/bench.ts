import { benchEdge } from './bench/edge.ts';
import { benchLedger } from './bench/ledger.ts';
import { runCommand } from './command.ts';

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  edge: benchEdge,
  ledger: benchLedger,
};

/** `npm run bench [-- NAME [OPTIONS]]`: ratios measured side by side in one run, on a local system of its own. */
await runCommand(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (name === '--help' || (name !== undefined && !Object.hasOwn(benches, name))) {
    console.log(
      `npm run bench [-- NAME [OPTIONS]]\n\nNAME is one of: ${Object.keys(benches).join(', ')}. Without it, all of them run. NAME --help tells its options.`,
    );
    return name === '--help' ? 0 : 2;
  }
  for (const run of name === undefined ? Object.values(benches) : [benches[name]!]) {
    await run(args);
  }
  return 0;
});
