import { DomainError } from './errors.ts';
import { movesFrom, type StateMachine } from './states.ts';

/** For a row that is locked: the action must leave its state. @throws DomainError `conflict` */
export function requireMove<State extends string, Action extends string>(
  machine: StateMachine<State, Action>,
  action: Action,
  state: State,
): void {
  if (movesFrom(machine, state).includes(action)) return;
  const words = (name: string) => name.replaceAll('_', ' ');
  throw new DomainError(
    'conflict',
    `This ${words(machine.name)} is ${words(state)}; what is ${words(state)} cannot become ${words(machine.moves[action].to)}.`,
  );
}
