import { ACCOUNTS, type Call, type Transfer } from './contender.ts';

/** A kind of load. `draw` makes the next call, of `transactions` transactions. */
export type Scenario = { readonly name: string; readonly title: string; readonly transactions: number; draw(): Call };

const BATCH = 100;

export const SCENARIOS: readonly Scenario[] = [
  { name: 'random', title: 'random pairs', transactions: 1, draw: () => [[pair()]] },
  { name: 'hot', title: 'one hot account', transactions: 1, draw: () => [[hotPair()]] },
  { name: 'legs', title: '4 legs', transactions: 1, draw: () => [twoPairs()] },
  {
    name: 'batch',
    title: `batch of ${BATCH}`,
    transactions: BATCH,
    draw: () => Array.from({ length: BATCH }, () => [pair()]),
  },
];

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function pair(): Transfer {
  const from = below(ACCOUNTS);
  return { from, to: (from + 1 + below(ACCOUNTS - 1)) % ACCOUNTS, amount: 1 + below(10_000) };
}

/** Account 0 takes part in every one, now giving, now receiving. */
function hotPair(): Transfer {
  const other = 1 + below(ACCOUNTS - 1);
  const amount = 1 + below(10_000);
  return Math.random() < 0.5 ? { from: 0, to: other, amount } : { from: other, to: 0, amount };
}

/** Four different accounts. */
function twoPairs(): [Transfer, Transfer] {
  const first = pair();
  for (;;) {
    const second = pair();
    const met = new Set([first.from, first.to, second.from, second.to]);
    if (met.size === 4) return [first, second];
  }
}
