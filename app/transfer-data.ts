import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantTransferList } from '../server/contexts/merchant-transfer/operations.ts';
import type { MerchantTransfer } from '../server/contexts/merchant-transfer/schemas.ts';
import { WHOLE_TENANT } from '../server/operations/may-grant.ts';
import { isWaiting } from './transfer-words.ts';

/** The transfer of a merchant that waits, for who may see it. A merchant has one at most, and it is its last. */
export async function waitingTransfer(context: AppLoadContext, merchantId: string): Promise<MerchantTransfer | null> {
  if (!context.can('merchant_transfer:read', WHOLE_TENANT)) return null;
  const { data } = await context.run(merchantTransferList, { merchant_id: merchantId, limit: 1 });
  return data[0] && isWaiting(data[0]) ? data[0] : null;
}
