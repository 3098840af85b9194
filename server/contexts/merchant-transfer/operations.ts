// Transfers of a merchant to another MerchantOrg: reviewed first, then carried out as it was reviewed or not at all. One of today
// is done at once; one of a later day waits for a second person and is carried out by a job when that day begins.
import { type Actor, inTheNameOf, requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { notifyOwners } from '../user/operations.ts';
import {
  approveTransfer,
  cancelTransfer,
  carryOutTransfer,
  pageOfTransfers,
  selectPreview,
  selectTransfer,
  transferMerchant,
} from './queries.ts';
import {
  type MerchantTransferDetail,
  merchantTransferDetail,
  merchantTransferInput,
  merchantTransferListInput,
  merchantTransferList as merchantTransferListSchema,
  transferApproveInput,
  transferCancelInput,
  transferJobInput,
  transferJobResult,
  transferPreview,
  transferPreviewInput,
  transferred,
} from './schemas.ts';

const WHAT = 'Transfers of merchants';

export const merchantTransferPreview = defineOperation({
  name: 'merchant_transfer.preview',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_transfer:create',
  resource: 'merchant',
  summary: 'Show what moving a merchant to another MerchantOrg would change',
  input: transferPreviewInput,
  output: transferPreview,
  http: { method: 'POST', path: '/api/merchants/{id}/transfer-preview' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    return selectPreview(ctx.tx, input);
  },
});

export const merchantTransferCreate = defineOperation({
  name: 'merchant_transfer.create',
  kind: 'write',
  risk: 'destructive',
  permission: 'merchant_transfer:create',
  resource: 'merchant',
  summary: 'Move a merchant to another MerchantOrg as it was reviewed; one of a later day waits for a second person',
  input: merchantTransferInput,
  output: transferred,
  http: { method: 'POST', path: '/api/merchants/{id}/transfer' },
  describe: ({ reason, effective_date }) =>
    effective_date
      ? `Moves a merchant to another MerchantOrg on ${effective_date}: ${reason}`
      : `Moved a merchant to another MerchantOrg: ${reason}`,
  onConstraint: {
    merchant_transfers_one_open: () =>
      new DomainError('conflict', 'The merchant has a transfer that waits. Cancel it first.'),
  },
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    const made = await transferMerchant(ctx.tx, input);
    if (made.status === 'proposed') await askForApproval(ctx, await found(ctx, made.transfer_id));
    return made;
  },
});

const found = async (ctx: Context, id: string) => orNotFound(await selectTransfer(ctx.tx, id));
const placeOf = ({ call }: Context, { id }: MerchantTransferDetail) =>
  `It is in the portal: ${call.origin ?? ''}/merchant-transfers/${id}`;

function askForApproval(ctx: Context, transfer: MerchantTransferDetail): Promise<void> {
  const { merchant_name: merchant, from_merchant_org_name: from, to_merchant_org_name: to } = transfer;
  return notifyOwners(
    ctx,
    `To approve: ${merchant} moves to ${to}`,
    `${ctx.actor.name} proposes that ${merchant} moves from ${from} to ${to} at the start of ${transfer.effective_date}. Somebody else has to approve it before that day is over. ${placeOf(ctx, transfer)}`,
  );
}

function tellOfFailure(ctx: Context, transfer: MerchantTransferDetail): Promise<void> {
  const { merchant_name: merchant, from_merchant_org_name: from, to_merchant_org_name: to } = transfer;
  return notifyOwners(
    ctx,
    `${merchant} did not move to ${to}`,
    `${merchant} was to move from ${from} to ${to} on ${transfer.effective_date}, and stays with ${from}. Why: ${transfer.ended_because} ${placeOf(ctx, transfer)}`,
  );
}

export const merchantTransferList = defineOperation({
  name: 'merchant_transfer.list',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_transfer:read',
  resource: 'merchant_transfer',
  summary: 'List the transfers of merchants',
  input: merchantTransferListInput,
  output: merchantTransferListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/merchant-transfers' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    return pageOfTransfers(ctx.tx, input);
  },
});

export const merchantTransferGet = defineOperation({
  name: 'merchant_transfer.get',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_transfer:read',
  resource: 'merchant_transfer',
  summary: 'Read a transfer with what was reviewed and what it changed',
  input: idInput,
  output: merchantTransferDetail,
  http: { method: 'GET', path: '/api/merchant-transfers/{id}' },
  run: (ctx, { id }) => {
    requireWholeTenant(ctx.scope, WHAT);
    return found(ctx, id);
  },
});

export const merchantTransferApprove = defineOperation({
  name: 'merchant_transfer.approve',
  kind: 'write',
  risk: 'destructive',
  permission: 'merchant_transfer:create',
  resource: 'merchant_transfer',
  summary: 'Approve a transfer that somebody else proposed, as it was reviewed; it is carried out when its day begins',
  input: transferApproveInput,
  output: merchantTransferDetail,
  http: { method: 'POST', path: '/api/merchant-transfers/{id}/approve' },
  describe: () => 'Approved a transfer of a merchant',
  run: async (ctx, { id, digest }) => {
    requireWholeTenant(ctx.scope, WHAT);
    await approveTransfer(ctx.tx, id, digest, ctx.call.expectedVersion);
    return found(ctx, id);
  },
});

export const merchantTransferCancel = defineOperation({
  name: 'merchant_transfer.cancel',
  kind: 'write',
  risk: 'destructive',
  permission: 'merchant_transfer:create',
  resource: 'merchant_transfer',
  summary: 'Cancel a transfer that waits',
  input: transferCancelInput,
  output: merchantTransferDetail,
  http: { method: 'POST', path: '/api/merchant-transfers/{id}/cancel' },
  describe: ({ reason }) => `Cancelled a transfer of a merchant: ${reason}`,
  run: async (ctx, { id, reason }) => {
    requireWholeTenant(ctx.scope, WHAT);
    await cancelTransfer(ctx.tx, id, reason, ctx.call.expectedVersion);
    return found(ctx, id);
  },
});

/** Whoever approved it, whose doing it is; the job alone ends what nobody did. */
function doer({ actor }: Context, { approved_by: by }: MerchantTransferDetail): Actor {
  return by ? inTheNameOf(actor, by) : actor;
}

export const merchantTransferCarryOut = defineOperation({
  name: 'merchant_transfer.carry_out',
  kind: 'external',
  risk: 'destructive',
  permission: 'job:run',
  resource: 'merchant',
  summary: 'Carry out a transfer whose day has come, or end it and tell the owners why',
  input: transferJobInput,
  output: transferJobResult,
  closedDoors: { http: 'Queued with the transfer that waits.', mcp: 'Queued with the transfer that waits.' },
  describe: () => 'Carried out a transfer whose day had come, or ended it',
  outside: async (ctx, { transfer_id }) => ({ actor: doer(ctx, await found(ctx, transfer_id)) }),
  run: async (ctx, { transfer_id }) => {
    const problem = await carryOutTransfer(ctx.tx, transfer_id);
    const transfer = await found(ctx, transfer_id);
    if (problem !== null) await tellOfFailure(ctx, transfer);
    return { status: transfer.status };
  },
});
