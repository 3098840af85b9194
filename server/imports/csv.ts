// Reads a CSV file that comes in parts. Pure: text in, rows out, and of the file it holds no more than the row at hand.
import Papa from 'papaparse';
import type { Delimiter } from '../contexts/import/schemas.ts';

/** `line` is where the row begins in the file, counted from 1 as editors do; the heads are on line 1. */
export type CsvRow = { readonly line: number; readonly cells: readonly string[] };

/** What cannot be read, and everything behind it. */
export type CsvBreak = { readonly line: number; readonly message: string };

const SEPARATORS: Readonly<Record<Delimiter, string>> = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' };

/** No row of a business is longer: what seems to be is a quote that nobody closed. */
export const LONGEST_ROW = 100_000;

/** How much of a file is read for a sample of it, in characters. */
export const SAMPLE_LENGTH = 20_000;
const SAMPLE_ROWS = 3;

/** The separator that the first line has most of, outside of quotes. */
export function guessDelimiter(text: string): Delimiter {
  const [head = ''] = withoutMark(text).split(/\r\n|\r|\n/, 1);
  const bare = head.replaceAll(/"[^"]*"/g, '');
  const counted = (Object.keys(SEPARATORS) as Delimiter[]).map((name) => ({
    name,
    count: bare.split(SEPARATORS[name]).length,
  }));
  return counted.reduce((most, each) => (each.count > most.count ? each : most)).name;
}

/** The names of the columns, each told apart from the others: one that has none goes by its number. */
export function readHeads(text: string, delimiter: Delimiter): string[] {
  const { data } = Papa.parse<string[]>(withoutMark(text).slice(0, LONGEST_ROW), {
    delimiter: SEPARATORS[delimiter],
    preview: 1,
  });
  const seen = new Map<string, number>();
  return (data[0] ?? []).map((cell, index) => {
    const name = cell.replaceAll(/\s+/g, ' ').trim().slice(0, 200).toWellFormed() || `Column ${index + 1}`;
    const count = (seen.get(name.toLowerCase()) ?? 0) + 1;
    seen.set(name.toLowerCase(), count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

/** The first rows below the heads, as they are written: for people to see what is in which column. */
export function readSample(text: string, delimiter: Delimiter): string[][] {
  const options = { delimiter: SEPARATORS[delimiter], skipEmptyLines: true };
  const { data } = Papa.parse<string[]>(withoutMark(text), options);
  // Where the text was cut off, its last row may be half a row.
  const whole = [...text].length < SAMPLE_LENGTH ? data : data.slice(0, -1);
  return whole.slice(1, 1 + SAMPLE_ROWS).map((cells) => cells.map((cell) => cell.trim().slice(0, 60).toWellFormed()));
}

/** The byte order mark that some programs begin a file with. */
function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}

/** Takes the parts in order and gives the rows that are whole; the heads are left out, and so are blank rows. */
export class CsvReader {
  readonly #parser: Papa.Parser;
  #rest = '';
  #line = 1;
  #isAtHeads = true;
  #isBroken = false;

  constructor(delimiter: Delimiter) {
    this.#parser = new Papa.Parser({ delimiter: SEPARATORS[delimiter], newline: '\n' });
  }

  /** @param isLast what has no end of line ends with the file */
  read(part: string, isLast: boolean): { rows: CsvRow[]; broken: CsvBreak | null } {
    if (this.#isBroken) return { rows: [], broken: null };
    let text = this.#rest + (this.#isAtHeads && this.#rest === '' ? withoutMark(part) : part);
    // Of an end of line that the parts divide, the second half is still to come.
    const held = !isLast && text.endsWith('\r') ? '\r' : '';
    text = text.slice(0, text.length - held.length).replaceAll(/\r\n?/g, '\n');
    const { data, errors, meta } = this.#parser.parse(text, 0, !isLast) as Papa.ParseResult<string[]>;
    this.#rest = text.slice(meta.cursor) + held;
    const badQuotes = new Set(errors.map(({ row }) => row));
    const rows: CsvRow[] = [];
    for (const [index, cells] of data.entries()) {
      const line = this.#line;
      this.#line += 1 + cells.reduce((sum, cell) => sum + (cell.split('\n').length - 1), 0);
      if (badQuotes.has(index)) return { rows, broken: this.#breakAt(line) };
      if (this.#isAtHeads) this.#isAtHeads = false;
      else if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
    }
    const isEndless = !isLast && this.#rest.length > LONGEST_ROW;
    return { rows, broken: isEndless ? this.#breakAt(this.#line) : null };
  }

  #breakAt(line: number): CsvBreak {
    this.#isBroken = true;
    this.#rest = '';
    const message = 'has a quote that is not closed, or is not doubled inside quotes. Nothing after it could be read.';
    return { line, message };
  }
}
