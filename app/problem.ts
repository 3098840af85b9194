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
