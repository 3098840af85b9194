import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Identity, Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope, listPage, ofVersion } from '../../operations/list.ts';
import type { Place } from '../../operations/may-grant.ts';
import { type ImportStatus, type importListInput, type importMapping, importRecord, importRow } from './schemas.ts';

const nothing = v.object({});
const counted = v.object({ count: v.number() });

const columns = sql.fragment`i.id, i.kind, i.merchant_org_id, i.merchant_id, coalesce(o.name, m.name) AS place_name, i.status, i.file_name,
  i.part_count, i.row_count, i.bad_row_count, i.problem, i.job_id, i.created_by, i.checked_at, i.finished_at, i.version,
  i.created_at, i.updated_at`;
const tables = sql.fragment`imports i
  LEFT JOIN merchant_orgs o ON o.id = i.merchant_org_id
  LEFT JOIN merchants m ON m.id = i.merchant_id`;

/** Imports of the places in scope; what is for the whole tenant is for staff of the whole tenant. */
const visible = (scope: Scope) =>
  inScope(scope, sql.fragment`coalesce(i.merchant_org_id, m.merchant_org_id)`, sql.fragment`i.merchant_id`);

export function pageOfImports(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof importListInput>) {
  return listPage(
    tx,
    {
      name: 'imports',
      row: importRow,
      select: sql.fragment`SELECT ${columns} FROM ${tables}`,
      id: sql.fragment`i.id`,
      sorts: { created_at: 'id' },
      defaultSort: '-created_at',
      where: [
        visible(scope),
        equals(sql.fragment`i.kind`, input.kind),
        equals(sql.fragment`i.status`, input.status),
        equals(sql.fragment`i.merchant_org_id`, input.merchant_org_id),
        equals(sql.fragment`i.merchant_id`, input.merchant_id),
      ],
    },
    input,
  );
}

const job = v.object({ state: v.string(), progress: v.unknown() });
const selected = v.object({ ...v.omit(importRecord, ['fields', 'sample', 'progress']).entries, job: v.nullable(job) });
export type SelectedImport = v.InferOutput<typeof selected>;

/** @param lock held until the transaction ends, so that one step is taken at a time */
export function selectImport(tx: CommonQueryMethods, scope: Scope, id: string, lock = false) {
  return tx.maybeOne(sql.type(selected)`
    SELECT ${columns}, i.columns, i.mapping,
      (SELECT json_build_object('state', j.state, 'progress', j.progress) FROM jobs j WHERE j.id = i.job_id) AS job
    FROM ${tables}
    WHERE ${allOf([sql.fragment`i.id = ${id}`, visible(scope)])}
    ${lock ? sql.fragment`FOR UPDATE OF i` : sql.fragment``}`);
}

export async function insertImport(
  tx: CommonQueryMethods,
  id: string,
  given: { kind: string; place: Place; fileName: string | null; by: Identity },
): Promise<void> {
  const { type, id: actorId, name } = given.by;
  await tx.query(sql.type(nothing)`
    INSERT INTO imports (id, kind, merchant_org_id, merchant_id, file_name, created_by)
    VALUES (${id}, ${given.kind}, ${given.place.merchant_id ? null : given.place.merchant_org_id}, ${given.place.merchant_id},
      ${given.fileName}, ${sql.jsonb({ type, id: actorId, name })})`);
}

/** What changes of an import. */
type Changes = {
  status?: ImportStatus;
  part_count?: number;
  columns?: readonly string[];
  mapping?: v.InferOutput<typeof importMapping>;
  counts?: { rows: number; bad: number } | null;
  problem?: string | null;
  job_id?: string;
  isFinished?: boolean;
};

/** @returns whether it was still in the version that the caller saw */
export async function updateImport(
  tx: CommonQueryMethods,
  id: string,
  changes: Changes,
  expectedVersion?: number,
): Promise<boolean> {
  const { status, part_count, columns: heads, mapping, counts, problem, job_id } = changes;
  const { count } = await tx.one(sql.type(counted)`
    WITH changed AS (
      UPDATE imports AS i
      SET status = coalesce(${status ?? null}, i.status),
        part_count = coalesce(${part_count ?? null}, i.part_count),
        columns = ${heads ? sql.array([...heads], 'text') : sql.fragment`i.columns`},
        mapping = ${mapping ? sql.jsonb(mapping) : sql.fragment`i.mapping`},
        row_count = ${counts === undefined ? sql.fragment`i.row_count` : (counts?.rows ?? null)},
        bad_row_count = ${counts === undefined ? sql.fragment`i.bad_row_count` : (counts?.bad ?? null)},
        checked_at = ${counts === undefined ? sql.fragment`i.checked_at` : counts ? sql.fragment`now()` : null},
        problem = ${problem === undefined ? sql.fragment`i.problem` : problem},
        job_id = coalesce(${job_id ?? null}, i.job_id),
        finished_at = ${changes.isFinished ? sql.fragment`now()` : sql.fragment`i.finished_at`}
      WHERE ${ofVersion(sql.fragment`i.id`, id, sql.fragment`i.version`, expectedVersion)}
      RETURNING i.id)
    SELECT count(*) FROM changed`);
  return count === 1;
}

export async function putPart(tx: CommonQueryMethods, id: string, position: number, csv: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO import_parts (import_id, position, csv) VALUES (${id}, ${position}, ${csv})
    ON CONFLICT (import_id, position) DO UPDATE SET csv = excluded.csv`);
}

export function selectPart(tx: CommonQueryMethods, id: string, position: number): Promise<string | null> {
  return tx.maybeOneFirst(sql.type(v.object({ csv: v.string() }))`
    SELECT p.csv FROM import_parts p WHERE p.import_id = ${id} AND p.position = ${position}`);
}

/** The beginning of the file, however it was divided. */
export function selectHead(tx: CommonQueryMethods, id: string, length: number): Promise<string> {
  return tx.oneFirst(sql.type(v.object({ head: v.string() }))`
    SELECT coalesce(left(string_agg(left(p.csv, ${length}), '' ORDER BY p.position), ${length}), '') AS head
    FROM import_parts p WHERE p.import_id = ${id}`);
}

export async function dropParts(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`DELETE FROM import_parts WHERE import_id = ${id}`);
}
