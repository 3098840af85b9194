import type { Problem } from '../server/operations/errors.ts';

/** The problem in a thrown response's body, which Remix hands over as text or as parsed JSON. */
export function readProblem(body: unknown): Problem | null {
  const value = typeof body === 'string' ? parseJson(body) : body;
  const isProblem = typeof value === 'object' && value !== null && 'code' in value && 'status' in value;
  return isProblem ? (value as Problem) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What was typed does not make an input yet, so that no operation could be asked. */
export function invalidFields(errors: Record<string, string[]>, requestId: string): Problem {
  const words = { title: 'Some fields need another value', detail: 'See the fields below.' };
  return { type: 'about:blank', status: 422, code: 'invalid', request_id: requestId, errors, ...words };
}
