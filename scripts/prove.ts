import { runCommand } from './command.ts';
import { proveAudit } from './prove/audit.ts';
import { proveCrash } from './prove/crash.ts';
import { proveCrowd } from './prove/crowd.ts';
import { proveDemoYear } from './prove/demo-year.ts';
import { proveDoors } from './prove/doors.ts';
import { proveFleet } from './prove/fleet.ts';
import { proveGrowth } from './prove/growth.ts';
import { proveImport } from './prove/import.ts';
import { proveLedger } from './prove/ledger.ts';
import { proveScan } from './prove/scan.ts';

const log = (line: string) => console.error(line);

/** The long forms; `npm test` runs the same code with smaller numbers. */
const proofs: Readonly<Record<string, () => Promise<unknown>>> = {
  audit: () => proveAudit({ sizes: [10_000, 100_000, 1_000_000], exports: [100_000, 300_000, 1_000_000], log }),
  crash: () => proveCrash({ tenants: 4, inFlight: 250, loadMs: 5_000, log }),
  doors: () => proveDoors(),
  'demo-year': () => proveDemoYear({ scale: 1, log }),
  fleet: () => proveFleet({ tenants: 50, log }),
  import: () => proveImport({ rows: 100_000, quietMs: 20_000, waitsForLease: true, log }),
  ledger: () => proveLedger({ runs: 2_000, runsPerTenant: 250, log }),
  scan: () => proveScan(log),
  'ledger-million': () =>
    proveGrowth({ sizes: [10_000, 100_000, 1_000_000], merchants: 40, ownAccounts: 100, days: 3 * 365, log }),
  crowd: () => proveCrowd({ tenants: 200, maxConnections: 100, loadMs: 20_000, log }),
};

/** `npm run prove -- NAME`: a long proof, on a local system of its own; prints its figures. */
await runCommand(async () => {
  const [name, ...more] = process.argv.slice(2);
  const prove = name !== undefined && more.length === 0 && Object.hasOwn(proofs, name) ? proofs[name] : undefined;
  if (!prove) {
    console.log(
      `npm run prove -- NAME\n\nNAME is one of: ${Object.keys(proofs).join(', ')}. A proof takes no options.`,
    );
    return [name, ...more].includes('--help') ? 0 : 2;
  }
  console.log(await prove());
  return 0;
});
