import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';

export type HostFetchInit = {
  method?: string;
  headers?: HeadersInit;
  /** Sent as JSON with its content type. */
  json?: unknown;
  body?: string | Uint8Array | Readable;
};

/** `fetch` for hosts that Node cannot look up (`*.localhost`); redirects are answers, never followed. */
export function hostFetch(port: number, host: string, path: string, init: HostFetchInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('host', host);
  let body = init.body;
  if (init.json !== undefined) {
    body = JSON.stringify(init.json);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  }
  const method = init.method ?? (body === undefined ? 'GET' : 'POST');
  if (body !== undefined && !(body instanceof Readable)) {
    headers.set('content-length', String(Buffer.byteLength(body)));
  }
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: Object.fromEntries(headers),
      agent: false as const,
    };
    const sent = httpRequest(options, (received) => {
      const answered = new Headers();
      for (let index = 0; index < received.rawHeaders.length; index += 2) {
        answered.append(received.rawHeaders[index] ?? '', received.rawHeaders[index + 1] ?? '');
      }
      const status = received.statusCode ?? 500;
      const isEmpty = status === 204 || status === 304 || method === 'HEAD';
      if (isEmpty) received.resume();
      const stream = isEmpty ? null : (Readable.toWeb(received) as ReadableStream<Uint8Array>);
      resolve(new Response(stream, { status, headers: answered }));
    });
    sent.on('error', reject);
    if (body instanceof Readable) body.pipe(sent);
    else sent.end(body);
  });
}
