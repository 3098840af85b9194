import type { Setting } from '../server/contexts/setting/schemas.ts';

/** The tips that a merchant with these settings suggests for a price in minor units. */
export function suggestedTips(settings: readonly Setting[], price: number): { percent: number; amount: number }[] {
  const percents = settings.find(({ key }) => key === 'tips_suggested_percents')?.value as number[];
  return percents
    .map((percent) => ({ percent, amount: Math.round((price * percent) / 100) }))
    .filter(({ amount }) => amount > 0);
}
