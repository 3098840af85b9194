import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bank, openBank, type Row } from './bank.ts';

const RUNS = 25;

let bank: Bank;
beforeAll(async () => {
  bank = await openBank();
});
afterAll(() => bank?.books.site.stop());

const day = (number: number) => `2026-05-${String(number).padStart(2, '0')}`;

/** What was posted, and how the bank tells it: as it is, late, in one line with its neighbours, in two lines, or not at all. */
const posting = fc.record({
  day: fc.integer({ min: 1, max: 20 }),
  amount: fc.integer({ min: -400, max: 400 }).filter((amount) => amount !== 0),
  isNamed: fc.boolean(),
  told: fc.constantFrom('as it is', 'late', 'in two', 'not at all'),
});
const plan = fc.record({
  postings: fc.array(posting, { minLength: 1, maxLength: 12 }),
  payouts: fc.array(
    fc.record({
      day: fc.integer({ min: 1, max: 20 }),
      parts: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 4 }),
    }),
    { maxLength: 2 },
  ),
  noise: fc.array(fc.record({ day: fc.integer({ min: 1, max: 25 }), amount: fc.integer({ min: 1, max: 400 }) }), {
    maxLength: 4,
  }),
  isOpeningWrong: fc.boolean(),
});

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;
let run = 0;

async function postPlan(account: string, given: Plan): Promise<Row[]> {
  const rows: Row[] = given.noise.map(({ day: of, amount }) => [day(of), amount, 'Noise']);
  for (const [index, { day: of, amount, isNamed, told }] of given.postings.entries()) {
    const name = `RUN${run}-${index}`;
    await bank.post(account, day(of), amount, isNamed ? { external_id: name, source: 'any' } : {});
    const reference = isNamed ? name : '';
    if (told === 'as it is') rows.push([day(of), amount, 'Told', reference]);
    if (told === 'late') rows.push([day(of + 2), amount, 'Told', reference]);
    if (told === 'in two' && Math.abs(amount) > 1) {
      rows.push([day(of), 1, 'Part', reference], [day(of + 1), amount - 1, 'Part', reference]);
    }
  }
  for (const [index, { day: of, parts }] of given.payouts.entries()) {
    const reference = `PAYOUT-${run}-${index}`;
    for (const part of parts) {
      const lines = [
        { account_id: account, side: 'debit', amount: part, memo: reference },
        { account_id: bank.books.account('tenant', 'revenue'), side: 'credit', amount: part },
      ];
      await bank.books.owner.post('/api/transactions', { description: 'Sale', effective_date: day(of), lines });
    }
    rows.push([day(of + 1), parts.reduce((sum, part) => sum + part, 0), 'Payout', reference]);
  }
  return rows.filter(([, amount]) => amount !== 0);
}

test('whatever a bank tells of what was posted: sums of matches agree, nothing is matched twice, the report adds up', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (given) => {
      run += 1;
      const { source, account } = await bank.openSource();
      const rows = await postPlan(account, given);
      if (rows.length === 0) return;
      const opening = given.isOpeningWrong ? 37 : 0;
      const imported = await bank.import(source, rows, {
        opening_balance: opening,
        period_from: day(1),
        period_to: day(31),
      });
      expect(imported.status, imported.text).toBe(201);
      const { id } = imported.body;
      const path = `/api/reconciliation/statements/${id}`;
      const done = await bank.books.owner.post(`${path}/auto-match`, { minimum_score: 0.6 });
      expect(done.status, done.text).toBe(200);

      const [found] = await bank.books.tenant.rows(
        `SELECT count(*)::integer AS matches,
           coalesce(bool_and(
             m.amount = (SELECT coalesce(sum(l.amount), 0) FROM statement_lines l WHERE l.id = ANY (m.statement_line_ids))
             AND m.amount = (SELECT coalesce(sum(k.amount), 0) FROM matched_ledger_lines k WHERE k.match_id = m.id)
             AND (SELECT count(*) FROM matched_statement_lines k WHERE k.match_id = m.id) = cardinality(m.statement_line_ids)
             AND (SELECT count(*) FROM matched_ledger_lines k WHERE k.match_id = m.id) = jsonb_array_length(m.ledger_lines)), true) AS agree,
           coalesce(sum(cardinality(m.statement_line_ids)), 0)::integer AS lines, coalesce(sum(m.amount), 0)::integer AS amount
         FROM reconciliation_matches m WHERE m.statement_id = $1`,
        [id],
      );
      expect(found).toMatchObject({ matches: done.body.matches, agree: true, lines: done.body.matched_lines });
      const [ledger] = await bank.books.tenant.rows(
        `SELECT sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END)::integer AS balance,
           coalesce(sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) FILTER (WHERE m.match_id IS NULL), 0)::integer AS open
         FROM transaction_lines l
         LEFT JOIN matched_ledger_lines m ON m.journal_id = l.journal_id AND m.position = l.position
         WHERE l.account_id = $1`,
        [account],
      );
      const total = rows.reduce((sum, [, amount]) => sum + amount, 0);
      const report = (await bank.books.owner.get(`${path}/report`)).body as unknown as Record<string, number>;
      expect(report).toMatchObject({
        opening_balance: opening,
        closing_balance: opening + total,
        matched_amount: found!.amount,
        unmatched_amount: total - Number(found!.amount),
        unmatched: total - Number(found!.amount),
        ledger_balance: ledger!.balance,
        difference: opening,
      });
      expect(report.outstanding).toBe(ledger!.open);
      expect(report.closing_balance).toBe(
        report.ledger_balance! - report.outstanding! + report.cleared_ahead! + report.unmatched! + report.difference!,
      );
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
  expect(run).toBeGreaterThan(5);
}, 120_000);
