import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantSettingsRead } from '../server/contexts/setting/operations.ts';

/** The tips that a merchant suggests for a price in minor units: none to whom its settings are closed. */
export async function suggestedTips(
  context: AppLoadContext,
  merchantId: string,
  price: number,
): Promise<{ percent: number; amount: number }[]> {
  if (!context.can('merchant:read')) return [];
  const { data } = await context.run(merchantSettingsRead, { id: merchantId });
  const percents = data.find(({ key }) => key === 'tips_suggested_percents')?.value as number[] | undefined;
  return (percents ?? [])
    .map((percent) => ({ percent, amount: Math.round((price * percent) / 100) }))
    .filter(({ amount }) => amount > 0);
}
