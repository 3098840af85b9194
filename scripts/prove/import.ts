import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '../../server/auth/password.ts';
import { statusOf } from '../local/http-request.ts';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../local/system.ts';
import { type Client, createClient } from './client.ts';
import { type Admin, connectTo, type Held, type Person, type Waits, whileAsked, whileWatched } from './import/load.ts';

export type ImportOptions = {
  /** Customers of one merchant. */
  rows: number;
  /** How long people are watched before anything is imported. */
  quietMs: number;
  /** Whether a killed worker's lease runs out by itself, a minute later. */
  waitsForLease: boolean;
  log: (line: string) => void;
};

export type ImportFigures = {
  rows: number;
  mib: number;
  seconds: { upload: number; check: number; apply: number };
  before: Waits;
  meanwhile: Waits;
  held: Held;
  heldBefore: Held;
  /** Bad rows of a file that has 37, as they were reported. */
  reported: { line: number; message: string }[];
  wanted: { line: number; message: string }[];
  /** After kill -9 in the middle of applying: rows that were made, changes in the trail; and what the next runner made. */
  afterKill: { customers: number; changes: number; status: string };
  afterRerun: { customers: number; events: number; status: string; seconds: number };
};

const BAD_ROWS = 37;
const PART = 400_000;
const PERSON: Person = { email: 'ann@import.test', password: 'correct horse battery' };

type Site = { system: LocalSystem; client: Client; tenant: SystemTenant; admin: Admin };
type Body = {
  id: string;
  status: string;
  row_count: number;
  bad_row_count: number;
  progress: { step: string; rows: number } | null;
};

/** A file of customers; `spoil` says what is wrong with a row, by its number from 0. */
function fileOf(rows: number, prefix: string, spoil: (row: number) => 'email' | 'name' | null = () => null): string {
  const lines = ['Name,E-mail,Phone,Notes,Accepts marketing,External id'];
  for (let row = 0; row < rows; row += 1) {
    const wrong = spoil(row);
    const name = wrong === 'name' ? '' : `Customer ${row}`;
    const email = wrong === 'email' ? 'no address' : `customer${row}@example.com`;
    lines.push(`${name},${email},+1 555 ${row},"Prefers mornings, always",yes,${prefix}-${row}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

async function ask({ client, tenant }: Site, path: string, json?: object): Promise<Body> {
  const answer = await client.api(tenant, path, json ? { json } : {});
  if (answer.status >= 300) throw new Error(`${path} answers ${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text);
}

async function upload(site: Site, merchant: string, csv: string): Promise<string> {
  const { id } = await ask(site, '/api/imports', {
    kind: 'end_customer',
    merchant_id: merchant,
    file_name: 'proof.csv',
  });
  for (let from = 0, position = 1; from < csv.length; from += PART, position += 1) {
    const is_last = from + PART >= csv.length;
    await ask(site, `/api/imports/${id}/parts`, { position, csv: csv.slice(from, from + PART), is_last });
  }
  return id;
}

/** Takes a step and lets the clock tick until the import has left the state that it leads to. */
async function take(site: Site, id: string, step: 'check' | 'apply'): Promise<Body> {
  await ask(site, `/api/imports/${id}/${step}`, {});
  return settled(site, id);
}

/** One beat of the clock, not waited for: it lasts as long as the jobs that it finds. */
function tick({ system }: Site): void {
  void statusOf(system.tickPort(), 'tick', '/', 'POST').catch(() => 0);
}

async function settled(site: Site, id: string): Promise<Body> {
  for (;;) {
    tick(site);
    const found = await ask(site, `/api/imports/${id}`);
    if (found.status !== 'checking' && found.status !== 'applying') return found;
    await sleep(200);
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; answer: T }> {
  const began = performance.now();
  const answer = await work();
  return { seconds: (performance.now() - began) / 1000, answer };
}

async function addPerson(admin: Admin): Promise<void> {
  await admin.begin();
  await admin.rows(
    `WITH person AS (INSERT INTO users (email, name, status, password_hash) VALUES ($1, 'Ann', 'active', $2) RETURNING id)
     INSERT INTO role_assignments (user_id, role_id) SELECT p.id, r.id FROM person p, roles r WHERE r.key = 'owner'`,
    [PERSON.email, await hashPassword(PERSON.password)],
  );
  await admin.rows('COMMIT');
}

async function importWhole(site: Site, merchant: string, csv: string) {
  const uploaded = await timed(() => upload(site, merchant, csv));
  const checked = await timed(() => take(site, uploaded.answer, 'check'));
  if (checked.answer.status !== 'ready') throw new Error(`The check answers ${checked.answer.status}`);
  const applied = await timed(() => take(site, uploaded.answer, 'apply'));
  if (applied.answer.status !== 'done') throw new Error(`Applying answers ${applied.answer.status}`);
  return { upload: uploaded.seconds, check: checked.seconds, apply: applied.seconds };
}

async function reportBad(site: Site, merchant: string, rows: number) {
  const every = Math.floor(rows / BAD_ROWS);
  const isBad = (row: number) => row % every === 0 && row / every < BAD_ROWS;
  const csv = fileOf(rows, 'bad', (row) => (isBad(row) ? (row % 2 === 0 ? 'email' : 'name') : null));
  const id = await upload(site, merchant, csv);
  const found = await take(site, id, 'check');
  if (found.status !== 'bad' || found.bad_row_count !== BAD_ROWS) throw new Error('The bad rows were not counted');
  const errors = (await ask(site, `/api/imports/${id}/errors?limit=200`)) as unknown as {
    data: ImportFigures['reported'];
  };
  const wanted = Array.from({ length: BAD_ROWS }, (_, index) => index * every).map((row) => ({
    line: row + 2,
    message: row % 2 === 0 ? 'must be an e-mail address' : 'is required',
  }));
  return { wanted, reported: errors.data.map(({ line, message }) => ({ line, message })) };
}

/** How many connections a role has now, whatever the transaction at hand has seen of them before. */
async function connectionsOf(admin: Admin, role: string, more = ''): Promise<number> {
  await admin.rows('SELECT pg_stat_clear_snapshot()');
  const [found] = await admin.rows<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE usename = $1 ${more}`,
    [role],
  );
  return Number(found?.count);
}

/** Somebody holds the last row's external id, uncommitted: there the import waits, with nearly all of its rows written. */
async function killInTheMiddle(site: Site, merchant: string, { rows, waitsForLease }: ImportOptions) {
  const { system, admin, tenant } = site;
  const id = await upload(site, merchant, fileOf(rows, 'kill'));
  await take(site, id, 'check');
  await admin.begin();
  await admin.rows(`INSERT INTO end_customers (merchant_id, name, external_id) VALUES ($1, 'Held', $2)`, [
    merchant,
    `kill-${rows - 1}`,
  ]);
  await ask(site, `/api/imports/${id}/apply`, {});
  const role = tenant.record.role;
  while ((await connectionsOf(admin, role, `AND wait_event_type = 'Lock'`)) === 0) {
    tick(site);
    await sleep(100);
  }
  await system.killWorker();
  await admin.rows('ROLLBACK');
  const state = async () => {
    const [found] = await admin.rows<{ customers: string; changes: string; events: string; status: string }>(
      `SELECT (SELECT count(*) FROM end_customers WHERE merchant_id = $2) AS customers,
         (SELECT count(*) FROM audit_changes c JOIN import_rows r ON r.row_id::text = c.row_id WHERE r.import_id = $1) AS changes,
         (SELECT count(*) FROM audit_events e WHERE e.action = 'import.write' AND e.resource_id = $1::text) AS events,
         (SELECT status FROM imports WHERE id = $1) AS status`,
      [id, merchant],
    );
    const { customers, changes, events, status } = found!;
    return { customers: Number(customers), changes: Number(changes), events: Number(events), status };
  };
  // The server ends what the dead worker had begun once it notices.
  while ((await connectionsOf(admin, role)) > 0) await sleep(50);
  const { events: _, ...afterKill } = await state();
  await system.startWorker();
  if (!waitsForLease)
    await admin.rows(`UPDATE jobs SET locked_until = now() WHERE operation = 'import.write' AND state = 'running'`);
  const { seconds } = await timed(() => settled(site, id));
  const { changes: __, ...afterRerun } = await state();
  return { afterKill, afterRerun: { ...afterRerun, seconds } };
}

export async function measureImport(options: ImportOptions): Promise<ImportFigures> {
  const { rows, quietMs, log } = options;
  const system = await startLocalSystem({ log: () => {} });
  const client = createClient(system.workerPort);
  const tenant = await system.createTenant('import');
  const site: Site = { system, client, tenant, admin: await connectTo(system, tenant) };
  try {
    await addPerson(site.admin);
    const org = await ask(site, '/api/merchant-orgs', { name: 'Harbor & Pine' });
    const merchants = await Promise.all(
      ['First', 'Second', 'Third'].map((name) => ask(site, '/api/merchants', { merchant_org_id: org.id, name })),
    );
    const [first, second, third] = merchants.map(({ id }) => id) as [string, string, string];
    const page = `/merchants/${first}/customers`;
    const before = await whileWatched(system, () =>
      whileAsked(client, tenant.slug, PERSON, page, () => sleep(quietMs)),
    );
    log(`before: page ${before.done.waits.page.toFixed(0)} ms, sign-in ${before.done.waits.signIn.toFixed(0)} ms`);
    const csv = fileOf(rows, 'whole');
    const whole = await whileWatched(system, () =>
      whileAsked(client, tenant.slug, PERSON, page, () => importWhole(site, first, csv)),
    );
    log(`imported ${rows} customers`);
    const bad = await reportBad(site, second, rows);
    log(`reported ${bad.reported.length} bad rows`);
    const killed = await killInTheMiddle(site, third, options);
    return {
      rows,
      mib: csv.length / 1024 / 1024,
      seconds: whole.done.done,
      before: before.done.waits,
      meanwhile: whole.done.waits,
      held: whole.held,
      heldBefore: before.held,
      ...bad,
      ...killed,
    };
  } finally {
    client.close();
    await site.admin.end();
    await system.stop();
  }
}

/** What is not as it must be. */
export function faultsOf({ rows, reported, wanted, afterKill, afterRerun }: ImportFigures): string[] {
  const events = Math.ceil(rows / 1_000) + 1;
  return [
    ...(JSON.stringify(reported) === JSON.stringify(wanted) ? [] : ['the bad rows reported are not those of the file']),
    ...(afterKill.customers === 0 && afterKill.changes === 0 ? [] : ['the killed import left something']),
    ...(afterKill.status === 'applying' ? [] : [`the killed import is ${afterKill.status}`]),
    ...(afterRerun.customers === rows && afterRerun.status === 'done' ? [] : ['the import did not succeed afterwards']),
    ...(afterRerun.events === events ? [] : [`the trail has ${afterRerun.events} events instead of ${events}`]),
  ];
}

/** The long form: prints the figures side by side. @throws when anything was lost, left or not reported */
export async function proveImport(options: ImportOptions): Promise<string> {
  const figures = await measureImport(options);
  const { rows, mib, seconds, before, meanwhile, held, heldBefore, afterRerun } = figures;
  const line = (what: string, was: number, is: number, unit: string) =>
    `${what.padEnd(44)}${`${was.toFixed(0)} ${unit}`.padStart(12)}${`${is.toFixed(0)} ${unit}`.padStart(14)}${`× ${(is / was).toFixed(2)}`.padStart(9)}`;
  const lines = [
    `${rows} customers of one merchant, ${mib.toFixed(1)} MiB: uploaded in ${seconds.upload.toFixed(1)} s, checked in ${seconds.check.toFixed(1)} s, applied in one transaction in ${seconds.apply.toFixed(1)} s`,
    `${''.padEnd(44)}${'before'.padStart(12)}${'meanwhile'.padStart(14)}`,
    line('page of the customers, p95', before.page, meanwhile.page, 'ms'),
    line('sign-in, p95', before.signIn, meanwhile.signIn, 'ms'),
    line('worker, resident, at most', heldBefore.worker, held.worker, 'MiB'),
    line('largest process of Postgres, its own, at most', heldBefore.postgres, held.postgres, 'MiB'),
    `${BAD_ROWS} bad rows among ${rows}: ${figures.reported.length} reported`,
    `kill -9 of the worker with nearly all rows written: ${figures.afterKill.customers} rows left; ${afterRerun.customers} there ${afterRerun.seconds.toFixed(0)} s after its restart`,
  ];
  const faults = faultsOf(figures);
  if (faults.length > 0) throw new Error([...lines, '', ...faults].join('\n'));
  return lines.join('\n');
}
