import { newId } from './operations/id.ts';

/** The caller's X-Request-Id when it is a plain token, else a new one. It is echoed, logged and written to the audit trail. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id') ?? '';
  return /^[\w.:-]{1,128}$/.test(given) ? given : newId();
}
