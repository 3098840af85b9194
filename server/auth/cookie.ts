import { TimeSpan } from 'oslo';
import { CookieController } from 'oslo/cookie';

/** The session cookie of a host: host-only, and `__Host-` on https, so that no sibling subdomain can set or read it. */
export function sessionCookie(isSecure: boolean): CookieController {
  return new CookieController(
    isSecure ? '__Host-scp_session' : 'scp_session',
    { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' },
    { expiresIn: new TimeSpan(14, 'd') },
  );
}
