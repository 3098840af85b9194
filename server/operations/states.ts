// State machines as code and pages know them. The database decides (state_moves, 12-states.sql); a test holds both equal.
// Browser-safe: pages offer the moves that there are.

/** For each action, the states that it leaves and the one that it leads to. */
export type StateMachine<State extends string = string, Action extends string = string> = {
  /** As state_moves names it; also the word for what moves. */
  readonly name: string;
  readonly initial: State;
  readonly moves: Readonly<Record<Action, { readonly from: readonly State[]; readonly to: State }>>;
};

/** Names the states and actions of a machine from its declaration. */
export function defineStates<State extends string, Action extends string>(
  machine: StateMachine<State, Action>,
): StateMachine<State, Action> {
  return machine;
}

/** Why the action does not leave that state, as a sentence; null where it does. */
export function whyNoMove<State extends string, Action extends string>(
  machine: StateMachine<State, Action>,
  action: Action,
  state: State,
): string | null {
  if (movesFrom(machine, state).includes(action)) return null;
  const words = (name: string) => name.replaceAll('_', ' ');
  return `This ${words(machine.name)} is ${words(state)}; what is ${words(state)} cannot become ${words(machine.moves[action].to)}.`;
}

/** What can be done in a state, in the order of the declaration. */
export function movesFrom<State extends string, Action extends string>(
  { moves }: StateMachine<State, Action>,
  state: State,
): Action[] {
  return (Object.keys(moves) as Action[]).filter((action) => moves[action].from.includes(state));
}
