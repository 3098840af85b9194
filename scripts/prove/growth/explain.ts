import type pg from 'pg';
import type { DatabasePool } from 'slonik';
import { systemActor } from '../../../server/operations/actor.ts';
import { execute, type Runtime } from '../../../server/operations/execute.ts';
import type { Operation } from '../../../server/operations/operation.ts';
import { median } from '../../bench/measure.ts';

/** What the database did for one call of an operation: medians over several runs of all its statements together. */
export type Cost = { ms: number; blocks: number; plans: string[]; answer: unknown };

type Statement = { sql: string; values: readonly unknown[] };

const METHODS = new Set([
  'any',
  'anyFirst',
  'many',
  'manyFirst',
  'maybeOne',
  'maybeOneFirst',
  'one',
  'oneFirst',
  'query',
  'exists',
]);

/** Slonik names its parameters until it sends them. */
const numbered = (sql: string) => sql.replace(/\$slonik_(\d+)/g, '$$$1');

/** Passes every statement on, and notes it. */
function noting(pool: DatabasePool, into: Statement[]): DatabasePool {
  return new Proxy(pool, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      if (!METHODS.has(String(name))) return member.bind(target);
      return (statement: Statement) => {
        into.push({ sql: numbered(statement.sql), values: statement.values });
        return (member as (given: unknown) => unknown).call(target, statement);
      };
    },
  });
}

/** Runs an operation that only reads, then explains each statement that it sent, with the values that it sent. */
export async function costOf<I, O>(
  runtime: Runtime,
  role: pg.Client,
  operation: Operation<I, O>,
  input: I,
  times = 5,
): Promise<Cost> {
  const statements: Statement[] = [];
  const noted: Runtime = {
    ...runtime,
    withPool: <T>(use: (pool: DatabasePool) => Promise<T>) => runtime.withPool((pool) => use(noting(pool, statements))),
  };
  const { data } = await execute(noted, operation, systemActor('prover', 'Prover'), input, {
    requestId: 'prove',
    door: 'command',
  });
  const costs = [];
  for (let time = 0; time < times; time += 1) costs.push(await explainAll(role, statements));
  return {
    ms: median(costs.map(({ ms }) => ms)),
    blocks: median(costs.map(({ blocks }) => blocks)),
    plans: costs[0]!.plans,
    answer: data,
  };
}

type Explained = {
  'Planning Time': number;
  'Execution Time': number;
  Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number };
};

async function explainAll(role: pg.Client, statements: readonly Statement[]) {
  let [ms, blocks] = [0, 0];
  const plans: string[] = [];
  for (const { sql, values } of statements) {
    const { rows } = await role.query<{ 'QUERY PLAN': Explained[] }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, [
      ...values,
    ]);
    const explained = rows[0]!['QUERY PLAN'][0]!;
    ms += explained['Planning Time'] + explained['Execution Time'];
    blocks += explained.Plan['Shared Hit Blocks'] + explained.Plan['Shared Read Blocks'];
    plans.push(JSON.stringify(explained.Plan));
  }
  return { ms, blocks, plans };
}
