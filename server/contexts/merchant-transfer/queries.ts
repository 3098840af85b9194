import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { equals, listPage } from '../../operations/list.ts';
import { id } from '../../operations/schemas.ts';
import {
  merchantTransfer,
  type merchantTransferInput,
  type merchantTransferListInput,
  transferPreview,
  transferred,
} from './schemas.ts';

const columns = sql.fragment`t.id, t.merchant_id, t.preview #>> '{merchant,name}' AS merchant_name,
  t.from_merchant_org_id, t.preview #>> '{from,name}' AS from_merchant_org_name,
  t.to_merchant_org_id, t.preview #>> '{to,name}' AS to_merchant_org_name, t.effective_date, t.reason, t.created_at`;

export async function selectPreview(tx: CommonQueryMethods, merchantId: string, toOrgId: string) {
  const { preview } = await tx.one(sql.type(v.object({ preview: transferPreview }))`
    SELECT transfer_preview(${merchantId}, ${toOrgId}) AS preview`);
  return preview;
}

export async function transferMerchant(tx: CommonQueryMethods, input: v.InferOutput<typeof merchantTransferInput>) {
  const made = await tx.one(sql.type(v.object({ id }))`
    SELECT transfer_merchant(${input.id}, ${input.merchant_org_id}, ${input.digest}, ${input.reason}) AS id`);
  return tx.one(sql.type(transferred)`
    SELECT m.id, m.merchant_org_id, t.id AS transfer_id, t.effective_date
    FROM merchant_transfers t JOIN merchants m ON m.id = t.merchant_id WHERE t.id = ${made.id}`);
}

export function pageOfTransfers(tx: CommonQueryMethods, input: v.InferOutput<typeof merchantTransferListInput>) {
  return listPage(
    tx,
    {
      name: 'merchant_transfers',
      row: merchantTransfer,
      select: sql.fragment`SELECT ${columns} FROM merchant_transfers t`,
      id: sql.fragment`t.id`,
      sorts: { created_at: 'id' },
      defaultSort: '-created_at',
      where: [equals(sql.fragment`t.merchant_id`, input.merchant_id)],
    },
    input,
  );
}
