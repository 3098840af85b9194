import { DomainError } from '../operations/errors.ts';
import type { Call } from '../operations/operation.ts';

/** Who is on the line, as far as the network tells: the edge sets the address, and replaces what a client sent. */
export function addressOf(headers: Headers): string {
  return headers.get('cf-connecting-ip')?.slice(0, 64) ?? 'local';
}

/** @throws DomainError malformed */
export function idempotencyKeyFrom(key: string | null): string | undefined {
  if (key === null) {
    return undefined;
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new DomainError('malformed', 'An Idempotency-Key has 1 to 255 visible ASCII characters.');
  }
  return key;
}

function expectedVersionOf(headers: Headers): number | undefined {
  const header = headers.get('if-match');
  if (header === null || header.trim() === '*') {
    return undefined;
  }
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new DomainError('stale', 'If-Match takes the ETag of the last read.');
  }
  return Number(version);
}

/** Among the preferences of RFC 7240, the one for the shortest answer. */
function wantsMinimal(headers: Headers): boolean {
  return (headers.get('prefer') ?? '').split(',').some((one) => /^\s*return\s*=\s*"?minimal"?\s*(;|$)/i.test(one));
}

/** The front has proved that the host is the tenant's. On https there is no port but the usual one. */
export function originOf(url: string): string {
  const { protocol, host, hostname } = new URL(url);
  return protocol === 'https:' ? `https://${hostname}` : `http://${host}`;
}

/** The circumstances of a request, for the unit of work and its audit event. */
export function callOf(request: Request, door: Call['door'], requestId: string): Call {
  const { headers } = request;
  const idempotencyKey = idempotencyKeyFrom(headers.get('idempotency-key'));
  const expectedVersion = expectedVersionOf(headers);
  return {
    requestId,
    door,
    address: addressOf(headers),
    origin: originOf(request.url),
    userAgent: headers.get('user-agent')?.slice(0, 500) ?? '',
    ...(wantsMinimal(headers) ? { wantsMinimal: true } : {}),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(expectedVersion === undefined ? {} : { expectedVersion }),
  };
}
