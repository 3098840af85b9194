// Whether the product works, and stays apart from its neighbours: what it depends on, its jobs, its seal, and a probe
// that goes through the homes of two tenants at the same time and has the database say whose each one is.
import type { CommonQueryMethods } from 'slonik';
import { requireWholeTenant } from '../../operations/actor.ts';
import { sqlStateOf } from '../../operations/database-errors.ts';
import { newId } from '../../operations/id.ts';
import { enqueue } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { readSeal } from '../seal/operations.ts';
import { notifyOwners } from '../user/operations.ts';
import {
  countWaitingMail,
  type Identity,
  insertProbe,
  readCanariesOf,
  selectIdentity,
  selectJobFigures,
  selectLastProbe,
  selectOne,
  selectOtherSchemas,
  writeCanary,
} from './queries.ts';
import { alarmInput, type Health, health, probe } from './schemas.ts';

const ROUNDS = 8;
const SCHEMAS_TRIED = 3;
const INSUFFICIENT_PRIVILEGE = '42501';

const SLOW_JOB_SECONDS = 300;
const OLD_PROBE_MS = 60 * 60_000;
const PATIENCE_MS = 2_000;

/** Whose a home's connections are: what a neighbour's probe asks of it. */
export function identify(tx: CommonQueryMethods): Promise<Identity> {
  return selectIdentity(tx);
}

function strayAmong(found: readonly Identity[], id: string, what: string): string[] {
  const isStray = ({ tenant_id, role, schema, canaries }: Identity) =>
    tenant_id !== id || role !== schema || canaries.some((canary) => canary.tenant_id !== id);
  return found.some(isStray) ? [`${what} was answered from the schema of another tenant.`] : [];
}

/** Tries to read what belongs to others: each attempt must be refused by the database. */
async function tryOthers(ctx: Context): Promise<{ refused: number; findings: string[] }> {
  const findings: string[] = [];
  let refused = 0;
  for (const { schema, is_open: isOpen } of await selectOtherSchemas(ctx.tx, SCHEMAS_TRIED)) {
    const state = await readCanariesOf(ctx.tx, schema).then(() => 'open', sqlStateOf);
    if (state === INSUFFICIENT_PRIVILEGE && !isOpen) refused += 1;
    else findings.push('The login of this tenant may look into the schema of another.');
  }
  return { refused, findings };
}

/** Writes this tenant's canary and reads it back many times, while the home of another tenant is asked in between. */
async function interleave(ctx: Context) {
  const { id, role, schema } = ctx.tenant;
  const token = newId();
  await writeCanary(ctx.tx, id, token);
  const neighbour = await ctx.services.surroundings.neighbour();
  const rounds = Array.from({ length: ROUNDS }, () =>
    Promise.all([selectIdentity(ctx.tx), neighbour === null ? null : neighbour.identify()]),
  );
  const seen = await Promise.all(rounds);
  const own = seen.map(([mine]) => mine);
  const others = seen.flatMap(([, theirs]) => (theirs === null ? [] : [theirs]));
  const findings = [
    ...strayAmong(own, id, 'The home of this tenant'),
    ...(neighbour === null ? [] : strayAmong(others, neighbour.id, 'The home of another tenant')),
    ...(own.some((each) => each.role !== role || each.schema !== schema)
      ? ['The login of this tenant is not its own.']
      : []),
    ...(own.some(({ canaries }) => canaries[0]?.token !== token) ? ['What was written was not read back.'] : []),
  ];
  return { findings, own: own.length, others: others.length };
}

/** Runs by itself. Changes nothing of record, so it leaves no audit event; what it finds does. */
export const isolationProbe = defineOperation({
  name: 'isolation.probe',
  kind: 'read',
  risk: 'read',
  permission: 'job:run',
  resource: 'isolation',
  summary: 'Prove that this tenant and another are kept apart',
  input: empty,
  output: probe,
  closedDoors: { http: 'Runs every quarter of an hour.', mcp: 'Runs every quarter of an hour.' },
  run: async (ctx) => {
    const leadsTo = await ctx.services.surroundings.tenantAtOwnHost();
    const hosts = leadsTo === null || leadsTo === ctx.tenant.id ? [] : ['The host leads to another tenant.'];
    const woven = await interleave(ctx);
    const others = await tryOthers(ctx);
    const kept = await insertProbe(ctx.tx, {
      own_reads: woven.own,
      neighbour_reads: woven.others,
      refused_schemas: others.refused,
      findings: [...new Set([...hosts, ...woven.findings, ...others.findings])],
    });
    if (kept.findings.length > 0) {
      const input = { probe_id: kept.id, findings: kept.findings };
      await enqueue(ctx, 'isolation.alarm', input, { uniqueKey: 'isolation.alarm' });
    }
    return kept;
  },
});

export const isolationAlarm = defineOperation({
  name: 'isolation.alarm',
  kind: 'write',
  risk: 'write',
  permission: 'job:run',
  resource: 'isolation',
  summary: 'Tell the owners that the isolation probe failed',
  input: alarmInput,
  output: empty,
  closedDoors: { http: 'Queued by the isolation probe.', mcp: 'Queued by the isolation probe.' },
  describe: ({ findings }) => `The isolation probe failed: ${findings.join(' ')}`,
  run: async (ctx, { findings }) => {
    const words = `${findings.join('\n')}\n\nSee System health in the portal, and call the operator of the platform.`;
    await notifyOwners(ctx, 'The isolation of your portal failed a check', words);
    return {};
  },
});

async function timed(name: Health['dependencies'][number]['name'], ask: () => Promise<unknown>) {
  const started = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
  });
  const isReachable = await Promise.race([ask(), late]).then(
    () => true,
    () => false,
  );
  clearTimeout(timer);
  return { name, is_reachable: isReachable, latency_ms: Date.now() - started };
}

type Seen = Omit<Health, 'status' | 'reasons'>;

function judge(seen: Seen, isCounting: boolean, now: Date): Pick<Health, 'status' | 'reasons'> {
  const { dependencies, jobs, mail, seal, probe: last } = seen;
  const failing = [
    ...dependencies
      .filter((each) => !each.is_reachable)
      .map(({ name }) => `The ${name.replace('_', ' ')} cannot be reached.`),
    ...(last && last.findings.length > 0 ? ['The last isolation probe failed.'] : []),
    ...(seal.problems ? ['The last verification of the ledger found problems.'] : []),
  ];
  const isOld = last !== null && now.getTime() - Date.parse(last.probed_at) > OLD_PROBE_MS;
  const attention = [
    ...(jobs.dead > 0 ? ['Some jobs have used up their attempts.'] : []),
    ...(isCounting ? [] : ['What is used cannot be counted: quotas are held by old figures.']),
    ...(jobs.lag_seconds > SLOW_JOB_SECONDS ? ['Jobs are late.'] : []),
    ...(mail.waiting > 0 && !mail.can_leave ? ['Mail waits: no e-mail provider is connected.'] : []),
    ...(last === null ? ['No isolation probe has run yet.'] : isOld ? ['The last isolation probe is old.'] : []),
  ];
  const status = failing.length > 0 ? 'failing' : attention.length > 0 ? 'attention' : 'ok';
  return { status, reasons: [...failing, ...attention] };
}

export const healthGet = defineOperation({
  name: 'health.get',
  kind: 'read',
  risk: 'read',
  permission: 'health:read',
  resource: 'health',
  summary: 'Read the health of the system',
  input: empty,
  output: health,
  http: { method: 'GET', path: '/api/health' },
  run: async (ctx) => {
    requireWholeTenant(ctx.scope, 'Figures of the system');
    const { surroundings } = ctx.services;
    const dependencies = await Promise.all([
      timed('database', () => selectOne(ctx.tx)),
      timed('catalog', () => surroundings.catalog()),
      timed('rate_limits', () => surroundings.rateLimits()),
    ]);
    const [jobs, waiting, { seal, chain }, last] = await Promise.all([
      selectJobFigures(ctx.tx),
      countWaitingMail(ctx.tx),
      readSeal(ctx),
      selectLastProbe(ctx.tx),
    ]);
    const seen = {
      checked_at: ctx.now.toISOString(),
      dependencies,
      jobs,
      mail: { can_leave: ctx.services.hasMailbox, waiting },
      seal: { ...seal, problems: chain?.verification?.problems ?? null },
      probe: last,
    };
    return { ...judge(seen, ctx.services.usage.isCounting(), ctx.now), ...seen };
  },
});
