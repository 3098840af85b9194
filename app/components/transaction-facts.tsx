import { Link } from '@remix-run/react';
import type { Transaction } from '../../server/contexts/transaction/schemas.ts';
import { humanize } from '../labels.ts';
import { transactionAmounts } from '../transaction-amounts.ts';
import { Fact, Facts } from './card.tsx';
import { Money } from './money.tsx';
import { CalendarDate, Instant } from './time.tsx';

type FactsProps = { transaction: Transaction; names: { from: string | null; to: string | null } };

export function TransactionFacts({ transaction, names }: FactsProps) {
  const { category, caused_by } = transaction;
  return (
    <Facts>
      <Fact name="Amount">
        {transactionAmounts(transaction).map((money) => (
          <div key={money.currency}>
            <Money {...money} />
          </div>
        ))}
      </Fact>
      <Fact name="Type">
        {humanize(transaction.type)}
        {category ? `, ${humanize(category).toLowerCase()}` : ''}
      </Fact>
      <Fact name="From">
        <Party party={transaction.from} name={names.from} />
      </Fact>
      <Fact name="To">
        <Party party={transaction.to} name={names.to} />
      </Fact>
      <Fact name="Effective date">
        <CalendarDate value={transaction.effective_date} />
      </Fact>
      <Fact name="Recorded">
        <Instant value={transaction.recorded_at} exact />
      </Fact>
      {caused_by ? (
        <Fact name="Follows from">
          <Link to={`/transactions/${caused_by}`}>The transaction before it</Link>
        </Fact>
      ) : null}
      <Fact name="Source">{transaction.source === 'api' ? 'API' : humanize(transaction.source)}</Fact>
      <Fact name="External id">{transaction.external_id}</Fact>
      <Fact name="Id">
        <code>{transaction.id}</code>
      </Fact>
      {Object.entries(transaction.metadata).map(([name, value]) => (
        <Fact key={name} name={humanize(name)}>
          {String(value)}
        </Fact>
      ))}
    </Facts>
  );
}

const PARTY_PAGES = { merchant_org: '/merchant-orgs/', merchant: '/merchants/', account: '/accounts/' };

function Party({ party, name }: { party: Transaction['from']; name: string | null }) {
  if (!party) return <span className="faint">–</span>;
  if (party.type === 'tenant') return <>The platform</>;
  if (party.type === 'end_customer') return <>A customer</>;
  return <Link to={PARTY_PAGES[party.type] + party.id}>{name ?? humanize(party.type)}</Link>;
}
