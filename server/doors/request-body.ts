import { DomainError } from '../operations/errors.ts';

/** JSON bodies are at most 1 MiB. */
const MAXIMUM_BODY_BYTES = 1024 * 1024;

/** How much of a refused body is read and dropped, so that the sender is there to read the answer. */
const MAXIMUM_DROPPED_BYTES = 16 * MAXIMUM_BODY_BYTES;

function tooLarge(): DomainError {
  return new DomainError('too_large', 'A JSON body has at most 1 MiB.');
}

/**
 * The bytes of a body.
 * @throws DomainError too_large, or malformed when the sender stops in the middle or breaks the encoding
 */
export async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await collectBytes(request);
  } catch (error) {
    throw error instanceof DomainError ? error : new DomainError('malformed', 'The body broke off.');
  }
}

/** A declared length is held by the server; without one the bytes are counted as they come. */
async function collectBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const declared = request.headers.get('content-length');
  if (declared !== null) {
    if (!(Number(declared) <= MAXIMUM_BODY_BYTES)) {
      throw tooLarge();
    }
    return new Uint8Array(await request.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength;
    if (total <= MAXIMUM_BODY_BYTES) {
      chunks.push(chunk);
    } else if (total > MAXIMUM_DROPPED_BYTES) {
      break;
    }
  }
  if (total > MAXIMUM_BODY_BYTES) {
    throw tooLarge();
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/**
 * Reads what an answer has left of the body. Otherwise the connection closes under a sender that is still writing, and
 * the answer is lost with it.
 */
export async function dropBody(request: Request): Promise<void> {
  if (!request.body || request.bodyUsed) {
    return;
  }
  let total = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength;
    if (total > MAXIMUM_DROPPED_BYTES) {
      return;
    }
  }
}

/**
 * Reads a JSON object from a request; an empty body is an empty object.
 * @throws DomainError too_large, unsupported_media_type, malformed
 */
export async function readJsonObject(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) {
    return {};
  }
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new DomainError('unsupported_media_type', 'Send the body as application/json.');
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new DomainError('malformed', 'The body is not JSON in UTF-8.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('invalid', 'The body must be a JSON object.', { errors: { '': ['must be an object'] } });
  }
  return value as Record<string, unknown>;
}
