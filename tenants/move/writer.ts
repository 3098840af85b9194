import { createHash, createHmac, type Hmac } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { countRows, END_OF_ROWS, type TableEnd } from './format.ts';

/** Writes an export, line by line and chunk by chunk, at the pace of the disk. */
export class ExportWriter {
  readonly #gzip = createGzip();
  readonly #hmac: Hmac;
  readonly #done: Promise<void>;

  private constructor(file: FileHandle, key: string) {
    this.#hmac = createHmac('sha256', key);
    this.#done = pipeline(this.#gzip, file.createWriteStream({ flush: true }));
    // Whoever writes next is told.
    this.#done.catch(() => {});
  }

  /** The file must not exist yet (EEXIST); only its owner can read it. */
  static async open(path: string, key: string): Promise<ExportWriter> {
    return new ExportWriter(await open(path, 'wx', 0o600), key);
  }

  async line(document: object): Promise<void> {
    await this.#write(Buffer.from(`${JSON.stringify(document)}\n`));
  }

  /** The rows of a table as COPY gives them, their end, and what they were. */
  async rows(source: Readable): Promise<TableEnd> {
    const hash = createHash('sha256');
    let rows = 0;
    for await (const chunk of source) {
      hash.update(chunk);
      rows += countRows(chunk);
      await this.#write(chunk);
    }
    const end = { rows, sha256: hash.digest('hex') };
    await this.#write(END_OF_ROWS);
    await this.line(end);
    return end;
  }

  /** Signs everything before with the last line; afterwards the file is whole and on the disk. */
  async finish(counts: { tables: number; rows: number }): Promise<void> {
    const line = `${JSON.stringify({ ...counts, hmac: this.#hmac.digest('hex') })}\n`;
    this.#gzip.end(line);
    await this.#done;
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#done.catch(() => {});
  }

  async #write(chunk: Buffer): Promise<void> {
    this.#hmac.update(chunk);
    if (this.#gzip.destroyed) await this.#done;
    else if (!this.#gzip.write(chunk)) await Promise.race([once(this.#gzip, 'drain'), this.#done]);
  }
}
