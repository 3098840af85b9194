import { numberFormat } from '../intl.ts';
import { DayChart } from './day-chart.tsx';
import { useTenant } from './use-tenant.ts';

/** Transactions per day. */
export function VolumeChart({ days }: { days: { date: string; transactions: number }[] }) {
  const { locale } = useTenant();
  const total = days.reduce((sum, day) => sum + day.transactions, 0);
  return (
    <DayChart
      name="Transactions"
      label={`Transactions per day, ${total} in ${days.length} days`}
      days={days.map(({ date, transactions }) => ({ date, value: transactions }))}
      format={(value) => numberFormat(locale).format(value)}
    />
  );
}
