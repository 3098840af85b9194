import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { listPage } from '../../operations/list.ts';
import { mail, type mailListInput } from './schemas.ts';

export function pageOfMail(tx: CommonQueryMethods, input: v.InferOutput<typeof mailListInput>) {
  return listPage(
    tx,
    {
      name: 'mailbox',
      row: mail,
      select: sql.fragment`SELECT m.id, m.recipient, m.subject, m.body, m.html, m.created_at FROM mailbox m`,
      id: sql.fragment`m.id`,
      sorts: { created_at: { column: sql.fragment`m.created_at`, type: 'timestamptz' } },
      defaultSort: '-created_at',
      where: [sql.fragment`m.expires_at > now()`],
    },
    input,
  );
}
