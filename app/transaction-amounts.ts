import type { Transaction } from '../server/contexts/transaction/schemas.ts';

/**
 * How large a transaction is, per currency. A typed one says; of a raw one it is the larger of the sums that its
 * journals debit, since the same money passes through several books.
 */
export function transactionAmounts(transaction: Transaction): { currency: string; amount: bigint }[] {
  if (transaction.amount) return [{ currency: transaction.amount.currency, amount: BigInt(transaction.amount.amount) }];
  const largest = new Map<string, bigint>();
  for (const journal of transaction.journals) {
    const debits = new Map<string, bigint>();
    for (const line of journal.lines) {
      if (line.side === 'debit') debits.set(line.currency, (debits.get(line.currency) ?? 0n) + BigInt(line.amount));
    }
    for (const [currency, sum] of debits) {
      if (sum > (largest.get(currency) ?? 0n)) largest.set(currency, sum);
    }
  }
  return [...largest].map(([currency, amount]) => ({ currency, amount }));
}
