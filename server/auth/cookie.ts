import { TimeSpan } from 'oslo';
import { CookieController } from 'oslo/cookie';

/** What binds a single sign-on that is under way to the browser that began it. Lax: the provider sends people back by a link. */
export function ssoCookie(isSecure: boolean): CookieController {
  return new CookieController(
    isSecure ? '__Host-scp_sso' : 'scp_sso',
    { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' },
    { expiresIn: new TimeSpan(10, 'm') },
  );
}

/** The session cookie of a host: host-only, and `__Host-` on https, so that no sibling subdomain can set or read it. */
export function sessionCookie(isSecure: boolean): CookieController {
  return new CookieController(
    isSecure ? '__Host-scp_session' : 'scp_session',
    { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' },
    { expiresIn: new TimeSpan(14, 'd') },
  );
}
