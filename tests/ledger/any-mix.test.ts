import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, clientOf, doorOf } from '../support/door.ts';
import { type Books, openBooks, type Side } from './books.ts';

const RUNS = 100;
const parties = ['tenant', 'org', 'merchant', 'otherMerchant'] as const;
const purposes = ['cash', 'receivable', 'payable', 'revenue', 'operating_expense'] as const;

type RawLine = { party: (typeof parties)[number]; purpose: (typeof purposes)[number]; side: Side; amount: number };
type Command =
  | { kind: 'raw'; lines: RawLine[]; isBalanced: boolean; key: number | null }
  | {
      kind: 'typed';
      type: 'transfer' | 'adjustment';
      from: number;
      to: number;
      amount: number;
      currency: string;
      key: number | null;
    };

const amount = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 9_000_000_000 }));
const key = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null });
const rawLine = fc.record({
  party: fc.constantFrom(...parties),
  purpose: fc.constantFrom(...purposes),
  side: fc.constantFrom<Side>('debit', 'credit'),
  amount,
});
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('raw' as const),
    lines: fc.array(rawLine, { minLength: 1, maxLength: 6 }),
    isBalanced: fc.boolean(),
    key,
  }),
  fc.record({
    kind: fc.constant('typed' as const),
    type: fc.constantFrom('transfer' as const, 'adjustment' as const),
    from: fc.integer({ min: 0, max: 3 }),
    to: fc.integer({ min: 0, max: 3 }),
    amount,
    currency: fc.constantFrom('USD', 'EUR'),
    key,
  }),
);

let books: Books;
let callers: Client[];
/** What every answered posting has put on each account. */
const expected = new Map<string, number>();
const answered = new Map<string, string>();
let run = 0;

beforeAll(async () => {
  books = await openBooks();
  const another = books.tenant.anotherHome();
  callers = [books.owner, clientOf(doorOf(another, books.tenant.origin), books.tenant.apiKey)];
});
afterAll(() => books?.site.stop());

/** Balances lines by mirroring each in the same book. */
function mirrored(lines: RawLine[]): RawLine[] {
  const other = { debit: 'credit', credit: 'debit' } as const;
  return lines.flatMap((line) => [line, { ...line, purpose: 'payable' as const, side: other[line.side] }]);
}

function bodyOf(given: Command): object {
  if (given.kind === 'raw') {
    const lines = given.isBalanced ? mirrored(given.lines) : given.lines;
    return {
      description: 'Any mix',
      lines: lines.map(({ party, purpose, side, amount: of }) => ({
        account_id: books.account(party, purpose),
        side,
        amount: of,
      })),
    };
  }
  const { type, from, to, currency } = given;
  return {
    type,
    from: books.party[parties[from]!],
    to: books.party[parties[to]!],
    amount: { amount: given.amount, currency },
  };
}

async function send(given: Command, caller: Client): Promise<void> {
  const named = given.key === null ? null : `run-${run}-${given.key}`;
  const answer = await caller.post('/api/transactions', bodyOf(given), named ? { 'idempotency-key': named } : {});
  expect([201, 409, 422], answer.text).toContain(answer.status);
  if (answer.status !== 201) return;
  if (named) {
    const first = answered.get(named);
    answered.set(named, answer.text);
    if (first !== undefined) {
      expect(answer.text).toBe(first);
      return;
    }
  }
  for (const { lines } of answer.body.journals) {
    for (const line of lines as { account_id: string; side: Side; amount: number }[]) {
      const change = line.side === 'debit' ? line.amount : -line.amount;
      expected.set(line.account_id, (expected.get(line.account_id) ?? 0) + change);
    }
  }
}

test('any mix of postings by concurrent callers keeps LHS = RHS per book and currency; replays change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 6 }), async (commands) => {
      run += 1;
      await Promise.all(commands.map((given, index) => send(given, callers[index % callers.length]!)));
      const { body } = await books.owner.get('/api/ledger/integrity');
      const sides = body.books as { debits: number; credits: number; difference: number }[];
      expect(body.balanced).toBe(true);
      for (const { debits, credits, difference } of sides) expect([debits, difference]).toEqual([credits, 0]);
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
  expect(run).toBeGreaterThan(10);
  const rows = await books.tenant.rows(
    `SELECT account_id, sum(CASE side WHEN 'debit' THEN amount ELSE -amount END)::text AS balance
     FROM transaction_lines GROUP BY account_id`,
  );
  expect(new Map(rows.map((row) => [String(row.account_id), Number(row.balance)]))).toEqual(expected);
  for (const [account, balance] of [...expected].slice(0, 10)) expect(await books.balanceOf(account)).toBe(balance);
}, 120_000);

test('balances are those of the instant or the day that is asked for', async () => {
  const body = { code: 'DATED', name: 'Dated', type: 'asset', currency: 'USD' };
  const account = (await books.owner.post('/api/accounts', body)).body.id;
  const revenue = books.account('tenant', 'revenue');
  const instants: string[] = [];
  for (const [date, of] of [
    ['2026-01-10', 1],
    ['2026-01-05', 10],
    ['2026-01-20', 100],
  ] as const) {
    const lines = [
      { account_id: account, side: 'debit' as const, amount: of },
      { account_id: revenue, side: 'credit' as const, amount: of },
    ];
    instants.push(String((await books.post(lines, { effective_date: date })).body.recorded_at));
  }
  const at = async (query: string) => (await books.owner.get(`/api/accounts/${account}/balance?${query}`)).body.balance;
  expect(await at('')).toBe(111);
  expect(await at('axis=effective&at=2026-01-04')).toBe(0);
  expect(await at('axis=effective&at=2026-01-05')).toBe(10);
  expect(await at('axis=effective&at=2026-01-10')).toBe(11);
  expect(await at(`axis=recorded&at=${instants[0]}`)).toBe(1);
  expect(await at(`axis=recorded&at=${instants[1]}`)).toBe(11);
});
