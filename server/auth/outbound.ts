import type { Outbound } from '../operations/operation.ts';

const TIMEOUT_MS = 5_000;
const LARGEST_ANSWER = 256 * 1024;

/** Loopback by name or number; the local system's providers live there. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Numbers of networks that are nobody's in public (RFC 6890), and names that only a local network knows. */
function isPrivate(host: string): boolean {
  if (host.startsWith('[')) {
    // Global unicast is 2000::/3; what maps or carries IPv4 (2002::/16, 64:ff9b::/96) is not asked to.
    return !/^\[[23][0-9a-f]{3}:/.test(host) || host.startsWith('[2002:');
  }
  const [first = 0, second = 0] = host.split('.').map(Number);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    return (
      [0, 10, 127].includes(first) ||
      first >= 224 ||
      (first === 100 && second >= 64 && second < 128) ||
      (first === 169 && second === 254) ||
      (first === 172 && second >= 16 && second < 32) ||
      (first === 192 && (second === 168 || second === 0)) ||
      (first === 198 && (second === 18 || second === 19))
    );
  }
  return isLoopback(host) || !host.includes('.') || /\.(local|internal|home\.arpa|lan|intranet)$/.test(host);
}

/** Why an address is not asked, or null. */
function refusalOf(address: string, isLocalSystem: boolean): string | null {
  if (!URL.canParse(address)) return 'is not an address';
  const { protocol, hostname, username, password } = new URL(address);
  if (username || password) return 'must not hold a name or password';
  if (isLocalSystem && isLoopback(hostname) && /^https?:$/.test(protocol)) return null;
  if (protocol !== 'https:') return 'must begin with https://';
  // URL has normalised every way of writing a number.
  return isPrivate(hostname.replace(/\.$/, '')) ? 'must be a public address' : null;
}

/** Reads a body up to its limit, so that nobody fills our memory. */
async function bounded(response: Response): Promise<Response> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > LARGEST_ANSWER) throw new Error('The answer is too large');
    parts.push(part);
  }
  const { status, headers } = response;
  const body = [204, 205, 304].includes(status) ? null : await new Blob(parts as BlobPart[]).arrayBuffer();
  return new Response(body, { status, headers });
}

/**
 * Asks addresses that a tenant has named: public ones over https, with a time and a size that are limited, and no redirect
 * followed. A name that leads to a private address cannot be seen from here, since a worker resolves no names itself: on
 * the edge its fetch reaches the public internet alone. Plain http is for loopback in the local system (`localhost`).
 */
export function outboundOf(settings: { BASE_DOMAIN: string }): Outbound {
  const isLocalSystem = isLoopback(settings.BASE_DOMAIN);
  return {
    refusal: (address) => refusalOf(address, isLocalSystem),
    fetch: async (address, init) => {
      const refusal = refusalOf(address, isLocalSystem);
      if (refusal) throw new Error(`${new URL(address).host} ${refusal}`);
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      return bounded(await fetch(address, { ...init, redirect: 'manual', signal }));
    },
  };
}
