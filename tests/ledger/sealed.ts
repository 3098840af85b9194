import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import type { Finding } from '../../server/contexts/seal/schemas.ts';
import type { TestTenant } from '../support/tenant.ts';
import { type Books, credit, debit } from './books.ts';

export type Verified = { problems: number; findings: Finding[]; journals: number; events: number; erased: number };

/** Runs a job of the ledger now, as the runner does, and answers its result. */
export async function runJob(
  tenant: TestTenant,
  operation: 'ledger.settle' | 'ledger.check' | 'alert.watch' | 'usage.measure',
) {
  const [queued] = await tenant.rows(
    'INSERT INTO jobs (operation, run_at, max_attempts) VALUES ($1, now(), 1) RETURNING id',
    [operation],
  );
  await tenant.home.runJobs();
  const [job] = await tenant.rows('SELECT state, result, problem FROM jobs WHERE id = $1', [queued?.id]);
  if (job?.state !== 'succeeded') throw new Error(`${operation}: ${JSON.stringify(job)}`);
  return job.result as never;
}

export const verify = (tenant: TestTenant): Promise<Verified> => runJob(tenant, 'ledger.check');

/** Folds, seals and indexes all that was committed before. */
export async function settle(tenant: TestTenant): Promise<void> {
  await passHorizon(tenant.rows);
  await runJob(tenant, 'ledger.settle');
}

/** What the verifier says of a bundle. */
export async function verifyBundle(bundle: string): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'scp-bundle-'));
  const path = join(folder, 'ledger.bundle.jsonl');
  await writeFile(path, bundle);
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, ['scripts/verify-ledger.ts', path], (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function bundleOf(tenant: TestTenant): Promise<string> {
  const { status, text } = await tenant.owner.get('/api/ledger/export?format=bundle');
  if (status !== 200) throw new Error(text);
  return text;
}

/** Posts, holds, posts in part, voids and reverses, in two currencies, with texts, typed and raw. */
export async function postMix(books: Books): Promise<{ posted: string; voided: string; typed: string }> {
  const { owner, party, account } = books;
  const [cash, equity] = [account('tenant', 'cash'), account('tenant', 'equity')];
  const raw = (amount: number, more: object = {}) =>
    books.post([{ ...debit(cash, amount), memo: 'from the till' }, credit(equity, amount)], more);
  const created = async (answer: Promise<{ status: number; text: string; body: { id: string } }>): Promise<string> => {
    const { status, text, body } = await answer;
    if (status !== 201) throw new Error(text);
    return body.id;
  };
  const step = async (id: string, verb: string, body: object = {}) => {
    const { status, text } = await owner.post(`/api/transactions/${id}/${verb}`, body);
    if (status !== 200) throw new Error(text);
  };
  const posted = await created(
    raw(12_500, {
      description: 'Opening; with "quotes", a: colon',
      metadata: { order: 7, paid: true },
      external_id: 'x-1',
    }),
  );
  await created(raw(300, { effective_date: '2024-02-29' }));
  const held = await created(raw(1_000, { status: 'pending', expires_at: '2099-01-01T00:00:00Z' }));
  await step(held, 'post', { amount: 700 });
  const voided = await created(raw(50, { status: 'pending' }));
  await step(voided, 'void', { reason: 'Cancelled by the guest' });
  await created(raw(80, { status: 'pending' }));
  await step(await created(raw(900)), 'reverse', { reason: 'Typed twice' });
  const type = (type: string, from: object, to: object, amount: number, currency: string) =>
    created(owner.post('/api/transactions', { type, from, to, amount: { amount, currency } }));
  const typed = await type('commission', party.merchant, party.tenant, 4_200, 'USD');
  await type('transfer', party.org, party.tenant, 77, 'JPY');
  await type('transfer', party.org, party.tenant, 12_345, 'KWD');
  return { posted, voided, typed };
}
