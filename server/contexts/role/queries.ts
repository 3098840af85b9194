import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { listPage } from '../../operations/list.ts';
import { role, type roleListInput } from './schemas.ts';

const { is_built_in: _isBuiltIn, ...entries } = role.entries;
const row = v.object(entries);
const columns = sql.fragment`r.id, r.key, r.name, r.description, r.permissions, r.version, r.created_at, r.updated_at`;

export function pageOfRoles(tx: CommonQueryMethods, input: v.InferOutput<typeof roleListInput>) {
  return listPage(
    tx,
    {
      name: 'roles',
      row,
      select: sql.fragment`SELECT ${columns} FROM roles r`,
      id: sql.fragment`r.id`,
      sorts: {
        created_at: { column: sql.fragment`r.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`r.name`, type: 'text' },
      },
      defaultSort: 'created_at',
      where: [],
    },
    input,
  );
}

export function selectRole(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(row)`SELECT ${columns} FROM roles r WHERE r.id = ${id}`);
}
