import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { derivePassword } from '../credentials.ts';
import { TenantError } from '../error.ts';

/** Ends the rows of a table: no row of COPY's text format can be this line, since a backslash is written as two. */
export const END_OF_ROWS = Buffer.from('\\.\n');

/** The first line of an export. */
export const Head = v.object({
  format: v.literal('scp-tenant-export'),
  format_version: v.literal(1),
  created_at: v.string(),
  tenant: v.object({ id: v.pipe(v.string(), v.uuid()), slug: v.string(), name: v.string() }),
  schema_version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  functions_hash: v.nullable(v.string()),
  migrations: v.array(v.string()),
  seal: v.object({ last_block: v.number(), hash: v.nullable(v.string()) }),
  sequences: v.record(v.string(), v.string()),
  /** Tells which master secret the file was written with, and nothing else about it. */
  key_check: v.string(),
});
export type Head = v.InferOutput<typeof Head>;

/** The line before the rows of a table, and the one after them. */
export const TableStart = v.object({ table: v.string(), columns: v.array(v.string()) });
export const TableEnd = v.object({ rows: v.number(), sha256: v.string() });
export type TableEnd = v.InferOutput<typeof TableEnd>;

/** The line with the anchors of the seal's blocks, and the last one. */
export const Anchors = v.object({
  anchors: v.array(v.object({ block: v.number(), hash: v.string(), anchored_at: v.string() })),
});
export type Anchors = v.InferOutput<typeof Anchors>;
export const Tail = v.object({ tables: v.number(), rows: v.number(), hmac: v.string() });

/** The key under which an export is signed, so that no one without the master secret can change it unseen. */
export function signingKey(masterSecret: string): string {
  return derivePassword(masterSecret, 'export', 1);
}

export function keyCheck(masterSecret: string): string {
  return createHash('sha256')
    .update(`check:${signingKey(masterSecret)}`)
    .digest('hex');
}

/** The one of the secrets that the file was written with. @throws TenantError when it is none of them */
export function secretOf(head: Head, secrets: readonly string[]): string {
  const found = secrets.find((secret) => keyCheck(secret) === head.key_check);
  if (found !== undefined) return found;
  throw new TenantError('failed', 'The file was written under another master secret: set SOURCE_MASTER_SECRET to it.');
}

export function countRows(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count += 1;
  return count;
}
