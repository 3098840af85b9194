import { numberFormat } from '../intl.ts';
import { formatAmount, formatMoney } from '../money.ts';
import { useTenant } from './use-tenant.ts';

type Props = { amount: number | bigint; currency: string };

// The server's text stands: a browser's own language data may space or abbreviate differently.

/** An amount with its currency. */
export function Money({ amount, currency }: Props) {
  const { locale } = useTenant();
  return (
    <span className="numeric" suppressHydrationWarning>
      {formatMoney(amount, currency, locale)}
    </span>
  );
}

/** An amount alone, under a heading that names the currency. */
export function Amount({ amount, currency }: Props) {
  const { locale } = useTenant();
  return (
    <span className="numeric" suppressHydrationWarning>
      {formatAmount(amount, currency, locale)}
    </span>
  );
}

/** A count. */
export function Count({ value }: { value: number }) {
  const { locale } = useTenant();
  return (
    <span className="numeric" suppressHydrationWarning>
      {numberFormat(locale).format(value)}
    </span>
  );
}
