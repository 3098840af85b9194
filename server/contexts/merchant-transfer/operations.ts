// Transfers of a merchant to another MerchantOrg: reviewed first, then carried out as it was reviewed or not at all.
import { requireWholeTenant } from '../../operations/actor.ts';
import { defineOperation } from '../../operations/operation.ts';
import { pageOfTransfers, selectPreview, transferMerchant } from './queries.ts';
import {
  merchantTransferInput,
  merchantTransferListInput,
  merchantTransferList as merchantTransferListSchema,
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
    return selectPreview(ctx.tx, input.id, input.merchant_org_id);
  },
});

export const merchantTransferCreate = defineOperation({
  name: 'merchant_transfer.create',
  kind: 'write',
  risk: 'destructive',
  permission: 'merchant_transfer:create',
  resource: 'merchant',
  summary: 'Move a merchant to another MerchantOrg as it was reviewed',
  input: merchantTransferInput,
  output: transferred,
  http: { method: 'POST', path: '/api/merchants/{id}/transfer' },
  describe: ({ reason }) => `Moved a merchant to another MerchantOrg: ${reason}`,
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, WHAT);
    return transferMerchant(ctx.tx, input);
  },
});

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
