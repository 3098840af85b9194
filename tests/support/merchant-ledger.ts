import type { TestTenant } from './tenant.ts';

/** Balances of a merchant's accounts by purpose, on the side on which each grows. */
export async function merchantLedger(tenant: TestTenant, merchant: string): Promise<Record<string, number>> {
  const rows = await tenant.rows(
    `SELECT a.purpose, sum(CASE WHEN (l.side = 'debit') = (a.type IN ('asset', 'expense')) THEN l.amount ELSE -l.amount END)::text AS balance
     FROM transaction_lines l JOIN accounts a ON a.id = l.account_id JOIN books b ON b.id = a.book_id
     WHERE b.party_id = $1 GROUP BY a.purpose`,
    [merchant],
  );
  return Object.fromEntries(rows.map(({ purpose, balance }) => [String(purpose), Number(balance)]));
}
