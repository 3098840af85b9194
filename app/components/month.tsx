import { dateFormat } from '../intl.ts';
import { useTenant } from './use-tenant.ts';

/** A month by its name alone. The date is any of its days. */
export function Month({ date }: { date: string }) {
  const { locale } = useTenant();
  const format = dateFormat(locale, { month: 'long', timeZone: 'UTC' });
  return <span suppressHydrationWarning>{format.format(new Date(`${date}T00:00:00Z`))}</span>;
}
