import type { MerchantTransferStatus } from '../server/contexts/merchant-transfer/schemas.ts';

export const TRANSFER_STATUSES: Record<MerchantTransferStatus, string> = {
  proposed: 'To be approved',
  scheduled: 'Scheduled',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** Neither done nor given up: it can be cancelled. */
export function isWaiting({ status }: { status: MerchantTransferStatus }): boolean {
  return status === 'proposed' || status === 'scheduled';
}
