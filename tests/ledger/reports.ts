import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import type { Books } from './books.ts';

/** A posted line as it was written, read past the product. */
export type Written = {
  account_id: string;
  book_id: string;
  currency: string;
  type: string;
  counterparty: string | null;
  day: string;
  recorded_at: string;
  net: number;
  debit: number;
  credit: number;
};

/** Every posted line there is: what all figures are compared with. */
export async function writtenLines({ tenant }: Books): Promise<Written[]> {
  const rows = await tenant.rows(
    `SELECT l.account_id, l.book_id, l.currency, a.type::text AS type, l.counterparty_book_id AS counterparty,
       l.effective_date::text AS day, rfc3339(l.recorded_at) AS recorded_at, l.side::text AS side, l.amount::text AS amount
     FROM transaction_lines l JOIN accounts a ON a.id = l.account_id
     WHERE l.kind IN ('post', 'reversal')`,
  );
  return rows.map(({ side, amount, ...row }) => {
    const [debit, credit] = side === 'debit' ? [Number(amount), 0] : [0, Number(amount)];
    return { ...row, debit, credit, net: debit - credit } as Written;
  });
}

export const netOf = (lines: readonly Written[]) => lines.reduce((sum, { net }) => sum + net, 0);

/** Folds the next few dozen journals of what was posted, and marks accounts often. */
export async function fold({ tenant }: Books): Promise<void> {
  await passHorizon(tenant.rows);
  await tenant.rows('SELECT fold_ledger(3, 4)');
  await tenant.rows('SELECT fold_ledger(50, 4)');
}

/** Backdated, forward-dated, in two currencies, held, posted in part, voided and reversed, between related parties. */
export async function postAnyMix(books: Books, count: number, seed: number): Promise<void> {
  let state = seed;
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    // The low bits of such a generator repeat soon.
    return (state >> 9) % below;
  };
  const parties = ['org', 'merchant', 'otherMerchant', 'tenant'] as const;
  const purposes = ['cash', 'receivable', 'payable', 'revenue', 'operating_expense', 'equity'] as const;
  const day = () => `2026-0${1 + next(6)}-${String(1 + next(28)).padStart(2, '0')}`;
  const { owner } = books;
  for (let done = 0; done < count; done += 1) {
    const party = parties[next(4)]!;
    const [from, to] = [purposes[next(6)]!, purposes[next(6)]!];
    const amount = 1 + next(100_000);
    const effective_date = day();
    const lines = [
      { account_id: books.account(party, from), side: 'debit' as const, amount },
      { account_id: books.account(party, to), side: 'credit' as const, amount },
    ];
    const kind = next(8);
    if (kind < 3) {
      await books.post(lines, { effective_date });
    } else if (kind < 5) {
      const [payer, taker] = next(2) === 0 ? (['merchant', 'org'] as const) : (['org', 'tenant'] as const);
      await owner.post('/api/transactions', {
        type: ['commission', 'transfer', 'franchise_fee'][next(3)],
        from: books.party[payer],
        to: books.party[taker],
        amount: { amount, currency: next(3) === 0 ? 'EUR' : 'USD' },
        effective_date,
      });
    } else if (kind < 7) {
      const { id } = (await books.post(lines, { effective_date, status: 'pending' })).body;
      const end = next(4);
      if (end < 2) await owner.post(`/api/transactions/${id}/post`, { amount: 1 + next(amount) });
      else if (end === 2) await owner.post(`/api/transactions/${id}/void`, { reason: 'Gone' });
    } else {
      const { id } = (await books.post(lines, { effective_date })).body;
      await owner.post(`/api/transactions/${id}/reverse`, { reason: 'Wrong', effective_date: day() });
    }
    if (next(7) === 0) await fold(books);
  }
}
