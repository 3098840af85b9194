import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { LocalSystem, SystemTenant } from '../../local/system.ts';
import type { Answer, Client } from '../client.ts';

/** Somebody at the portal. */
export type Person = { email: string; password: string };

/** What people wait for, 95 of 100 times at most, in milliseconds. */
export type Waits = { page: number; signIn: number; asked: number };

/** Between two questions of one person. */
const PAUSE_MS = 50;

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function signIn(client: Client, slug: string, person: Person): Promise<Answer & { cookie: string }> {
  const answer = await client.ask(slug, '/api/sessions', { json: person });
  if (answer.status !== 201) throw new Error(`A sign-in answers ${answer.status}: ${answer.text}`);
  return { ...answer, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}

async function look(client: Client, slug: string, path: string, cookie: string): Promise<Answer> {
  const answer = await client.ask(slug, path, { headers: { cookie } });
  if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
  return answer;
}

/** People read a page and sign in, over and over, while `work` runs. */
export async function whileAsked<T>(
  client: Client,
  slug: string,
  person: Person,
  path: string,
  work: () => Promise<T>,
): Promise<{ done: T; waits: Waits }> {
  const { cookie } = await signIn(client, slug, person);
  await look(client, slug, path, cookie);
  const times: { page: number[]; signIn: number[] } = { page: [], signIn: [] };
  let isOver = false;
  const over = async (kind: 'page' | 'signIn', ask: () => Promise<Answer>) => {
    while (!isOver) {
      times[kind].push((await ask()).ms);
      await sleep(PAUSE_MS);
    }
  };
  const people = Promise.all([
    over('page', () => look(client, slug, path, cookie)),
    over('signIn', () => signIn(client, slug, person)),
  ]);
  const [done] = await Promise.all([
    work().finally(() => {
      isOver = true;
    }),
    people,
  ]);
  const p95 = (ms: number[]) =>
    percentile(
      ms.toSorted((left, right) => left - right),
      0.95,
    );
  return {
    done,
    waits: { page: p95(times.page), signIn: p95(times.signIn), asked: times.page.length + times.signIn.length },
  };
}

/** What the worker holds in memory, and the largest process of Postgres beside what all of them share, in MiB. */
export type Held = { worker: number; postgres: number };

/** The most of both while `work` runs. */
export async function whileWatched<T>(system: LocalSystem, work: () => Promise<T>): Promise<{ done: T; held: Held }> {
  const admin = new pg.Client({ connectionString: system.adminUrl });
  await admin.connect();
  const held: Held = { worker: 0, postgres: 0 };
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      const { rows } = await admin.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
      held.worker = Math.max(held.worker, mebibytes(system.workerPid(), 'VmRSS'));
      held.postgres = Math.max(held.postgres, ...rows.map(({ pid }) => mebibytes(pid, 'RssAnon')));
      await sleep(100);
    }
  };
  try {
    const [done] = await Promise.all([
      work().finally(() => {
        isOver = true;
      }),
      watch(),
    ]);
    return { done, held };
  } finally {
    await admin.end();
  }
}

/** Of a process; 0 when it is gone meanwhile. */
function mebibytes(pid: number, what: 'VmRSS' | 'RssAnon'): number {
  try {
    const found = new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(found ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export type Admin = {
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Begins a unit of work. */
  begin(): Promise<void>;
  end(): Promise<void>;
};

/** Looks into a tenant's schema past every rule. */
export async function connectTo(system: LocalSystem, { record }: SystemTenant): Promise<Admin> {
  const admin = new pg.Client({ connectionString: system.adminUrl });
  await admin.connect();
  await admin.query(`SET search_path = ${pg.escapeIdentifier(record.schema)}`);
  const work = {
    operation: 'proof.arrange',
    summary: 'Arranged by a proof',
    actor: { type: 'system', id: 'proof', name: 'Proof' },
    request: { id: 'proof', door: 'command' },
  };
  return {
    rows: async (text, values = []) => (await admin.query(text, [...values])).rows,
    begin: async () => {
      await admin.query('BEGIN');
      await admin.query('SELECT work_begin($1)', [JSON.stringify(work)]);
    },
    end: () => admin.end(),
  };
}
