import type { AppLoadContext } from '@remix-run/server-runtime';
import { importCancel, importCreate, importUpload } from '../server/contexts/import/operations.ts';
import { LONGEST_PART, MOST_PARTS } from '../server/contexts/import/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import { invalidFields } from './problem.ts';

/** A file with its form; what is longer is not read at all. */
export const LARGEST_UPLOAD_BYTES = 40 * 1024 * 1024;

/** A file that no import can be made of, with the line where that shows. */
class UnreadableFile extends Error {}

type Part = { csv: string; isLast: boolean };

/** The text of a file piece by piece, each whole characters. @throws UnreadableFile for what is not UTF-8 */
export async function* partsOf(file: Blob): AsyncGenerator<Part> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const reader = file.stream().getReader();
  let [text, line] = ['', 1];
  for (let isEnd = false; !isEnd; ) {
    const { done, value } = await reader.read();
    isEnd = done;
    try {
      text += done ? decoder.decode() : decoder.decode(value, { stream: true });
    } catch {
      throw new UnreadableFile(`is not UTF-8 at or after line ${line + badLine(text, value)}. Save it as CSV UTF-8`);
    }
    while (text.length > LONGEST_PART) {
      const cut = LONGEST_PART - (isFirstHalf(text, LONGEST_PART - 1) ? 1 : 0);
      const csv = text.slice(0, cut);
      line += csv.split('\n').length - 1;
      text = text.slice(cut);
      yield { csv, isLast: false };
    }
  }
  yield { csv: text, isLast: true };
}

/** How many lines of what is at hand can be read before something cannot. */
function badLine(text: string, bytes: Uint8Array | undefined): number {
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\ufffd', 1)[0] ?? '';
  return `${text}${before}`.split('\n').length - 1;
}

/** Whether a character that takes two units begins there. */
function isFirstHalf(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}

type Uploaded = { id: string } | { problem: Problem };

/** Begins an import and uploads its file, part by part. An import whose file cannot be read is given up again. */
export async function uploadImport(
  context: AppLoadContext,
  input: Record<string, unknown>,
  file: Blob,
  guards: { idempotencyKey?: string },
): Promise<Uploaded> {
  const begun = await context.submit(importCreate, input, guards);
  if ('problem' in begun) return begun;
  const { id } = begun.data;
  const problem = await uploadParts(context, id, file);
  if (!problem) return { id };
  await context.submit(importCancel, { id });
  return { problem };
}

async function uploadParts(context: AppLoadContext, id: string, file: Blob): Promise<Problem | null> {
  const wrong = (message: string) => invalidFields({ file: [message] }, context.requestId);
  try {
    let position = 0;
    for await (const { csv, isLast } of partsOf(file)) {
      position += 1;
      if (position > MOST_PARTS) return wrong(`has more than ${MOST_PARTS * LONGEST_PART} characters`);
      const answer = await context.submit(importUpload, { id, position, csv, is_last: isLast });
      if ('problem' in answer) return asFile(answer.problem);
    }
    return null;
  } catch (error) {
    if (error instanceof UnreadableFile) return wrong(error.message);
    throw error;
  }
}

/** What is said of the text is said beside the file. */
function asFile(problem: Problem): Problem {
  const { csv, ...others } = problem.errors ?? {};
  return csv ? { ...problem, errors: { ...others, file: csv } } : problem;
}
