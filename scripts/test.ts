import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { endRun } from '../tests/support/end-run.ts';
import type { Counts } from '../tests/support/reporter.ts';

const BIN = resolve(import.meta.dirname, '../node_modules/.bin');

/** What comes before the tests; each counts as one check. */
const STEPS: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit'],
  ['lint and format', 'biome', 'check', '--error-on-warnings', '.'],
  ['build', 'node', 'scripts/build.ts'],
];

/**
 * `npm test`: every check there is, nothing left running, and as the last line `N passed, N failed`.
 * `npm test -- PATTERN` runs the matching test files alone. With `CI=true` a skipped test is a failure.
 */
async function main(patterns: string[]): Promise<number> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, program, ...args] of patterns.length > 0 ? [] : STEPS) {
    process.stdout.write(`\n── ${name}\n`);
    const isPassed = (await run(program, args)) === 0;
    total[isPassed ? 'passed' : 'failed'] += 1;
    if (isPassed) process.stdout.write('ok\n');
  }
  const counts = await runTests(patterns);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
  const isSkippedFatal = process.env.CI === 'true' && total.skipped > 0;
  return total.failed > 0 || isSkippedFatal || isStopped ? 1 : 0;
}

/** The run's folder is ours, so that whatever vitest leaves behind when it is killed can be ended here. */
async function runTests(patterns: string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'scp-test-'));
  const counts = join(tmpdir(), `scp-counts-${process.pid}.json`);
  try {
    if (isStopped) return { passed: 0, failed: 1, skipped: 0 };
    process.stdout.write('\n── tests\n');
    const status = await run('vitest', ['run', ...patterns], { SCP_TEST_FOLDER: folder, SCP_TEST_COUNTS: counts });
    if (!existsSync(counts)) return { passed: 0, failed: 1, skipped: 0 };
    const result: Counts = JSON.parse(readFileSync(counts, 'utf8'));
    // It may fail without a failed test, for instance when none was found.
    return { ...result, failed: status === 0 ? result.failed : Math.max(1, result.failed) };
  } finally {
    await endRun(folder);
    rmSync(folder, { recursive: true, force: true });
    rmSync(counts, { force: true });
  }
}

let isStopped = false;

async function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  if (isStopped) return 1;
  // The programs start with `env node`, which must be the Node of the repository.
  const path = `${BIN}${delimiter}${process.env.PATH ?? ''}`;
  const child = spawn(join(BIN, program), args, { stdio: 'inherit', env: { ...process.env, PATH: path, ...env } });
  const stop = () => {
    isStopped = true;
    child.kill('SIGTERM');
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  const [code] = await once(child, 'close');
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, stop);
  return typeof code === 'number' ? code : 1;
}

process.exitCode = await main(process.argv.slice(2));
