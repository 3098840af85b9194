import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { Overview } from '../../server/contexts/ledger/schemas.ts';
import { Card } from './card.tsx';
import { Count, Money } from './money.tsx';
import { useTenant } from './use-tenant.ts';

/** The four figures on top of the dashboard. */
export function OverviewStats({ overview }: { overview: Overview }) {
  const { active = 0, onboarding = 0 } = overview.merchants_by_status;
  return (
    <Card>
      <dl className="stats">
        <Stat name="Merchants" value={<Count value={overview.merchants} />}>
          {`${active} active, ${onboarding} onboarding`}
        </Stat>
        <Stat name="Revenue, last 30 days" value={<Revenue amounts={overview.revenue_last_30_days} />}>
          <OtherRevenue amounts={overview.revenue_last_30_days} />
        </Stat>
        <Stat name="Transactions, last 30 days" value={<Count value={overview.transactions_last_30_days} />}>
          In all books, by effective date
        </Stat>
        <Stat name="Ledger" value={overview.balanced ? 'Balanced' : 'Out of balance'}>
          <Link to="/integrity">{overview.balanced ? 'Debits equal credits' : 'See where'}</Link>
        </Stat>
      </dl>
    </Card>
  );
}

function Stat({ name, value, children }: { name: string; value: ReactNode; children: ReactNode }) {
  return (
    <div className="stat">
      <dt>{name}</dt>
      <dd>
        {value}
        <div className="stat-note">{children}</div>
      </dd>
    </div>
  );
}

type Amounts = Overview['revenue_last_30_days'];

/** Currencies are never added up: the tenant's own is the figure, the others stand below it. */
function Revenue({ amounts }: { amounts: Amounts }) {
  const { currency } = useTenant();
  const own = amounts.find((money) => money.currency === currency);
  return <Money amount={own?.amount ?? 0} currency={currency} />;
}

function OtherRevenue({ amounts }: { amounts: Amounts }) {
  const { currency } = useTenant();
  const others = amounts.filter((money) => money.currency !== currency);
  if (others.length === 0) return <>Of all books</>;
  return others.map((money, index) => (
    <span key={money.currency}>
      {index === 0 ? 'and ' : ', '}
      <Money {...money} />
    </span>
  ));
}
