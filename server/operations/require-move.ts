import { DomainError } from './errors.ts';
import { type StateMachine, whyNoMove } from './states.ts';

/** For a row that is locked: the action must leave its state. @throws DomainError `conflict` */
export function requireMove<State extends string, Action extends string>(
  machine: StateMachine<State, Action>,
  action: Action,
  state: State,
): void {
  const why = whyNoMove(machine, action, state);
  if (why) throw new DomainError('conflict', why);
}
