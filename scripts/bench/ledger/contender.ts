import type pg from 'pg';

/** How many accounts every ledger has. */
export const ACCOUNTS = 1_000;

/** From one account to another, each named by its number (0 … 999); the amount in minor units. */
export type Transfer = { readonly from: number; readonly to: number; readonly amount: number };

/** What one call posts: transactions of one or more transfers each. A transfer is two lines: the receiver's debit first. */
export type Call = readonly (readonly Transfer[])[];

/** How much a ledger was told to hold, and so must hold. */
export type Posted = { calls: number; transactions: number; transfers: number };

/** Empty books with 1,000 accounts, in a schema of their own. */
export type Ledger = {
  /** How a client gets in. */
  readonly login: pg.ClientConfig;
  /** The call as a prepared statement: the same name always has the same text. */
  statement(call: Call): pg.QueryConfig;
  /** What is done behind the postings, by a job: folds, seals and indexes what was posted. */
  settle?(): Promise<void>;
  /** @throws when rows are missing or too many, or when anything does not balance */
  verify(posted: Posted): Promise<void>;
  drop(): Promise<void>;
};

/** One way to keep books. */
export type Contender = {
  readonly name: 'ours' | 'pgledger' | 'bare';
  /** Makes fresh books; `name` has letters, digits and underscores. */
  open(name: string): Promise<Ledger>;
};

/** @throws when a count differs from what was expected of it; `found` as Postgres answers it, in text */
export function expectCounts(whose: string, found: Record<string, string>, expected: Record<string, number>): void {
  for (const [what, count] of Object.entries(expected)) {
    if (Number(found[what]) !== count) {
      throw new Error(`${whose}: ${what} is ${found[what]}, should be ${count}`);
    }
  }
}
