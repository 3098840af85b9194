import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** What the provider says of somebody; `sub` is added. */
export type Person = Record<string, unknown> & { email?: string; email_verified?: boolean; name?: string };

/** A real OpenID provider on loopback, with the people that a test gives it. */
export type OpenIdProvider = {
  issuer: string;
  client: { client_id: string; client_secret: string };
  /** By subject; may change between sign-ins. */
  people: Map<string, Person>;
  /** Walks through the provider as a browser of its own would, and answers where it leads back to. */
  authorize(url: string, subject: string): Promise<URL>;
  /** Errors that the provider met while it answered. */
  errors: unknown[];
  stop(): Promise<void>;
};

const SCOPES = ['openid', 'email', 'profile', 'groups'];

function configurationFor(redirectUris: readonly string[], people: Map<string, Person>, inToken: boolean) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const client = { client_id: 'portal', client_secret: 'a secret of the test: % + ~' };
  const configuration = {
    clients: [{ ...client, redirect_uris: redirectUris }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'first', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['of the test'] },
    scopes: SCOPES,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    conformIdTokenClaims: !inToken,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  };
  return { client, configuration };
}

/** @param options.inToken puts claims into the token itself; else they are asked of the userinfo endpoint */
export async function startOpenIdProvider(options: {
  redirectUris: readonly string[];
  inToken?: boolean;
}): Promise<OpenIdProvider> {
  const people = new Map<string, Person>();
  const { client, configuration } = configurationFor(options.redirectUris, people, options.inToken ?? false);
  let answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration);
  const errors: unknown[] = [];
  provider.on('server_error', (_context, error) => errors.push(error));
  const protocol = provider.callback();
  answer = (request, response) =>
    request.url?.startsWith('/interaction/') ? interact(provider, request, response) : protocol(request, response);
  return {
    issuer,
    client,
    people,
    errors,
    authorize: (url, subject) => walk(url, { sub: subject }),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Asks who one is with a form, and for consent not at all. */
async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const { searchParams } = new URL(request.url ?? '', 'http://provider.invalid');
    const accountId = searchParams.get('sub');
    if (searchParams.has('refuse')) {
      return provider.interactionFinished(request, response, { error: 'access_denied' });
    }
    if (!accountId) {
      response.setHeader('content-type', 'text/html');
      response.end(
        '<!doctype html><title>Provider</title><form><label>Account <input name="sub"></label><button>Continue</button></form>',
      );
      return;
    }
    return provider.interactionFinished(request, response, { login: { accountId } });
  }
  const { session } = (await provider.interactionDetails(request, response)) as unknown as {
    session: { accountId: string };
  };
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id ?? '' });
  grant.addOIDCScope(SCOPES.join(' '));
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

/** Follows redirects within the provider, with its cookies, filling its form in; stops at the first that leads elsewhere. */
async function walk(start: string, form: Record<string, string>): Promise<URL> {
  const cookies = new Map<string, string>();
  let next = new URL(start);
  const { origin } = next;
  for (let step = 0; next.origin === origin && step < 12; step += 1) {
    if (next.pathname.startsWith('/interaction/')) {
      for (const [name, value] of Object.entries(form)) next.searchParams.set(name, value);
    }
    const header = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(next, { redirect: 'manual', headers: header ? { cookie: header } : {} });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (!location)
      throw new Error(`The provider stopped with ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    next = new URL(location, next);
  }
  return next;
}
