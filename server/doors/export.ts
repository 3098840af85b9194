import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import type { Actor } from '../operations/actor.ts';
import { csvCell } from '../operations/csv.ts';
import { DomainError } from '../operations/errors.ts';
import { execute, type Runtime } from '../operations/execute.ts';
import type { Call, FileAnswer, Operation } from '../operations/operation.ts';
import { envelope, workParameter } from '../operations/statement.ts';

export type ExportFormat = 'csv' | 'ndjson';

const PAGE = 200;

/** Of the four connections of a home: whoever reads exports slowly, or never, must not keep everybody else waiting. */
const MOST_AT_ONCE = 2;

/** The exports that run in one home. */
export class ExportPlaces {
  #taken = 0;

  /**
   * Takes a place; the answer gives it back.
   * @throws DomainError unavailable
   */
  enter(): () => void {
    if (this.#taken >= MOST_AT_ONCE) {
      throw new DomainError('unavailable', 'Other exports are running. Try again when they have ended.', {
        retryAfterSeconds: 5,
      });
    }
    this.#taken += 1;
    return () => {
      this.#taken -= 1;
    };
  }
}

const nothing = v.object({});

/** The format that a caller asks for by Accept or `?format=`; null for an ordinary page of JSON. */
export function exportFormatOf(request: Request): ExportFormat | null {
  const named = new URL(request.url).searchParams.get('format');
  const accept = request.headers.get('accept') ?? '';
  if (named === 'csv' || accept.includes('text/csv')) {
    return 'csv';
  }
  return named === 'ndjson' || named === 'jsonl' || accept.includes('application/x-ndjson') ? 'ndjson' : null;
}

function columnsOf(operation: Operation): string[] {
  const list = operation.output as unknown as { entries: { data: { item: { entries: Record<string, unknown> } } } };
  return Object.keys(list.entries.data.item.entries);
}

type Page = { data: Record<string, unknown>[]; next_cursor?: string | null };

/** Runs with one snapshot of the database for all pages. */
async function inSnapshot(runtime: Runtime, use: (snapshot: Runtime) => Promise<void>): Promise<void> {
  await runtime.withPool((pool) =>
    pool.transaction(async (tx) => {
      await tx.query(sql.type(nothing)`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`);
      const onTransaction = {
        ...runtime,
        isSnapshot: true,
        withPool: <T>(run: (connection: typeof pool) => Promise<T>) => run(tx as unknown as typeof pool),
      };
      await use({ ...onTransaction, tenant: runtime.tenant });
    }, 0),
  );
}

type Send = (text: string) => Promise<void>;

/**
 * Answers a stream that `write` fills. The start is audited before the first byte, and so is the end, with what `write`
 * says of it. A failure on the way breaks the stream, so that half an export is not taken for a whole.
 */
async function stream(
  runtime: Runtime,
  operation: Operation,
  actor: Actor,
  call: Call,
  places: ExportPlaces,
  headers: Headers,
  title: string,
  write: (send: Send) => Promise<string>,
): Promise<Response> {
  const leaveExport = places.enter();
  try {
    await recordExport(runtime, operation, actor, call, `${title} began`);
  } catch (error) {
    leaveExport();
    throw error;
  }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const fill = async (): Promise<void> => {
    const summary = await write((text) => writer.write(encoder.encode(text)));
    await recordExport(runtime, operation, actor, call, `${title} ended: ${summary}`);
    await writer.close();
  };
  fill()
    .catch((error) => {
      console.warn(`export ${call.requestId} broke off`, error instanceof Error ? error.message : 'unknown');
      writer.abort(error).catch(() => {});
    })
    .finally(leaveExport);
  return new Response(readable, { headers });
}

/** Streams a whole list, page by page, from one snapshot. */
export async function exportList(
  runtime: Runtime,
  operation: Operation,
  actor: Actor,
  input: Record<string, unknown>,
  call: Call,
  format: ExportFormat,
  headers: Headers,
  places: ExportPlaces,
): Promise<Response> {
  // Whatever is wrong with the request is said before the stream begins.
  const pageOf = (limit: number) => (operation.isReport ? {} : { limit });
  await execute(runtime, operation, actor, { ...input, ...pageOf(1) }, call);
  const columns = columnsOf(operation);
  const line = (row: Record<string, unknown>) =>
    format === 'csv' ? `${columns.map((column) => csvCell(row[column])).join(',')}\r\n` : `${JSON.stringify(row)}\n`;
  headers.set('content-type', format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson');
  headers.set(
    'content-disposition',
    `attachment; filename="${operation.resource}s.${format === 'csv' ? 'csv' : 'jsonl'}"`,
  );
  const title = `Export of ${operation.resource} as ${format}`;
  return stream(runtime, operation, actor, call, places, headers, title, async (send) => {
    let rows = 0;
    await inSnapshot(runtime, async (snapshot) => {
      if (format === 'csv') {
        await send(`${columns.join(',')}\r\n`);
      }
      let cursor: string | null | undefined = input.cursor as string | undefined;
      do {
        const page: Page = (
          await execute(snapshot, operation, actor, { ...input, ...pageOf(PAGE), ...(cursor ? { cursor } : {}) }, call)
        ).data as Page;
        rows += page.data.length;
        await send(page.data.map(line).join(''));
        cursor = page.next_cursor;
      } while (cursor);
    });
    return `${rows} rows`;
  });
}

/** Streams the file that an operation makes. */
export async function exportFile(
  runtime: Runtime,
  operation: Operation,
  actor: Actor,
  input: Record<string, unknown>,
  call: Call,
  headers: Headers,
  places: ExportPlaces,
): Promise<Response> {
  const { data } = await execute(runtime, operation, actor, input, call);
  const { name, type, parts } = data as FileAnswer;
  headers.set('content-type', type);
  headers.set('content-disposition', `attachment; filename="${name}"`);
  return stream(runtime, operation, actor, call, places, headers, `Export of ${name}`, async (send) => {
    let length = 0;
    for await (const part of parts) {
      length += part.length;
      await send(part);
    }
    return `${length} characters`;
  });
}

async function recordExport(
  runtime: Runtime,
  operation: Operation,
  actor: Actor,
  call: Call,
  summary: string,
): Promise<void> {
  const work = envelope(actor, call, {
    operation: `${operation.resource}.export`,
    summary,
    resource: { type: operation.resource },
  });
  await runtime.withPool((pool) => pool.query(sql.type(nothing)`SELECT work_begin(${workParameter(work)})`));
}
