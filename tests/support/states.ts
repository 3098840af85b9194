import { expect } from 'vitest';
import type { StateMachine } from '../../server/operations/states.ts';
import type { TestTenant } from './tenant.ts';

/** Every state of a machine, in the order in which it knows them. */
export function statesOf(machine: StateMachine): string[] {
  const moves = Object.values(machine.moves);
  return [...new Set([machine.initial, ...moves.flatMap(({ from, to }) => [...from, to])])];
}

/** Puts a row into a state past every rule but the table's own checks, for which `also` may set more columns. */
export async function forceState(
  tenant: TestTenant,
  table: string,
  id: string,
  state: string,
  also = '',
): Promise<void> {
  await tenant.rows('SET session_replication_role = replica');
  try {
    await tenant.rows(`UPDATE ${table} SET status = $1 ${also} WHERE id = $2`, [state, id]);
  } finally {
    await tenant.rows('SET session_replication_role = origin');
  }
}

/**
 * Tries every move between two states in SQL, inside a unit of work, and expects the database to take exactly those of
 * the machine. `id` is a row of the table that nothing else depends on. `also` sets what the table asks for beside a status ($1).
 */
export async function walkInSql(
  tenant: TestTenant,
  machine: StateMachine,
  table: string,
  id: string,
  also = '',
): Promise<void> {
  for (const from of statesOf(machine)) {
    for (const to of statesOf(machine)) {
      await forceState(tenant, table, id, from, also);
      const isMove = Object.values(machine.moves).some((move) => move.to === to && move.from.includes(from));
      const tried = tenant
        .arrange(`UPDATE ${table} SET status = $1 ${also} WHERE id = $2 RETURNING status`, [to, id])
        .then(
          ([row]) => row?.status,
          (error: { code?: string }) => error.code,
        );
      expect([from, to, await tried]).toEqual([from, to, isMove || from === to ? to : 'SCP01']);
    }
  }
}
