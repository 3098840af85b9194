import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { report } from './schemas.ts';

const nothing = v.object({});
const json = (value: unknown) => sql.jsonb(JSON.parse(JSON.stringify(value)));

export async function callSignOff(
  tx: CommonQueryMethods,
  id: string,
  note: string | null,
  actor: object,
): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT sign_off_statement(${id}, ${note}, ${json(actor)})`);
}

export async function callReopen(tx: CommonQueryMethods, id: string, reason: string, actor: object): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT reopen_statement(${id}, ${reason}, ${json(actor)})`);
}

export async function selectReport(tx: CommonQueryMethods, id: string) {
  const row = await tx.one(sql.type(v.object({ report }))`SELECT reconciliation_report(${id}) AS report`);
  return row.report;
}
