import { DomainError, toProblem } from '../operations/errors.ts';

/** An error as an RFC 9457 response. What is not a DomainError is a bug: logged, and answered without its message. */
export function problemResponse(error: unknown, requestId: string): Response {
  const known =
    error instanceof DomainError ? error : new DomainError('internal', `Tell us this request id: ${requestId}`);
  if (known !== error) {
    console.error(`request ${requestId} failed`, error);
  }
  const problem = toProblem(known, requestId);
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  });
  if (known.detail.retryAfterSeconds !== undefined) {
    headers.set('retry-after', String(known.detail.retryAfterSeconds));
  }
  if (known.detail.rateLimit !== undefined) {
    headers.set('ratelimit', known.detail.rateLimit);
  }
  if (known.detail.allow !== undefined) {
    headers.set('allow', known.detail.allow.join(', '));
  }
  if (known.code === 'unauthenticated' || known.code === 'invalid_credentials') {
    headers.set('www-authenticate', 'Bearer');
  }
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
