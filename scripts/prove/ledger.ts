import pg from 'pg';
import { derivePassword } from '../../tenants/credentials.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { type BenchServer, withBenchServer } from '../bench/ledger/server.ts';
import { type PropertyFigures, proveProperties } from './ledger/properties.ts';

export type LedgerOptions = {
  runs: number;
  /** Runs share a tenant, so that its ledger grows under them; each round has a new one. */
  runsPerTenant: number;
  log: (line: string) => void;
};

export type LedgerFigures = PropertyFigures & { tenants: number; seconds: number };

/** The property runs of the ledger, many times over, on a server of their own. @throws with the smallest mix that breaks one */
export async function proveLedger({ runs, runsPerTenant, log }: LedgerOptions): Promise<LedgerFigures> {
  const total: LedgerFigures = { runs: 0, calls: 0, transactions: 0, refused: {}, tenants: 0, seconds: 0 };
  const start = performance.now();
  await withBenchServer(async (server) => {
    while (total.runs < runs) {
      const figures = await proveOnTenant(
        server,
        `proof-${total.tenants + 1}`,
        Math.min(runsPerTenant, runs - total.runs),
      );
      total.tenants += 1;
      for (const name of ['runs', 'calls', 'transactions'] as const) total[name] += figures[name];
      for (const [code, count] of Object.entries(figures.refused))
        total.refused[code] = (total.refused[code] ?? 0) + count;
      log(`${total.runs} of ${runs} runs hold`);
    }
  });
  total.seconds = Math.round((performance.now() - start) / 1000);
  return total;
}

async function proveOnTenant(server: BenchServer, slug: string, runs: number): Promise<PropertyFigures> {
  const { admin, address, adminLogin, masterSecret } = server;
  const { tenant } = await provisionTenant(admin, { slug, name: slug, ownerEmail: `owner@${slug}.test`, masterSecret });
  const open = async (login: pg.ClientConfig) => {
    const client = new pg.Client(login);
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const password = derivePassword(masterSecret, tenant.id, tenant.key_version);
  return proveProperties({
    runs,
    connect: () => open({ ...address, user: tenant.role, password }),
    connectAdmin: async () => {
      const client = await open(adminLogin);
      await client.query(`SET search_path = ${pg.escapeIdentifier(tenant.schema)}, pg_catalog`);
      return client;
    },
  });
}
