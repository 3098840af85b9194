/** Whether a debit adds to accounts of this type. */
export function isDebitNormal(type: string): boolean {
  return type === 'asset' || type === 'expense';
}

/** A balance (debits − credits) on the side where accounts of this type grow. */
export function onNormalSide(type: string, balance: number): number {
  return isDebitNormal(type) ? balance : 0 - balance;
}
