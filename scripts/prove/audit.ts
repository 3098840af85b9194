import pg from 'pg';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { auditExport } from '../../server/contexts/audit-export/operations.ts';
import { systemActor } from '../../server/operations/actor.ts';
import { execute } from '../../server/operations/execute.ts';
import type { FileAnswer } from '../../server/operations/operation.ts';
import { derivePassword } from '../../tenants/credentials.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { type BenchServer, withBenchServer } from '../bench/ledger/server.ts';
import { loadTrail, questionsOfTrail } from './audit/load.ts';
import { costOf } from './growth/explain.ts';
import { openHome } from './growth.ts';
import { passHorizon } from './ledger/horizon.ts';

type Server = Pick<BenchServer, 'admin' | 'address' | 'adminLogin' | 'masterSecret'>;
export type AuditOptions = { sizes: readonly number[]; log: (line: string) => void };

/** Per size: what each question cost the database in milliseconds, and what a full export took. */
export type AuditFigures = {
  events: number;
  questions: { question: string; ms: number; rows: number }[];
  exported: { events: number; seconds: number; firstMib: number; mostMib: number };
};

/** What the database may take to answer any filter. */
const MOST_MS = 100;

/** Loads trails of several sizes and asks each the same questions. */
export async function measureAudit(server: Server, options: AuditOptions): Promise<AuditFigures[]> {
  const figures: AuditFigures[] = [];
  for (const size of options.sizes) figures.push(await measureSize(server, size, options));
  return figures;
}

async function measureSize({ admin, address, adminLogin, masterSecret }: Server, size: number, options: AuditOptions) {
  const slug = `trail-${size}-${Date.now().toString(36)}`;
  const { tenant } = await provisionTenant(admin, { slug, name: slug, ownerEmail: `owner@${slug}.test`, masterSecret });
  const password = derivePassword(masterSecret, tenant.id, tenant.key_version);
  const [owner, role] = [new pg.Client(adminLogin), new pg.Client({ ...address, user: tenant.role, password })];
  await Promise.all([owner.connect(), role.connect()]);
  const home = openHome({ address, masterSecret }, tenant);
  try {
    await owner.query(`SET search_path = ${pg.escapeIdentifier(tenant.schema)}, pg_catalog, pg_temp`);
    await owner.query('SET synchronous_commit = off');
    const start = performance.now();
    await loadTrail(owner, size);
    const loaded = performance.now();
    await passHorizon(async (statement, values) => (await owner.query(statement, values)).rows);
    while ((await owner.query(`SELECT (index_audit(5000) ->> 'has_more')::boolean AS more`)).rows[0].more);
    const indexed = performance.now();
    const schema = pg.escapeIdentifier(tenant.schema);
    for (const table of ['audit_events', 'audit_search']) await owner.query(`VACUUM (ANALYZE) ${schema}.${table}`);
    options.log(`${size} events: loaded in ${seconds(loaded - start)}, indexed in ${seconds(indexed - loaded)}`);
    const questions = [];
    for (const { name, input } of await questionsOfTrail(owner)) {
      const { ms, answer } = await costOf(home.runtime, role, auditList, input, 3);
      questions.push({ question: name, ms, rows: (answer as { data: unknown[] }).data.length });
      options.log(`  ${name}: ${ms.toFixed(1)} ms`);
    }
    return { events: size, questions, exported: await measureExport(home.runtime) };
  } finally {
    await Promise.all([home.close(), owner.end(), role.end()]);
  }
}

const mebibytes = () => process.memoryUsage.rss() / 1024 / 1024;

/** Reads a whole export as the door does, and watches what the process holds. */
async function measureExport(runtime: Parameters<typeof execute>[0]) {
  const start = performance.now();
  const call = { requestId: 'prove', door: 'command' } as const;
  const { data } = await execute(runtime, auditExport, systemActor('prover', 'Prover'), {}, call);
  let [length, firstMib, mostMib, last] = [0, 0, 0, ''];
  for await (const part of (data as FileAnswer).parts) {
    length += part.length;
    last = part;
    if (firstMib === 0) firstMib = mebibytes();
    mostMib = Math.max(mostMib, mebibytes());
  }
  const { events } = JSON.parse(last) as { events: number };
  return { events, seconds: (performance.now() - start) / 1000, firstMib, mostMib, length };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;

/** The questions that take the database too long. */
export function tooSlow(figures: readonly AuditFigures[]): string[] {
  return figures.flatMap(({ events, questions }) =>
    questions.filter(({ ms }) => ms >= MOST_MS).map(({ question }) => `${question} of ${events}`),
  );
}

/** The long form: prints the figures side by side. @throws when a question is too slow */
export async function proveAudit(options: AuditOptions): Promise<string> {
  let figures: AuditFigures[] = [];
  await withBenchServer(async (server) => {
    figures = await measureAudit(server, options);
  });
  const names = figures[0]!.questions.map(({ question }) => question);
  const row = (cells: (string | number)[]) =>
    cells.map((cell, column) => (column === 0 ? String(cell).padEnd(34) : String(cell).padStart(16))).join('');
  const lines = [
    row(['database time, ms (rows)', ...figures.map(({ events }) => `${events} events`)]),
    ...names.map((name, index) =>
      row([name, ...figures.map(({ questions }) => `${questions[index]!.ms.toFixed(1)} (${questions[index]!.rows})`)]),
    ),
    ...figures.map(
      ({ exported: { events, seconds: took, firstMib, mostMib } }) =>
        `Export of ${events} events: ${took.toFixed(0)} s, ${firstMib.toFixed(0)} MiB held at first, at most ${mostMib.toFixed(0)}`,
    ),
  ];
  const slow = tooSlow(figures);
  if (slow.length > 0) throw new Error(`${lines.join('\n')}\n\nToo slow: ${slow.join(', ')}`);
  return lines.join('\n');
}
