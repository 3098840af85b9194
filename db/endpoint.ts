/**
 * Where a database is and how to speak to it, without who is speaking.
 *
 * Written as a URL: `postgres://host[:port]/database?transport=tcp|neon&sslmode=require&proxy=ws://host:port/v2`.
 * `tcp` is plain Postgres over a socket, `neon` is Neon's WebSocket; `proxy` names another WebSocket proxy that
 * speaks Neon's protocol. `sslmode=require` checks the server's certificate and name as `verify-full` does, since the
 * edge runtime knows no other way: publicly trusted on Cloudflare, or an authority of `NODE_EXTRA_CA_CERTS` locally.
 */
export type Endpoint = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly transport: 'tcp' | 'neon';
  readonly isTlsRequired: boolean;
  readonly proxy: URL | null;
};

/** @throws Error when the URL is not such a URL; the message never repeats the URL, which may hold a password. */
export function parseEndpoint(url: string): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol) || !parsed.hostname || parsed.pathname.length < 2) {
    throw new Error('A database URL looks like postgres://host:5432/database');
  }
  const proxy = parsed.searchParams.get('proxy');
  const isNeonHost = parsed.hostname.endsWith('.neon.tech');
  return {
    host: parsed.hostname,
    port: Number(parsed.port || 5432),
    database: decodeURIComponent(parsed.pathname.slice(1)),
    transport: parsed.searchParams.get('transport') === 'neon' || proxy || isNeonHost ? 'neon' : 'tcp',
    isTlsRequired: ['require', 'verify-ca', 'verify-full'].includes(parsed.searchParams.get('sslmode') ?? ''),
    proxy: proxy ? new URL(proxy) : null,
  };
}

/** The connection URL of one role at an endpoint, for drivers and tools that want a URL. */
export function connectionUrl(endpoint: Endpoint, user: string, password: string): string {
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const tls = endpoint.isTlsRequired ? '?sslmode=require' : '';
  return `postgresql://${credentials}@${endpoint.host}:${endpoint.port}/${encodeURIComponent(endpoint.database)}${tls}`;
}
