import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; ms: number };
export type Question = { method?: string; headers?: Record<string, string>; json?: unknown };

/** Asks one worker under tenants' hosts, which Node cannot look up. Many questions may be in flight at once. */
export type Client = {
  /** @throws when the connection breaks, or when nothing is answered in time */
  ask(slug: string, path: string, question?: Question): Promise<Answer>;
  /** Asks with an API key. */
  api(tenant: { slug: string; apiKey: string }, path: string, question?: Question): Promise<Answer>;
  close(): void;
};

/** A client that holds on to its connections, as a busy consumer does. */
export function createClient(port: number, timeoutMs = 60_000): Client {
  // workerd closes a connection after 5 s without use; we are first, lest a request meets the closing.
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, timeout: 3_000 });
  const ask: Client['ask'] = (slug, path, { method, headers, json } = {}) =>
    new Promise((resolve, reject) => {
      const start = performance.now();
      const body = json === undefined ? undefined : JSON.stringify(json);
      const sent = request({
        host: '127.0.0.1',
        port,
        path,
        agent,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          host: `${slug === '' ? '' : `${slug}.`}localhost:${port}`,
          ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      });
      const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), timeoutMs);
      sent.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      sent.on('response', (received) => {
        const parts: Buffer[] = [];
        received.on('data', (part: Buffer) => parts.push(part));
        received.on('error', reject);
        received.on('end', () => {
          clearTimeout(timer);
          const { statusCode: status = 0, headers: answered } = received;
          resolve({ status, headers: answered, text: Buffer.concat(parts).toString(), ms: performance.now() - start });
        });
      });
      sent.end(body);
    });
  return {
    ask,
    api: ({ slug, apiKey }, path, question = {}) =>
      ask(slug, path, { ...question, headers: { authorization: `Bearer ${apiKey}`, ...question.headers } }),
    close: () => agent.destroy(),
  };
}

/** Asks until the answer has the status, and says how long that took. @throws when it never has */
export async function untilStatus(
  question: () => Promise<Answer>,
  status: number,
  timeoutMs = 60_000,
): Promise<number> {
  const start = performance.now();
  for (;;) {
    const answered = await question().catch(() => undefined);
    const waited = performance.now() - start;
    if (answered?.status === status) return waited;
    if (waited > timeoutMs) throw new Error(`still ${answered?.status ?? 'no answer'} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
