// The seal: blocks of journals and audit events, each with the hash of the one before, anchored in the control plane.
// What is sealed never changes; a verification recomputes all of it and names what does not fit.
import { requireWholeTenant } from '../../operations/actor.ts';
import { enqueue, reportProgress } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import {
  callKeepVerification,
  callSeal,
  callVerifyBlock,
  callVerifyLoose,
  callVerifyOutside,
  callVerifyTotals,
  selectChain,
  selectHead,
  selectSeal,
} from './queries.ts';
import { type Finding, type Verification, verification, verifyStarted } from './schemas.ts';

/** How many findings a verification keeps; it counts them all. */
const MOST_FINDINGS = 100;

/** Blocks, or steps through a table, between two reports of progress. */
const STEPS_PER_REPORT = 20;

/** How far the seal and the horizon are, and for readers of the whole tenant the chain itself. */
export async function readSeal(ctx: Context) {
  const [state, chain] = await Promise.all([selectSeal(ctx.tx), ctx.scope.all ? selectChain(ctx.tx) : null]);
  return { ...state, chain };
}

/** The number of the last block; 0 when there is none. */
export function headOfChain(ctx: Context): Promise<number> {
  return selectHead(ctx.tx);
}

/** Seals what was folded, block by block, each in a transaction of its own. Answers how many entries were sealed. */
export async function sealWhatIsFolded(ctx: Context): Promise<number> {
  let sealed = 0;
  for (;;) {
    const step = await callSeal(ctx.tx);
    sealed += step.entries;
    if (!step.has_more) return sealed;
  }
}

export const ledgerVerify = defineOperation({
  name: 'ledger.verify',
  kind: 'write',
  risk: 'write',
  permission: 'ledger:verify',
  resource: 'ledger',
  summary: 'Verify everything that was sealed, and every folded sum, in the background',
  input: empty,
  output: verifyStarted,
  http: { method: 'POST', path: '/api/ledger/verify', status: 202 },
  describe: () => 'Asked for a verification of the ledger',
  run: async (ctx) => {
    requireWholeTenant(ctx.scope, 'Verifications');
    return { job_id: await enqueue(ctx, 'ledger.check', {}, { uniqueKey: 'ledger.check' }) };
  },
});

class Findings {
  count = 0;
  readonly first: Finding[] = [];

  add(found: readonly Finding[]): void {
    this.count += found.length;
    this.first.push(...found.slice(0, MOST_FINDINGS - this.first.length));
  }
}

async function verifyBlocks(ctx: Context, head: number, findings: Findings) {
  const sums = { journals: 0, events: 0, erased: 0, head_hash: null as string | null };
  for (let number = 1; number <= head; number += 1) {
    const block = await callVerifyBlock(ctx.tx, number);
    findings.add(block.findings);
    sums.journals += block.journals;
    sums.events += block.events;
    sums.erased += block.erased;
    sums.head_hash = block.hash;
    if (number % STEPS_PER_REPORT === 0) {
      await reportProgress(ctx, { part: 'blocks', done: number, of: head, problems: findings.count });
    }
  }
  return sums;
}

type Step = (after: string | null) => Promise<{ last: string | null; findings: Finding[] }>;

/** Walks a table or the accounts in steps, until a step has nothing left to look at. */
async function* walk(step: Step): AsyncGenerator<Finding[]> {
  for (let after: string | null = null; ; ) {
    const { last, findings } = await step(after);
    yield findings;
    if (last === null) return;
    after = last;
  }
}

/** What no block could hold, step by step: rows that belong to nothing, or whose place was never reached. */
async function* looseRows(ctx: Context): AsyncGenerator<Finding[]> {
  yield callVerifyOutside(ctx.tx).then((found) => [...found]);
  for (const part of ['transaction', 'line', 'change']) {
    yield* walk((after) => callVerifyLoose(ctx.tx, part, after));
  }
}

/** The same, one by one. */
export async function* findLooseRows(ctx: Context): AsyncGenerator<Finding> {
  for await (const found of looseRows(ctx)) yield* found;
}

async function collect(
  ctx: Context,
  part: string,
  findings: Findings,
  steps: AsyncGenerator<Finding[]>,
): Promise<void> {
  let done = 0;
  for await (const found of steps) {
    findings.add(found);
    if (done % STEPS_PER_REPORT === 0) {
      await reportProgress(ctx, { part, problems: findings.count });
    }
    done += 1;
  }
}

/**
 * Recomputes every block, then looks for rows that no block holds, then compares every folded sum with the lines. Each step
 * is a statement of its own, so that nothing waits for it and no time-out ends it.
 */
export const ledgerCheck = defineOperation({
  name: 'ledger.check',
  kind: 'read',
  risk: 'read',
  permission: 'job:run',
  resource: 'ledger',
  summary: 'Recompute the seal and the folded sums, and keep what was found',
  input: empty,
  output: verification,
  closedDoors: { http: 'Queued by ledger.verify, and every day.', mcp: 'Queued by ledger.verify, and every day.' },
  run: async (ctx) => {
    const findings = new Findings();
    const head = await selectHead(ctx.tx);
    await reportProgress(ctx, { part: 'blocks', done: 0, of: head, problems: 0 });
    const sums = await verifyBlocks(ctx, head, findings);
    await collect(ctx, 'rows', findings, looseRows(ctx));
    await collect(
      ctx,
      'sums',
      findings,
      walk((after) => callVerifyTotals(ctx.tx, after)),
    );
    const verified: Verification = { last_block: head, ...sums, problems: findings.count, findings: findings.first };
    await callKeepVerification(ctx.tx, verified);
    return verified;
  },
});
