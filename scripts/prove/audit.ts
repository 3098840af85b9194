import { auditList } from '../../server/contexts/audit/operations.ts';
import { withBenchServer } from '../bench/ledger/server.ts';
import { indexTrail, loadTrail, questionsOfTrail } from './audit/load.ts';
import { describeExport, growthOf, measureExports } from './audit/memory.ts';
import { costOf } from './growth/explain.ts';
import { type MeasuredServer, withMeasuredTenant } from './measured-tenant.ts';

export type AuditOptions = {
  /** Of trails whose questions are measured. */
  sizes: readonly number[];
  /** Of trails that are exported. */
  exports: readonly number[];
  log: (line: string) => void;
};

/** Per size: what each question cost the database in milliseconds. */
export type AuditFigures = { events: number; questions: { question: string; ms: number; rows: number }[] };

/** What the database may take to answer any filter. */
const MOST_MS = 100;

/** Loads trails of several sizes and asks each the same questions. */
export async function measureAudit(
  server: MeasuredServer,
  options: Omit<AuditOptions, 'exports'>,
): Promise<AuditFigures[]> {
  const figures: AuditFigures[] = [];
  for (const size of options.sizes) figures.push(await measureSize(server, size, options));
  return figures;
}

function measureSize(server: MeasuredServer, size: number, { log }: Pick<AuditOptions, 'log'>): Promise<AuditFigures> {
  return withMeasuredTenant(server, `trail-${size}`, async ({ owner, role, home, vacuum }) => {
    const start = performance.now();
    await loadTrail(owner, size);
    const loaded = performance.now();
    await indexTrail(owner);
    const indexed = performance.now();
    await vacuum(['audit_events', 'audit_search']);
    log(`${size} events: loaded in ${seconds(loaded - start)}, indexed in ${seconds(indexed - loaded)}`);
    const questions = [];
    for (const { name, input } of await questionsOfTrail(owner)) {
      const { ms, answer } = await costOf(home.runtime, role, auditList, input, 3);
      questions.push({ question: name, ms, rows: (answer as { data: unknown[] }).data.length });
      log(`  ${name}: ${ms.toFixed(1)} ms`);
    }
    return { events: size, questions };
  });
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;

/** The questions that take the database too long. */
export function tooSlow(figures: readonly AuditFigures[]): string[] {
  return figures.flatMap(({ events, questions }) =>
    questions.filter(({ ms }) => ms >= MOST_MS).map(({ question }) => `${question} of ${events}`),
  );
}

/** The long form: prints the figures side by side. @throws when a question is too slow, or an export's memory grows with it */
export async function proveAudit(options: AuditOptions): Promise<string> {
  let figures: AuditFigures[] = [];
  await withBenchServer(async (server) => {
    figures = await measureAudit(server, options);
  });
  const exported = await measureExports(options.exports, options.log);
  const names = figures[0]!.questions.map(({ question }) => question);
  const row = (cells: (string | number)[]) =>
    cells.map((cell, column) => (column === 0 ? String(cell).padEnd(34) : String(cell).padStart(16))).join('');
  const lines = [
    row(['database time, ms (rows)', ...figures.map(({ events }) => `${events} events`)]),
    ...names.map((name, index) =>
      row([name, ...figures.map(({ questions }) => `${questions[index]!.ms.toFixed(1)} (${questions[index]!.rows})`)]),
    ),
    ...exported.map(describeExport),
  ];
  const slow = tooSlow(figures);
  const reasons = [...(slow.length > 0 ? [`Too slow: ${slow.join(', ')}`] : []), ...(growthOf(exported) ?? [])];
  if (reasons.length > 0) throw new Error([...lines, '', ...reasons].join('\n'));
  return lines.join('\n');
}
