/** What the shares that a merchant suggests as tips come to, for a price in minor units. */
export function suggestedTips(percents: readonly number[], price: number): { percent: number; amount: number }[] {
  return percents
    .map((percent) => ({ percent, amount: Math.round((price * percent) / 100) }))
    .filter(({ amount }) => amount > 0);
}
