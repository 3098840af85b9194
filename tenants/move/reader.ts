import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import { TenantError } from '../error.ts';
import { Anchors, countRows, END_OF_ROWS, Head, secretOf, signingKey, TableEnd, TableStart, Tail } from './format.ts';

const LONGEST_LINE = 64 * 1024 * 1024;
const END_WITHIN = Buffer.from('\n\\.\n');

/** Takes the rows of one table. */
export type RowSink = {
  write: (chunk: Buffer) => Promise<void>;
  end: () => Promise<void>;
  /** Called instead of `end` when the reading fails. */
  abandon: () => void;
};

/** What is done with the parts of an export while it is read; each is called in the order of the file. */
export type ExportVisitor = {
  head?: (head: Head) => void | Promise<void>;
  table?: (table: { name: string; columns: string[] }) => Promise<RowSink | undefined>;
  anchors?: (anchors: Anchors['anchors']) => void;
};

export type ExportSummary = { head: Head; secret: string; tables: Map<string, TableEnd> };

/**
 * Reads an export once from beginning to end, in constant memory, and verifies all of it: the hash and the number of
 * rows of each table, and the signature of the whole.
 * @throws TenantError when the file is no export, is not whole, or was changed
 */
export async function readExport(
  path: string,
  secrets: readonly string[],
  visitor: ExportVisitor = {},
): Promise<ExportSummary> {
  const parser = new Parser(secrets, visitor);
  const source = createReadStream(path);
  const gunzip = source.pipe(createGunzip());
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of gunzip) await parser.take(chunk);
  } catch (error) {
    parser.abandon();
    throw explain(error);
  } finally {
    source.destroy();
  }
  return parser.finish();
}

function explain(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new TenantError('invalid', 'There is no such file.');
  if (code === 'EACCES' || code === 'EISDIR') return new TenantError('invalid', `The file cannot be read (${code}).`);
  if (code === 'Z_BUF_ERROR') return new TenantError('failed', 'The file is not whole: it ends early.');
  return code.startsWith('Z_') ? new TenantError('failed', 'The file is no export, or was damaged.') : error;
}

type Current = { name: string; hash: Hash; rows: number; sink: RowSink | undefined; isOpen: boolean };

class Parser {
  readonly #secrets: readonly string[];
  readonly #visitor: ExportVisitor;
  readonly #tables = new Map<string, TableEnd>();
  #rest: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  #secret = '';
  #hmac: Hmac | undefined;
  #current: Current | undefined;
  #isWhole = false;

  constructor(secrets: readonly string[], visitor: ExportVisitor) {
    this.#secrets = secrets;
    this.#visitor = visitor;
  }

  async take(chunk: Buffer): Promise<void> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#current?.isOpen ? await this.#takeRows(this.#current) : await this.#takeLine()) {
      // until a part is not whole yet
    }
    if (this.#rest.length > LONGEST_LINE) throw damaged('a line is too long');
  }

  finish(): ExportSummary {
    if (!this.#head || !this.#isWhole || this.#rest.length > 0) {
      throw new TenantError('failed', 'The file is not whole: it ends early.');
    }
    return { head: this.#head, secret: this.#secret, tables: this.#tables };
  }

  abandon(): void {
    this.#current?.sink?.abandon();
  }

  /** Whole rows, up to the end of the table or of what has been read. False when more must be read first. */
  async #takeRows(table: Current): Promise<boolean> {
    const within = this.#rest.indexOf(END_WITHIN);
    const end = this.#rest.subarray(0, END_OF_ROWS.length).equals(END_OF_ROWS) ? 0 : within === -1 ? -1 : within + 1;
    const upTo = end === -1 ? this.#rest.lastIndexOf(10) + 1 : end;
    const rows = this.#rest.subarray(0, upTo);
    if (rows.length > 0) {
      table.hash.update(rows);
      table.rows += countRows(rows);
      await table.sink?.write(rows);
    }
    if (end !== -1) table.isOpen = false;
    const taken = end === -1 ? upTo : end + END_OF_ROWS.length;
    this.#hmac?.update(this.#rest.subarray(0, taken));
    this.#rest = this.#rest.subarray(taken);
    return end !== -1;
  }

  async #takeLine(): Promise<boolean> {
    const end = this.#rest.indexOf(10) + 1;
    if (end === 0) return false;
    const bytes = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    if (this.#isWhole) throw damaged('there is more after its end');
    const document = parseJson(bytes);
    if (!this.#head) await this.#begin(document);
    else if (this.#current) await this.#endTable(document, this.#current);
    else if (v.is(Tail, document)) return this.#end(document);
    else if (v.is(Anchors, document)) this.#visitor.anchors?.(document.anchors);
    else if (v.is(TableStart, document)) await this.#beginTable(document);
    else throw damaged('there is a line of an unknown kind');
    this.#hmac?.update(bytes);
    return true;
  }

  async #begin(document: unknown): Promise<void> {
    const head = v.safeParse(Head, document);
    if (!head.success) throw new TenantError('failed', 'The file is no export that this code knows.');
    this.#head = head.output;
    this.#secret = secretOf(head.output, this.#secrets);
    this.#hmac = createHmac('sha256', signingKey(this.#secret));
    await this.#visitor.head?.(head.output);
  }

  async #beginTable({ table: name, columns }: v.InferOutput<typeof TableStart>): Promise<void> {
    if (this.#tables.has(name)) throw damaged(`table ${name} is there twice`);
    const sink = await this.#visitor.table?.({ name, columns });
    this.#current = { name, hash: createHash('sha256'), rows: 0, sink, isOpen: true };
  }

  async #endTable(document: unknown, table: Current): Promise<void> {
    const sha256 = table.hash.digest('hex');
    if (!v.is(TableEnd, document) || document.sha256 !== sha256 || document.rows !== table.rows) {
      throw damaged(`the rows of ${table.name} are not what its hash says`);
    }
    await table.sink?.end();
    this.#tables.set(table.name, document);
    this.#current = undefined;
  }

  #end(tail: v.InferOutput<typeof Tail>): boolean {
    const signature = this.#hmac?.digest() ?? Buffer.alloc(0);
    const stated = Buffer.from(tail.hmac, 'hex');
    if (stated.length !== signature.length || !timingSafeEqual(stated, signature)) {
      throw damaged('its signature is not of this content');
    }
    if (tail.tables !== this.#tables.size) throw damaged('a table is missing');
    this.#hmac = undefined;
    this.#isWhole = true;
    return true;
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw damaged('a line of it cannot be read');
  }
}

function damaged(what: string): TenantError {
  return new TenantError('failed', `The file was changed or damaged: ${what}.`);
}
