import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { TenantError } from '../error.ts';
import { actAsOwner } from '../statements.ts';
import { requireTenant } from '../status.ts';
import { type CarriedTable, carriedTables, PLAIN_TEXT } from './contents.ts';
import { type Anchors, type Head, keyCheck, signingKey } from './format.ts';
import { ExportWriter } from './writer.ts';

export type ExportOptions = {
  slug: string;
  /** Where the file goes; it must not be there yet. */
  path: string;
  masterSecret: string;
  onTable?: (progress: { table: string; rows: number; done: number; total: number }) => void;
};

export type ExportResult = { head: Head; tables: number; rows: number };

/**
 * Writes a tenant into one file, as of one instant, while it is running: it neither waits for anybody nor is waited
 * for. The file has its name only once it is whole.
 * @throws TenantError not_found (the tenant), conflict (the file is there)
 */
export async function exportTenant(admin: pg.Client, options: ExportOptions): Promise<ExportResult> {
  const tenant = await requireTenant(admin, options.slug);
  if (existsSync(options.path)) throw new TenantError('conflict', `${options.path} is there already.`);
  const partial = `${options.path}.partial`;
  let writer: ExportWriter | undefined;
  await admin.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const anchors = await anchorsOf(admin, tenant.id);
    await admin.query(`${actAsOwner(tenant)};\n${PLAIN_TEXT}`);
    const head = await headOf(admin, tenant, options.masterSecret);
    const tables = await carriedTables(admin, tenant.schema);
    writer = await openWriter(partial, options.masterSecret);
    await writer.line(head);
    await writer.line(anchors);
    const rows = await writeTables(admin, writer, tables, options.onTable);
    await writer.finish({ tables: tables.length, rows });
    await rename(partial, options.path);
    return { head, tables: tables.length, rows };
  } catch (error) {
    await writer?.abandon();
    if (writer) await rm(partial, { force: true });
    throw error;
  } finally {
    await admin.query('ROLLBACK').catch(() => {});
  }
}

async function openWriter(path: string, masterSecret: string): Promise<ExportWriter> {
  try {
    return await ExportWriter.open(path, signingKey(masterSecret));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST') {
      throw new TenantError(
        'conflict',
        `${path} is there: another export is under way, or was interrupted. Delete it when none is.`,
      );
    }
    throw new TenantError('invalid', `${path} cannot be written (${code}).`);
  }
}

async function writeTables(
  admin: pg.Client,
  writer: ExportWriter,
  tables: CarriedTable[],
  onTable: ExportOptions['onTable'],
): Promise<number> {
  let rows = 0;
  for (const [index, { name, columns }] of tables.entries()) {
    await writer.line({ table: name, columns });
    const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
    const source = admin.query(copyTo(`COPY ${pg.escapeIdentifier(name)} (${list}) TO STDOUT`));
    const end = await writer.rows(source);
    rows += end.rows;
    onTable?.({ table: name, rows: end.rows, done: index + 1, total: tables.length });
  }
  return rows;
}

async function anchorsOf(admin: pg.Client, tenantId: string): Promise<Anchors> {
  const { rows } = await admin.query<Anchors['anchors'][number]>(
    `SELECT a.block, encode(a.hash, 'hex') AS hash, a.anchored_at::text AS anchored_at
       FROM platform.anchors AS a
      WHERE a.tenant_id = $1
      ORDER BY a.block`,
    [tenantId],
  );
  return { anchors: rows };
}

/** Read as the owner, with the tenant's schema as search path. */
async function headOf(
  admin: pg.Client,
  tenant: { id: string; slug: string; name: string; schema: string },
  masterSecret: string,
): Promise<Head> {
  const { rows } = await admin.query<Pick<Head, 'migrations' | 'sequences' | 'seal' | 'created_at'>>(
    `SELECT (SELECT array_agg(m.sha256 ORDER BY m.version) FROM schema_migrations AS m) AS migrations,
            (SELECT coalesce(jsonb_object_agg(q.sequencename, q.last_value::text) FILTER (WHERE q.last_value IS NOT NULL), '{}')
               FROM pg_sequences AS q WHERE q.schemaname = $1) AS sequences,
            (SELECT jsonb_build_object('last_block', coalesce(max(b.number), 0),
                      'hash', (SELECT encode(h.hash, 'hex') FROM seal_blocks AS h ORDER BY h.number DESC LIMIT 1))
               FROM seal_blocks AS b) AS seal,
            rfc3339(now()) AS created_at`,
    [tenant.schema],
  );
  const state = rows[0];
  if (!state) throw new TenantError('failed', 'The tenant cannot be read.');
  return {
    format: 'scp-tenant-export',
    format_version: 1,
    created_at: state.created_at,
    tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name },
    schema_version: state.migrations.length,
    functions_hash: await functionsHash(admin, tenant.id),
    migrations: state.migrations,
    seal: state.seal,
    sequences: state.sequences,
    key_check: keyCheck(masterSecret),
  };
}

async function functionsHash(admin: pg.Client, tenantId: string): Promise<string | null> {
  const { rows } = await admin.query<{ hash: string | null }>(
    'SELECT functions_hash AS hash FROM platform.tenants WHERE id = $1',
    [tenantId],
  );
  return rows[0]?.hash ?? null;
}
