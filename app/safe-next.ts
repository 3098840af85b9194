import { isLocalPath } from '../server/contexts/sso/schemas.ts';

/** Where the query of an address says to go on: a path of this portal and nothing else. */
export function nextOf(search: string): string | null {
  const next = new URLSearchParams(search).get('next') ?? '';
  return next.length <= 2000 && isLocalPath(next) && !/^\/sign-in(?:$|[?#])/.test(next) ? next : null;
}

/** Where to go after signing in. */
export function safeNext(request: Request): string {
  return nextOf(new URL(request.url).search) ?? '/';
}

/** The address of a page that leads back to where one is. */
export function withNext(href: string, next: string): string {
  return `${href}${href.includes('?') ? '&' : '?'}${new URLSearchParams({ next })}`;
}

/** After a form was saved: the page that led here, told that it was, or else where one goes as a rule. */
export function backFrom(request: Request, otherwise: string): string {
  const next = nextOf(new URL(request.url).search);
  if (next === null) return otherwise;
  const { pathname, searchParams } = new URL(next, request.url);
  searchParams.set('saved', '1');
  return `${pathname}?${searchParams}`;
}
