import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { equals, listPage } from '../../operations/list.ts';
import { id } from '../../operations/schemas.ts';
import {
  merchantTransfer,
  merchantTransferDetail,
  type merchantTransferInput,
  type merchantTransferListInput,
  transferPreview,
  type transferPreviewInput,
  transferred,
} from './schemas.ts';

const columns = sql.fragment`t.id, t.merchant_id, t.status, t.preview #>> '{merchant,name}' AS merchant_name,
  t.from_merchant_org_id, t.preview #>> '{from,name}' AS from_merchant_org_name,
  t.to_merchant_org_id, t.preview #>> '{to,name}' AS to_merchant_org_name, t.effective_date, t.reason,
  t.created_by, t.created_at, t.approved_by, t.approved_at, t.ended_at, t.ended_because, t.version`;
const nothing = v.object({});

export async function selectPreview(tx: CommonQueryMethods, input: v.InferOutput<typeof transferPreviewInput>) {
  const { preview } = await tx.one(sql.type(v.object({ preview: transferPreview }))`
    SELECT transfer_preview(${input.id}, ${input.merchant_org_id}, ${input.effective_date ?? null}) AS preview`);
  return preview;
}

export async function transferMerchant(tx: CommonQueryMethods, input: v.InferOutput<typeof merchantTransferInput>) {
  const made = await tx.one(sql.type(v.object({ id }))`
    SELECT transfer_merchant(${input.id}, ${input.merchant_org_id}, ${input.effective_date ?? null}, ${input.digest}, ${input.reason}) AS id`);
  return tx.one(sql.type(transferred)`
    SELECT m.id, m.merchant_org_id, t.id AS transfer_id, t.effective_date, t.status
    FROM merchant_transfers t JOIN merchants m ON m.id = t.merchant_id WHERE t.id = ${made.id}`);
}

export function selectTransfer(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(merchantTransferDetail)`
    SELECT ${columns}, t.preview, t.outcome FROM merchant_transfers t WHERE t.id = ${id}`);
}

export async function approveTransfer(
  tx: CommonQueryMethods,
  id: string,
  digest: string,
  version: number | undefined,
): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT approve_transfer(${id}, ${version ?? null}, ${digest})`);
}

export async function cancelTransfer(
  tx: CommonQueryMethods,
  id: string,
  reason: string,
  version: number | undefined,
): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT cancel_transfer(${id}, ${version ?? null}, ${reason})`);
}

/** @returns why it could not be carried out, when this call found that */
export async function carryOutTransfer(tx: CommonQueryMethods, id: string): Promise<string | null> {
  const row = v.object({ problem: v.nullable(v.string()) });
  return (await tx.one(sql.type(row)`SELECT carry_out_transfer(${id}) AS problem`)).problem;
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
      where: [equals(sql.fragment`t.merchant_id`, input.merchant_id), equals(sql.fragment`t.status`, input.status)],
    },
    input,
  );
}
