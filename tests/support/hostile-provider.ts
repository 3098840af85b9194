import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Json = Record<string, unknown>;

/** A provider that does as a test likes: right until something is changed. */
export type HostileProvider = {
  issuer: string;
  /** What is changed of the discovery document. */
  metadata: Json;
  /** What is changed of the token's claims, and of its header; a claim of undefined is left out. */
  claims: Json;
  header: Json;
  /** How the token is signed. */
  signing: 'RS256' | 'PS256' | 'ES256' | 'EdDSA' | 'HS256' | 'none' | 'another key';
  /** Answers a path by itself. */
  answers: Map<string, { status?: number; headers?: Record<string, string>; body?: string; delayMs?: number }>;
  /** The key that it shows and signs with is a new one from now on. */
  rotate(): void;
  /** Everything right again. */
  reset(): void;
  /** Where it sends the browser back to, having been asked by this address. */
  authorize(url: string): URL;
  /** What it was asked, newest last. */
  asked: { path: string; body: string; authorization: string | undefined }[];
  stop(): Promise<void>;
};

const encode = (value: string | Buffer | object) =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString(
    'base64url',
  );

function newKeys(kid: string) {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const jwk = (key: KeyObject, type: string) => ({
    ...key.export({ format: 'jwk' }),
    kid: `${kid}-${type}`,
    use: 'sig',
  });
  return {
    kid,
    rsa: rsa.privateKey,
    ec: ec.privateKey,
    ed: ed.privateKey,
    jwks: { keys: [jwk(rsa.publicKey, 'rsa'), jwk(ec.publicKey, 'ec'), jwk(ed.publicKey, 'ed')] },
  };
}
type Keys = ReturnType<typeof newKeys>;

function signatureOf(signing: HostileProvider['signing'], keys: Keys, text: string): string {
  const bytes = Buffer.from(text);
  switch (signing) {
    case 'none':
      return '';
    case 'HS256':
      // The oldest trick: the public key, which everybody knows, taken for a shared secret.
      return createHmac('sha256', JSON.stringify(keys.jwks.keys[0])).update(text).digest('base64url');
    case 'ES256':
      return sign('sha256', bytes, { key: keys.ec, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    case 'EdDSA':
      return sign(null, bytes, keys.ed).toString('base64url');
    case 'PS256':
      return sign('sha256', bytes, { key: keys.rsa, padding: 6, saltLength: 32 }).toString('base64url');
    case 'another key':
      return sign('sha256', bytes, newKeys('other').rsa).toString('base64url');
    default:
      return sign('sha256', bytes, keys.rsa).toString('base64url');
  }
}

function tokenOf(provider: HostileProvider, keys: Keys, asked: URLSearchParams): string {
  const { signing } = provider;
  const type = { ES256: 'ec', EdDSA: 'ed' }[signing as string] ?? 'rsa';
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: provider.issuer,
    aud: asked.get('client_id'),
    sub: 'somebody',
    nonce: asked.get('nonce'),
    iat: now,
    exp: now + 60,
    email: 'somebody@acme.test',
    email_verified: true,
    ...provider.claims,
  };
  const alg = signing === 'another key' ? 'RS256' : signing;
  const text = `${encode({ alg, kid: `${keys.kid}-${type}`, ...provider.header })}.${encode(claims)}`;
  return `${text}.${signatureOf(signing, keys, text)}`;
}

export async function startHostileProvider(): Promise<HostileProvider> {
  let keys = newKeys('1');
  let lastAsked = new URLSearchParams();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const path = new URL(request.url ?? '', provider.issuer).pathname;
    provider.asked.push({ path, body, authorization: request.headers.authorization });
    const own = provider.answers.get(path);
    if (own?.delayMs) await new Promise((resolve) => setTimeout(resolve, own.delayMs));
    const documents: Record<string, () => object> = {
      '/.well-known/openid-configuration': () => ({
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        jwks_uri: `${provider.issuer}/keys`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256', 'none'],
        ...provider.metadata,
      }),
      '/keys': () => keys.jwks,
      '/token': () => ({ access_token: 'x', token_type: 'Bearer', id_token: tokenOf(provider, keys, lastAsked) }),
    };
    response.writeHead(own?.status ?? (documents[path] ? 200 : 404), {
      'content-type': 'application/json',
      ...own?.headers,
    });
    response.end(own?.body ?? JSON.stringify(documents[path]?.() ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider: HostileProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    metadata: {},
    claims: {},
    header: {},
    signing: 'RS256',
    answers: new Map(),
    asked: [],
    rotate: () => {
      keys = newKeys(String(Number(keys.kid) + 1));
    },
    reset: () => {
      Object.assign(provider, { metadata: {}, claims: {}, header: {}, signing: 'RS256' });
      provider.answers.clear();
    },
    authorize: (url) => {
      lastAsked = new URL(url).searchParams;
      const back = new URL(lastAsked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code: 'code', state: lastAsked.get('state') ?? '' }).toString();
      return back;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return provider;
}
