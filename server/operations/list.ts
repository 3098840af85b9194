import { type CommonQueryMethods, type FragmentSqlToken, InvalidInputError, type ValueExpression } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import type { Scope } from './actor.ts';
import { sqlStateOf } from './database-errors.ts';
import { DomainError } from './errors.ts';

const casts = {
  timestamptz: sql.fragment`timestamptz`,
  text: sql.fragment`text`,
  date: sql.fragment`date`,
  integer: sql.fragment`integer`,
};

/** `id`: as recorded, since ids rise with time; then no other index is needed. */
type SortColumn = 'id' | { readonly column: FragmentSqlToken; readonly type: keyof typeof casts };

type List<Row extends v.GenericSchema> = {
  /** Part of its cursors, so that none is taken for another list's. */
  readonly name: string;
  readonly row: Row;
  /** `SELECT … FROM …` without WHERE; selects every sort field under its own name, and `id`. */
  readonly select: FragmentSqlToken;
  readonly id: FragmentSqlToken;
  readonly sorts: Readonly<Record<string, SortColumn>>;
  /** A field name, with `-` before it for descending. */
  readonly defaultSort: string;
  readonly where: readonly (FragmentSqlToken | null)[];
  /** Makes the rows of the page from the query that chooses them; without it, that query selects them itself. */
  readonly rowsOf?: (page: FragmentSqlToken) => FragmentSqlToken;
};

export type ListInput = {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly sort?: string | undefined;
};

const storable = v.pipe(
  v.string(),
  v.check((value) => !value.includes('\u0000')),
);
const cursorSchema = v.strictTuple([
  v.string(),
  v.string(),
  v.union([storable, v.number()]),
  v.pipe(v.string(), v.uuid()),
]);

/** A cursor that belongs to another list. */
export function malformedCursor(): DomainError {
  return new DomainError('malformed', 'The cursor is not one that this list gave out.');
}

/** A place in a list as text that callers pass back. */
export function encodeCursor(place: unknown): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(place))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * The place that a cursor stands for.
 * @throws DomainError `malformed`
 */
export function decodeCursor<Place>(cursor: string, schema: v.GenericSchema<unknown, Place>): Place {
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    return v.parse(schema, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    throw malformedCursor();
  }
}

function placeIn(cursor: string, name: string, sort: string): readonly [string | number, string] {
  const [list, field, value, id] = decodeCursor(cursor, cursorSchema);
  if (list !== name || field !== sort) {
    throw malformedCursor();
  }
  return [value, id];
}

function chooseSort(
  list: List<v.GenericSchema>,
  wanted: string,
): { field: string; isDescending: boolean; by: SortColumn } {
  const isDescending = wanted.startsWith('-');
  const field = isDescending ? wanted.slice(1) : wanted;
  const by = Object.hasOwn(list.sorts, field) ? list.sorts[field] : undefined;
  if (!by) {
    const known = Object.keys(list.sorts).join(', ');
    throw new DomainError('invalid', `This list can be sorted by ${known}.`, {
      errors: { sort: [`must be one of ${known}, with - before it for descending`] },
    });
  }
  return { field, isDescending, by };
}

/** Joins conditions with AND; null ones are left out. */
export function allOf(conditions: readonly (FragmentSqlToken | null)[]): FragmentSqlToken {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0
    ? sql.fragment`TRUE`
    : (sql.join(given, sql.fragment` AND `) as unknown as FragmentSqlToken);
}

/** `column = value` when a filter is given. */
export function equals(column: FragmentSqlToken, value: string | number | null | undefined): FragmentSqlToken | null {
  return value === undefined || value === null ? null : sql.fragment`${column} = ${value}`;
}

/** Case-insensitive search for a text, literally, in any of the columns. */
export function contains(columns: readonly FragmentSqlToken[], text: string | undefined): FragmentSqlToken | null {
  if (text === undefined) {
    return null;
  }
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql.fragment`(${sql.join(
    columns.map((column) => sql.fragment`${column} ILIKE ${pattern}`),
    sql.fragment` OR `,
  )})`;
}

/** What is in use, unless a list is asked for what is not. */
export function inUse(archivedAt: FragmentSqlToken, wantsArchived: boolean | undefined): FragmentSqlToken {
  return wantsArchived ? sql.fragment`${archivedAt} IS NOT NULL` : sql.fragment`${archivedAt} IS NULL`;
}

/** What SET says of the fields that are given; every change is a new version, also one of nothing. */
export function assignments(fields: Readonly<Record<string, ValueExpression | undefined>>): FragmentSqlToken {
  const given = Object.entries(fields).filter((field): field is [string, ValueExpression] => field[1] !== undefined);
  const all = given.map(([name, value]) => sql.fragment`${sql.identifier([name])} = ${value}`);
  return sql.join([...all, sql.fragment`updated_at = now()`], sql.fragment`, `) as unknown as FragmentSqlToken;
}

/** The row that a change is for: by id, and in the version that the caller saw when it says so. */
export function ofVersion(
  id: FragmentSqlToken,
  wanted: string,
  version: FragmentSqlToken,
  expected: number | undefined,
): FragmentSqlToken {
  return expected === undefined
    ? sql.fragment`${id} = ${wanted}`
    : sql.fragment`(${id} = ${wanted} AND ${version} = ${expected}::integer)`;
}

/** Rows of the parties in scope. */
export function inScope(
  scope: Scope,
  merchantOrgId: FragmentSqlToken,
  merchantId: FragmentSqlToken,
): FragmentSqlToken | null {
  return scope.all
    ? null
    : sql.fragment`(${merchantOrgId} = ANY(${sql.array([...scope.merchant_org_ids], 'uuid')}) OR ${merchantId} = ANY(${sql.array([...scope.merchant_ids], 'uuid')}))`;
}

/** Rows that belong to a merchant in scope. The MerchantOrg is the one that the merchant is under now. */
export function inMerchantScope(scope: Scope, merchantId: FragmentSqlToken): FragmentSqlToken | null {
  return scope.all
    ? null
    : sql.fragment`EXISTS (
        SELECT FROM merchants scoped
        WHERE scoped.id = ${merchantId} AND ${inScope(scope, sql.fragment`scoped.merchant_org_id`, sql.fragment`scoped.id`)})`;
}

/**
 * One page of a list by keyset: `limit` rows after the cursor, in the sort asked for, ties by id.
 * @throws DomainError `malformed` for a foreign cursor, `invalid` for an unknown sort
 */
export async function listPage<Row extends v.GenericSchema<unknown, object>>(
  tx: CommonQueryMethods,
  list: List<Row>,
  input: ListInput,
): Promise<{ data: v.InferOutput<Row>[]; next_cursor: string | null }> {
  const sort = input.sort ?? list.defaultSort;
  const { field, isDescending, by } = chooseSort(list, sort);
  const limit = input.limit ?? 50;
  let after: FragmentSqlToken | null = null;
  if (input.cursor !== undefined) {
    const [value, id] = placeIn(input.cursor, list.name, sort);
    const than = isDescending ? sql.fragment`<` : sql.fragment`>`;
    after =
      by === 'id'
        ? sql.fragment`${list.id} ${than} ${id}::uuid`
        : sql.fragment`(${by.column}, ${list.id}) ${than} (${value}::${casts[by.type]}, ${id}::uuid)`;
  }
  const direction = isDescending ? sql.fragment`DESC` : sql.fragment`ASC`;
  const order =
    by === 'id'
      ? sql.fragment`${list.id} ${direction}`
      : sql.fragment`${by.column} ${direction}, ${list.id} ${direction}`;
  const page = sql.fragment`
    ${list.select}
    WHERE ${allOf([...list.where, after])}
    ORDER BY ${order}
    LIMIT ${limit + 1}`;
  const rows = await tx.any(sql.type(list.row)`${list.rowsOf ? list.rowsOf(page) : page}`).catch((error: unknown) => {
    const isUnreadable = error instanceof InvalidInputError || /^2200[378]$/.test(sqlStateOf(error) ?? '');
    throw input.cursor !== undefined && isUnreadable ? malformedCursor() : error;
  });
  const data = rows.slice(0, limit) as v.InferOutput<Row>[];
  const last = data.at(-1) as ({ id: string } & Record<string, string | number>) | undefined;
  const next = rows.length > limit && last ? encodeCursor([list.name, sort, last[field], last.id]) : null;
  return { data, next_cursor: next };
}
