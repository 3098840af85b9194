import { ssoDoor } from '../../server/doors/sso.ts';
import { anonymous } from '../../server/operations/actor.ts';
import type { TestTenant } from './tenant.ts';

const ownCookie = (cookie: string) => cookie.split(';')[0] ?? '';

/** Somebody at a browser who signs in through a provider: what the pages of single sign-on do, without the pages. */
export function visitorOf(tenant: TestTenant, from: { origin?: string; address?: string } = {}) {
  const { origin = tenant.origin, address = '203.0.113.7' } = from;
  let cookie = '';
  let lastSet: readonly string[] = [];
  const door = () => {
    const request = new Request(`${origin}/sso/callback`, { headers: cookie ? { cookie } : {} });
    const call = {
      requestId: crypto.randomUUID(),
      door: 'page',
      address,
      origin,
      userAgent: 'Firefox/1 Linux',
    } as const;
    return ssoDoor(tenant.home.runtime, request, anonymous, call);
  };
  return {
    /** The cookie that it holds; setting it is what a thief does. */
    get cookie() {
      return cookie;
    },
    set cookie(value: string) {
      cookie = value;
    },
    /** As the server set them last. */
    get lastSet() {
      return lastSet;
    },
    async start(connectionId: string, next = '/'): Promise<string> {
      const step = await door().start(connectionId, next);
      if ('refusal' in step) return step.refusal;
      lastSet = step.cookies;
      cookie = ownCookie(step.cookies[0] ?? '');
      return step.to;
    },
    /** Where it leads, or the name of the refusal. */
    async finish(query: string) {
      const step = await door().finish(query);
      lastSet = 'cookies' in step ? step.cookies : [];
      return 'refusal' in step ? { refusal: step.refusal } : { to: step.to, session: ownCookie(step.cookies[0] ?? '') };
    },
    async confirm(totp: string) {
      const step = await door().confirm(totp);
      return 'cookies' in step ? { to: step.to, session: ownCookie(step.cookies[0] ?? '') } : step;
    },
  };
}

/** Who is signed in with a session, as the portal knows them. */
export async function whoIs(tenant: TestTenant, session: string): Promise<string[]> {
  const { body } = await tenant.as({ cookie: session, origin: tenant.origin }).get('/api/sessions');
  const [row] = await tenant.rows(
    `SELECT u.email FROM users u JOIN sessions s ON s.user_id = u.id WHERE s.handle = $1`,
    [body.data.find(({ is_current: isCurrent }) => isCurrent)?.id],
  );
  return [String(row?.email)];
}
