import { isLocalPath } from '../server/contexts/sso/schemas.ts';

/** Where to go after signing in: a path of this portal and nothing else. */
export function safeNext(request: Request): string {
  const next = new URL(request.url).searchParams.get('next') ?? '/';
  return isLocalPath(next) && next.length <= 2000 && !/^\/sign-in(?:$|[?#])/.test(next) ? next : '/';
}
