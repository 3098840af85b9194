import { createHmac } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import type { Outbound } from '../operations/operation.ts';

// OpenID Connect's authorization code flow with PKCE, by oauth4webapi. Metadata and keys are read anew at every sign-in,
// so that a provider may change its keys at any moment.

/** Asymmetric ones alone: never none, never a secret that both sides share. */
const ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const SKEW_SECONDS = 60;
const OLDEST_TOKEN_SECONDS = 600;

export type Client = { issuer: string; clientId: string; clientSecret: string | null; redirectUri: string };
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };
export type FlowSecrets = { state: string; nonce: string; verifier: string };
/** What a provider says of itself, as far as it was checked. */
export type Provider = oauth.AuthorizationServer & {
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  id_token_signing_alg_values_supported: string[];
};

/** `unavailable`: no use of it now. `misconfigured`: not as we need it. The others are about one sign-in. */
export type ProviderFault = 'unavailable' | 'misconfigured' | 'cancelled' | 'provider_refused' | 'token_invalid';

/** The message is a sentence for whoever sets the provider up; it holds no secret. */
export class ProviderError extends Error {
  readonly fault: ProviderFault;

  constructor(fault: ProviderFault, message: string) {
    super(message);
    this.name = 'ProviderError';
    this.fault = fault;
  }
}

/** All that a sign-in under way has to keep is one random token: the rest is derived from it. */
export function flowSecrets(token: string): FlowSecrets {
  const derive = (what: string) => createHmac('sha256', token).update(what).digest('base64url');
  return { state: derive('state'), nonce: derive('nonce'), verifier: derive('verifier') };
}

/** The outbound guard decides what may be asked, plain http within the local system included. */
function optionsFor(outbound: Outbound) {
  return {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
      outbound.fetch(url, init as RequestInit),
    [oauth.allowInsecureRequests]: true,
  };
}

function misconfigured(message: string): ProviderError {
  return new ProviderError('misconfigured', message);
}

async function readMetadata(outbound: Outbound, issuer: string): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, optionsFor(outbound)).catch(() => {
    throw new ProviderError('unavailable', 'The provider does not answer at this address.');
  });
  if (response.status !== 200) {
    throw misconfigured(
      `There is no OpenID configuration under this issuer: it answers with status ${response.status}.`,
    );
  }
  return oauth.processDiscoveryResponse(url, response).catch((error: unknown) => {
    const found = error instanceof oauth.OperationProcessingError && error.code === oauth.JSON_ATTRIBUTE_COMPARISON;
    throw misconfigured(
      found
        ? 'The provider calls itself by another issuer.'
        : 'What lies under this issuer is not an OpenID configuration.',
    );
  });
}

/**
 * Reads what a provider says of itself and checks that we can work with it.
 * @throws ProviderError
 */
export async function discover(outbound: Outbound, issuer: string): Promise<Provider> {
  const metadata = await readMetadata(outbound, issuer);
  if (metadata.issuer !== issuer) {
    throw misconfigured(
      `The provider calls itself “${metadata.issuer.slice(0, 200)}”: the issuer has to be exactly that.`,
    );
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    const refusal = typeof metadata[name] === 'string' ? outbound.refusal(metadata[name]) : 'is missing';
    if (refusal) throw misconfigured(`The provider's ${name} ${refusal}.`);
  }
  if (metadata.code_challenge_methods_supported?.includes('S256') === false) {
    throw misconfigured('The provider does not support PKCE with S256.');
  }
  if (metadata.response_types_supported?.includes('code') === false) {
    throw misconfigured('The provider does not support the authorization code flow.');
  }
  const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256'];
  const algorithms = offered.filter((algorithm) => ALGORITHMS.includes(algorithm));
  if (algorithms.length === 0) {
    throw misconfigured(`The provider signs by none of ${ALGORITHMS.slice(0, 4).join(', ')}.`);
  }
  return { ...metadata, id_token_signing_alg_values_supported: algorithms } as Provider;
}

/** How many keys the provider shows. @throws ProviderError */
export async function countKeys(outbound: Outbound, provider: Provider): Promise<number> {
  const response = await outbound.fetch(provider.jwks_uri, { headers: { accept: 'application/json' } }).catch(() => {
    throw new ProviderError('unavailable', 'The provider does not show its keys: nothing answers at its jwks_uri.');
  });
  const body: unknown = await response.json().catch(() => null);
  const keys = typeof body === 'object' && body !== null && 'keys' in body && Array.isArray(body.keys) ? body.keys : [];
  if (response.status !== 200 || keys.length === 0)
    throw misconfigured("There are no keys at the provider's jwks_uri.");
  return keys.length;
}

/** Where a browser is sent to sign in. */
export async function authorizationUrl(
  provider: Provider,
  client: Client,
  scopes: readonly string[],
  { state, nonce, verifier }: FlowSecrets,
): Promise<string> {
  const url = new URL(provider.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: [...new Set(['openid', ...scopes])].join(' '),
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function authenticationOf({ clientSecret }: Client, provider: Provider): oauth.ClientAuth {
  if (clientSecret === null) return oauth.None();
  const methods = provider.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const isByBody = methods.includes('client_secret_post') && !methods.includes('client_secret_basic');
  return isByBody ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret);
}

function faultOf(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof oauth.AuthorizationResponseError) {
    const isCancelled = error.error === 'access_denied';
    return new ProviderError(isCancelled ? 'cancelled' : 'provider_refused', 'The provider did not sign anybody in.');
  }
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError) {
    return new ProviderError('provider_refused', 'The provider gave nothing for its code.');
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    return new ProviderError('token_invalid', error.message);
  }
  return new ProviderError('unavailable', 'The provider did not answer.');
}

/** Beyond what oauth4webapi checks: a token is fresh, not from the future, and was issued to nobody else. */
function requireOurs({ iat, azp }: oauth.IDToken, clientId: string): void {
  if (azp !== undefined && azp !== clientId) {
    throw new ProviderError('token_invalid', 'unexpected ID Token "azp" (authorized party) claim value');
  }
  const age = Date.now() / 1000 - iat;
  if (age < -SKEW_SECONDS || age > OLDEST_TOKEN_SECONDS) {
    throw new ProviderError('token_invalid', 'unexpected JWT "iat" (issued at) claim value');
  }
}

/**
 * Turns what the provider sent back into proved claims: state, issuer, PKCE, signature, audience, nonce and times.
 * Claims of `wanted` that the token lacks are asked of the userinfo endpoint, where there is one.
 * @param query the query of the callback
 * @throws ProviderError
 */
export async function redeem(
  outbound: Outbound,
  client: Client,
  secrets: FlowSecrets,
  query: string,
  wanted: readonly string[],
): Promise<Claims> {
  const us: oauth.Client = { client_id: client.clientId, [oauth.clockTolerance]: SKEW_SECONDS };
  const options = optionsFor(outbound);
  try {
    const provider = await discover(outbound, client.issuer);
    const answer = oauth.validateAuthResponse(provider, us, new URLSearchParams(query), secrets.state);
    const response = await oauth.authorizationCodeGrantRequest(
      provider,
      us,
      authenticationOf(client, provider),
      answer,
      client.redirectUri,
      secrets.verifier,
      options,
    );
    const result = await oauth.processAuthorizationCodeResponse(provider, us, response, {
      expectedNonce: secrets.nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(provider, response, options);
    const claims = oauth.getValidatedIdTokenClaims(result)!;
    requireOurs(claims, client.clientId);
    if (wanted.every((name) => name in claims) || !provider.userinfo_endpoint) return claims;
    const more = await oauth.userInfoRequest(provider, us, result.access_token, options);
    return { ...(await oauth.processUserInfoResponse(provider, us, claims.sub, more)), ...claims };
  } catch (error) {
    throw faultOf(error);
  }
}
