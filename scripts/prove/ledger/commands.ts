import fc from 'fast-check';

// What callers may ask of a ledger, as data: indexes stand for accounts, books and transactions of the run.

/** Accounts of one book of a run, by place: the first five in USD, one of them with limits, the last two in EUR. */
export const PLACES = ['cash', 'receivable', 'payable', 'revenue', 'limited', 'euro_cash', 'euro_payable'] as const;
const DOLLARS = [0, 1, 2, 3, 4];
const EUROS = [5, 6];

/** Money from one account of a book to another of the same book and currency. */
export type Move = { book: number; debit: number; credit: number; amount: number };
export type Flaw = 'unbalanced' | 'across_currencies' | 'unknown_account' | 'zero';
export type Header = { daysAgo: number; onClosed: 'refuse' | 'next_open'; hold: boolean; isLapsed: boolean };

export type Command =
  | { kind: 'post'; moves: Move[]; header: Header; flaw: Flaw | null; twin: boolean }
  | { kind: 'batch'; moves: Move[]; header: Header; flaw: Flaw | null; twin: boolean }
  | {
      kind: 'typed';
      type: 'transfer' | 'adjustment';
      from: number;
      to: number;
      amount: number;
      currency: string;
      header: Header;
      twin: boolean;
    }
  | { kind: 'capture'; target: number; percent: number | null; daysAgo: number | null; twin: boolean }
  | { kind: 'void'; target: number; twin: boolean }
  | { kind: 'reverse'; target: number; daysAgo: number | null; onClosed: 'refuse' | 'next_open'; twin: boolean }
  | { kind: 'replay'; target: number }
  | { kind: 'misuse'; target: number }
  | { kind: 'close'; book: number; monthsAgo: number }
  | { kind: 'limit'; book: number; minimum: number | null; room: number | null }
  | { kind: 'fold'; journals: number; linesPerMark: number }
  | { kind: 'expire' };

const amount = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 9_000_000_000 }));
const twin = fc.integer({ min: 0, max: 3 }).map((chance) => chance === 0);
const daysAgo = fc.integer({ min: 0, max: 100 });
const target = fc.nat({ max: 30 });
const onClosed = fc.constantFrom('refuse' as const, 'next_open' as const);
const moveIn = (places: number[]) =>
  fc.record({
    book: fc.nat({ max: 1 }),
    debit: fc.constantFrom(...places),
    credit: fc.constantFrom(...places),
    amount,
  });
const move = fc.oneof({ weight: 4, arbitrary: moveIn(DOLLARS) }, { weight: 1, arbitrary: moveIn(EUROS) });
const moves = fc.array(move, { minLength: 1, maxLength: 3 });
const header = fc.record({
  daysAgo,
  onClosed,
  hold: fc.boolean(),
  isLapsed: fc.integer({ min: 0, max: 4 }).map((chance) => chance === 0),
});
const flaw = fc.oneof(
  { weight: 9, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom<Flaw>('unbalanced', 'across_currencies', 'unknown_account', 'zero') },
);

const kind = <const K extends string>(name: K) => fc.constant(name);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: kind('post'), moves, header, flaw, twin }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('batch'), moves, header, flaw, twin }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('typed'),
      type: fc.constantFrom('transfer' as const, 'adjustment' as const),
      from: fc.nat({ max: 2 }),
      to: fc.nat({ max: 2 }),
      amount,
      currency: fc.constantFrom('USD', 'EUR', 'JPY'),
      header,
      twin,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('capture'),
      target,
      percent: fc.option(fc.integer({ min: 0, max: 120 })),
      daysAgo: fc.option(daysAgo),
      twin,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('void'), target, twin }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('reverse'), target, daysAgo: fc.option(daysAgo), onClosed, twin }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('replay'), target }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('misuse'), target }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('close'), book: fc.nat({ max: 1 }), monthsAgo: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('limit'),
      book: fc.nat({ max: 1 }),
      minimum: fc.option(fc.integer({ min: -1_000, max: 200 })),
      room: fc.option(fc.integer({ min: 0, max: 2_000 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('fold'),
      journals: fc.integer({ min: 1, max: 5 }),
      linesPerMark: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('expire') }) },
);

/** Batches of commands: those of one batch are run at the same time. */
export const commandBatches: fc.Arbitrary<Command[][]> = fc.array(fc.array(command, { minLength: 4, maxLength: 8 }), {
  minLength: 2,
  maxLength: 3,
});
