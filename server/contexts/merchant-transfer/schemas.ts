import * as v from 'valibot';
import {
  calendarDate,
  currency,
  id,
  instant,
  listInput,
  listOf,
  optional,
  text,
  version,
} from '../../operations/schemas.ts';
import { defineStates } from '../../operations/states.ts';

export const merchantTransferStatus = v.picklist(['proposed', 'scheduled', 'done', 'failed', 'cancelled']);
export type MerchantTransferStatus = v.InferOutput<typeof merchantTransferStatus>;

/** One of today is done with the operation that makes it. Another waits for a second person, then for its day. */
export const merchantTransferStates = defineStates({
  name: 'merchant_transfer',
  initial: 'proposed',
  moves: {
    approve: { from: ['proposed'], to: 'scheduled' },
    carry_out: { from: ['proposed', 'scheduled'], to: 'done' },
    fail: { from: ['proposed', 'scheduled'], to: 'failed' },
    cancel: { from: ['proposed', 'scheduled'], to: 'cancelled' },
  },
} as const);

const named = v.object({ id, name: v.string() });
/** Reviews of long ago have no ids. */
const reach = v.object({
  type: v.picklist(['person', 'api_key']),
  id: v.optional(id),
  name: v.string(),
  role: v.string(),
});

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

/** `digest` of the preview that was reviewed. */
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be the digest of a preview'));
/** The day, in the tenant's zone, at whose start it takes effect; left out, today, which is at once. */
const destination = { id, merchant_org_id: id, effective_date: optional(calendarDate) };

export const transferPreviewInput = v.strictObject(destination);
export const merchantTransferInput = v.strictObject({ ...destination, digest, reason: text(500) });
export const transferApproveInput = v.strictObject({ id, digest });
export const transferCancelInput = v.strictObject({ id, reason: text(500) });

const person = v.object({ type: v.string(), id: v.string(), name: v.string() });

export const merchantTransfer = v.object({
  id,
  merchant_id: id,
  status: merchantTransferStatus,
  /** Names as they were when it was last reviewed. */
  merchant_name: v.string(),
  from_merchant_org_id: id,
  from_merchant_org_name: v.string(),
  to_merchant_org_id: id,
  to_merchant_org_name: v.string(),
  /** The day from which on what the merchant does is under the new one; of what was carried out late, the day of that. */
  effective_date: calendarDate,
  reason: v.string(),
  /** Null of those from before this was kept. */
  created_by: v.nullable(person),
  created_at: instant,
  /** Null of what took effect at once. */
  approved_by: v.nullable(person),
  approved_at: v.nullable(instant),
  ended_at: v.nullable(instant),
  /** Why it failed or was cancelled. */
  ended_because: v.nullable(v.string()),
  version,
});
export type MerchantTransfer = v.InferOutput<typeof merchantTransfer>;
/** With what was reviewed last and, when it is done, what it changed. */
export const merchantTransferDetail = v.object({
  ...merchantTransfer.entries,
  preview: transferPreview,
  outcome: v.nullable(transferPreview),
});
export type MerchantTransferDetail = v.InferOutput<typeof merchantTransferDetail>;
/** The merchant where it is now, and the transfer that brought it there or waits to. */
export const transferred = v.object({
  id,
  merchant_org_id: id,
  transfer_id: id,
  effective_date: calendarDate,
  status: merchantTransferStatus,
});

export const transferJobInput = v.strictObject({ id, transfer_id: id });
export const transferJobResult = v.object({ status: merchantTransferStatus });

export const merchantTransferListInput = v.strictObject({
  ...listInput,
  merchant_id: v.optional(id),
  status: v.optional(merchantTransferStatus),
});
export const merchantTransferList = listOf(merchantTransfer);
