import type { TransferPreview } from '../../server/contexts/merchant-transfer/schemas.ts';
import { Card, Fact, Facts } from './card.tsx';
import { Money } from './money.tsx';
import { CalendarDate } from './time.tsx';

/** What a transfer changes, to be read before it is done. */
export function TransferReview({ preview, title }: { preview: TransferPreview; title: string }) {
  const { from, to, effective_date, loses_access, gains_access, open_items } = preview;
  return (
    <Card title={title} padded>
      <Facts>
        <Fact name="From">{from.name}</Fact>
        <Fact name="To">{to.name}</Fact>
        <Fact name="Takes effect at the start of">
          <CalendarDate value={effective_date} />
        </Fact>
        <Fact name={`Lose access, through ${from.name}`}>
          <Reach of={loses_access} />
        </Fact>
        <Fact name={`Gain access, through ${to.name}`}>
          <Reach of={gains_access} />
        </Fact>
        <Fact name={`Stays open with ${from.name}`}>
          {open_items.length === 0 ? (
            'Nothing'
          ) : (
            <ul>
              {open_items.map(({ account_id, code, name, balance, currency }) => (
                <li key={account_id}>
                  {code} {name}: <Money amount={balance} currency={currency} />
                </li>
              ))}
            </ul>
          )}
        </Fact>
      </Facts>
      <p className="hint">
        What was posted stays as it is. From this day on its settings are inherited from {to.name}, and fees go there.
      </p>
    </Card>
  );
}

function Reach({ of }: { of: TransferPreview['loses_access'] }) {
  if (of.length === 0) return 'Nobody';
  return (
    <ul>
      {of.map(({ type, name, role }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same name and role
        <li key={at}>
          {name} ({type === 'api_key' ? `API key, ${role}` : role})
        </li>
      ))}
    </ul>
  );
}
