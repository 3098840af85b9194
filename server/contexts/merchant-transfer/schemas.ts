import * as v from 'valibot';
import { calendarDate, currency, id, instant, listInput, listOf, text } from '../../operations/schemas.ts';

const named = v.object({ id, name: v.string() });
const reach = v.object({ type: v.picklist(['person', 'api_key']), name: v.string(), role: v.string() });

const reviewed = {
  merchant: named,
  from: named,
  to: named,
  effective_date: calendarDate,
  /** Whose role or key at the one MerchantOrg ends to reach the merchant, and whose at the other begins to. */
  loses_access: v.array(reach),
  gains_access: v.array(reach),
  /** Accounts of the merchant with something pending, or owed between it and the MerchantOrg that it leaves. */
  open_items: v.array(
    v.object({
      account_id: id,
      code: v.string(),
      name: v.string(),
      currency,
      balance: v.number(),
      pending_debits: v.number(),
      pending_credits: v.number(),
    }),
  ),
};

export const transferPreview = v.object({ ...reviewed, digest: v.string() });
export type TransferPreview = v.InferOutput<typeof transferPreview>;
export const transferPreviewInput = v.strictObject({ id, merchant_org_id: id });

export const merchantTransferInput = v.strictObject({
  id,
  merchant_org_id: id,
  /** `digest` of the preview that was reviewed. */
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be the digest of a preview')),
  reason: text(500),
});

export const merchantTransfer = v.object({
  id,
  merchant_id: id,
  /** Names as they were when it moved. */
  merchant_name: v.string(),
  from_merchant_org_id: id,
  from_merchant_org_name: v.string(),
  to_merchant_org_id: id,
  to_merchant_org_name: v.string(),
  effective_date: calendarDate,
  reason: v.string(),
  created_at: instant,
});
export type MerchantTransfer = v.InferOutput<typeof merchantTransfer>;
/** The merchant where it is now, and the transfer that brought it there. */
export const transferred = v.object({ id, merchant_org_id: id, transfer_id: id, effective_date: calendarDate });

export const merchantTransferListInput = v.strictObject({ ...listInput, merchant_id: v.optional(id) });
export const merchantTransferList = listOf(merchantTransfer);
