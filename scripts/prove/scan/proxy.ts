import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificate } from '../../local/workerd-config.ts';

/** What went through: distinct addresses that answered, and what was tried on them. */
export type Traffic = {
  requests: number;
  pages: Set<string>;
  endpoints: Set<string>;
  /** As `path name`, of queries and forms. */
  parameters: Set<string>;
  /** Answers by status. */
  statuses: Map<number, number>;
  /** Requests that the worker failed on, as `method path`. */
  failures: Set<string>;
  /** What the worker was made to fetch: an address that only a payload names. */
  fetched: string[];
};

export type ScanProxy = { url: string; traffic: Traffic; stop(): Promise<void> };

/**
 * A proxy before the worker's TLS port: it spares the scanner from looking up `*.localhost`, and counts. A request for the
 * proxy's own address is one that a payload named.
 */
export async function startProxy(port: number, certificate: Certificate): Promise<ScanProxy> {
  const traffic: Traffic = {
    requests: 0,
    pages: new Set(),
    endpoints: new Set(),
    parameters: new Set(),
    statuses: new Map(),
    failures: new Set(),
    fetched: [],
  };
  const inner = createTlsServer({ cert: certificate.certificate, key: certificate.key }, (incoming, outgoing) => {
    void forward(port, incoming, outgoing, traffic);
  });
  const outer = createServer((incoming, outgoing) => {
    const path = new URL(incoming.url ?? '/', 'http://proxy').pathname;
    // The scanner's own question whether its payloads were fetched.
    if (path !== '/get_ssrf.php') traffic.fetched.push(path);
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  outer.on('connect', (_request, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    inner.emit('connection', socket);
  });
  inner.on('tlsClientError', () => {});
  await new Promise<void>((done) => outer.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(outer.address() as AddressInfo).port}`;
  return {
    url,
    traffic,
    stop: async () => {
      outer.closeAllConnections();
      inner.closeAllConnections();
      await new Promise((done) => outer.close(done));
    },
  };
}

/** What would end the scan's own session is not let through; the scanner has an option for it that fails on new Pythons. */
const SPARED: ReadonlySet<string> = new Set(['/sign-out', '/sign-out.data']);

async function forward(port: number, incoming: IncomingMessage, outgoing: ServerResponse, traffic: Traffic) {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  const body = Buffer.concat(parts);
  if (SPARED.has(new URL(incoming.url ?? '/', 'https://worker').pathname)) {
    outgoing.writeHead(404).end();
    return;
  }
  const sent = request(
    {
      host: '127.0.0.1',
      port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
      rejectUnauthorized: false,
    },
    (answer) => {
      note(traffic, incoming, body, answer);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  sent.on('error', () => {
    traffic.failures.add(`${incoming.method} ${incoming.url}`);
    outgoing.destroy();
  });
  sent.end(body);
}

function note(
  traffic: Traffic,
  { url = '/', method, headers }: IncomingMessage,
  body: Buffer,
  answer: IncomingMessage,
) {
  const { pathname, searchParams } = new URL(url, 'https://worker');
  const status = answer.statusCode ?? 0;
  traffic.requests += 1;
  traffic.statuses.set(status, (traffic.statuses.get(status) ?? 0) + 1);
  if (status >= 500) traffic.failures.add(`${method} ${url}`);
  if (status === 200) {
    const isPage = answer.headers['content-type']?.startsWith('text/html') ?? false;
    (isPage ? traffic.pages : traffic.endpoints).add(pathname);
  }
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const fields = [...searchParams.keys(), ...(isForm ? new URLSearchParams(body.toString()).keys() : [])];
  // A payload in a name is not a parameter that anybody has.
  for (const name of fields) if (/^[\w.-]{1,60}$/.test(name)) traffic.parameters.add(`${pathname} ${name}`);
}
