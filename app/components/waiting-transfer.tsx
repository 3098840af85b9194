import { Link } from '@remix-run/react';
import type { MerchantTransfer } from '../../server/contexts/merchant-transfer/schemas.ts';
import { Notice } from './notice.tsx';
import { CalendarDate } from './time.tsx';

/** Says that a merchant will move, where to and when. */
export function WaitingTransfer({ transfer }: { transfer: MerchantTransfer }) {
  const { id, status, effective_date: day, to_merchant_org_id: to, to_merchant_org_name: name } = transfer;
  return (
    <Notice tone="warn">
      {status === 'scheduled' ? 'It moves to ' : 'It is proposed that it moves to '}
      <Link to={`/merchant-orgs/${to}`}>{name}</Link> at the start of <CalendarDate value={day} />
      {status === 'scheduled' ? '.' : ', once somebody else has approved it.'}{' '}
      <Link to={`/merchant-transfers/${id}`}>See the transfer</Link>
    </Notice>
  );
}
