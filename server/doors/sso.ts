import { sessionCookie, ssoCookie } from '../auth/cookie.ts';
import { ssoConfirm, ssoFinish, ssoStart } from '../contexts/sso/operations.ts';
import { isRefusal, type Refusal } from '../contexts/sso/schemas.ts';
import type { Actor } from '../operations/actor.ts';
import { fromDatabase } from '../operations/database-errors.ts';
import { DomainError, type Problem, toProblem } from '../operations/errors.ts';
import { execute, type Runtime } from '../operations/execute.ts';
import type { Call } from '../operations/operation.ts';

/** Where the browser goes next, and the cookies that it takes along. */
type Onward = { to: string; cookies: readonly string[] };
type Refused = { refusal: Refusal };

/** What the pages of single sign-on get. Tokens travel in cookies alone. */
export type SsoDoor = {
  start(connectionId: string, returnTo: string): Promise<Onward | Refused>;
  /** @param query what the provider sent the browser back with */
  finish(query: string): Promise<Onward | Refused>;
  /** Whether somebody may be asked for a code here at all: it is the operation that knows. */
  readonly isUnderWay: boolean;
  confirm(totp: string): Promise<Onward | Refused | { problem: Problem }>;
};

/** Words for the sign-in page: what went wrong with a provider, or else what stands in the way of us. */
function refusalIn(error: unknown, step: 'start' | 'finish' = 'finish'): Refused {
  const known = fromDatabase(error);
  if (!(known instanceof DomainError)) throw error;
  const reason = known.detail.extra?.reason;
  if (isRefusal(reason)) return { refusal: reason };
  // An id or a token that cannot be one is refused before anything is looked up.
  if (known.code === 'invalid') return { refusal: step === 'start' ? 'turned_off' : 'expired' };
  return { refusal: 'busy' };
}

export function ssoDoor(runtime: Runtime, request: Request, actor: Actor, call: Call): SsoDoor {
  const isSecure = request.url.startsWith('https:');
  const [flow, session] = [ssoCookie(isSecure), sessionCookie(isSecure)];
  const token = flow.parse(request.headers.get('cookie') ?? '') ?? '';
  const signedIn = (opened: string, to: string): Onward => ({
    to,
    cookies: [session.createCookie(opened).serialize(), flow.createBlankCookie().serialize()],
  });
  return {
    isUnderWay: token !== '',
    start: async (id, return_to) => {
      try {
        const { data } = await execute(runtime, ssoStart, actor, { id, return_to }, call);
        return { to: data.url, cookies: [flow.createCookie(data.flow_token).serialize()] };
      } catch (error) {
        return refusalIn(error, 'start');
      }
    },
    finish: async (query) => {
      try {
        const { data } = await execute(runtime, ssoFinish, actor, { flow_token: token, query }, call);
        if (data.refusal) return { refusal: data.refusal };
        return data.token ? signedIn(data.token, data.return_to) : { to: '/sso/confirm', cookies: [] };
      } catch (error) {
        return refusalIn(error);
      }
    },
    confirm: async (totp) => {
      try {
        const { data } = await execute(runtime, ssoConfirm, actor, { flow_token: token, totp }, call);
        return signedIn(data.token, data.return_to);
      } catch (error) {
        const known = fromDatabase(error);
        const isAboutCode =
          known instanceof DomainError && (known.code === 'second_factor_wrong' || known.detail.errors?.totp);
        return isAboutCode ? { problem: toProblem(known, call.requestId) } : refusalIn(error);
      }
    },
  };
}
