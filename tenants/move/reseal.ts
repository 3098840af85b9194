import type pg from 'pg';
import { SEALED_VALUES, type SealedValue } from './contents.ts';

/** Opens and seals what is kept for one tenant under one master secret. */
export type TenantSealer = {
  open: (subject: string, sealed: string) => Promise<string>;
  seal: (subject: string, secret: string) => Promise<string>;
};

const AT_ONCE = 500;

/** Seals anew what was sealed for another id or under another master secret. Answers how many values there were. */
export async function resealAll(admin: pg.Client, from: TenantSealer, to: TenantSealer): Promise<number> {
  let count = 0;
  for (const sealed of SEALED_VALUES) {
    const { rows } = await admin.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [
      sealed.table,
    ]);
    if (rows[0]?.exists) count += await resealTable(admin, sealed, from, to);
  }
  return count;
}

async function resealTable(admin: pg.Client, sealed: SealedValue, from: TenantSealer, to: TenantSealer) {
  let count = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await admin.query<{ id: string; subject: string; value: string }>(
      `SELECT id, ${sealed.subject} AS subject, ${sealed.value} AS value
         FROM ${sealed.table}
        WHERE id > $1 AND ${sealed.value} IS NOT NULL
        ORDER BY id
        LIMIT ${AT_ONCE}`,
      [after],
    );
    for (const { id, subject, value } of rows) {
      const again = await to.seal(subject, await from.open(subject, value));
      await admin.query(`UPDATE ${sealed.table} SET ${sealed.update} WHERE id = $1`, [id, again]);
      after = id;
    }
    count += rows.length;
    if (rows.length < AT_ONCE) return count;
  }
}
