import { DomainError } from './operations/errors.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses writes that another site makes a browser send. A request with an API key is no browser's, but pages take no
 * keys; one with a cookie needs an Origin of its own; one with neither (a program that signs in) may come without.
 * @throws DomainError cross_origin
 */
export function guardOrigin(request: Request): void {
  const here = new URL(request.url);
  const isByKey = request.headers.has('authorization') && /^\/(api\/|ofrep\/|mcp$)/.test(here.pathname);
  if (SAFE_METHODS.has(request.method) || isByKey) {
    return;
  }
  const origin = request.headers.get('origin');
  const isForeign = origin !== null && origin !== here.origin;
  if (isForeign || (origin === null && request.headers.has('cookie'))) {
    throw new DomainError('cross_origin', 'Writes with a session need an Origin header of this very site.');
  }
}
