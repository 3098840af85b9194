import type { Transaction } from '../server/contexts/transaction/schemas.ts';

/** What a transaction debits and credits one account, all its journals together; null where it has none of a side. */
export function accountSides(transaction: Transaction, accountId: string) {
  const lines = transaction.journals.flatMap((journal) =>
    journal.lines.filter((line) => line.account_id === accountId),
  );
  const sum = (side: 'debit' | 'credit'): bigint | null => {
    const amounts = lines.filter((line) => line.side === side).map((line) => BigInt(line.amount));
    return amounts.length > 0 ? amounts.reduce((total, amount) => total + amount) : null;
  };
  return { debit: sum('debit'), credit: sum('credit') };
}

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
