import { request } from 'node:https';
import { connectAdmin } from '../../../tenants/connect.ts';
import { DEMO_SLUG, ensureDemoTenant } from '../../local/demo-tenant.ts';
import type { LocalSystem } from '../../local/system.ts';

export type Target = {
  /** Of the demo tenant's portal. */
  url: string;
  /** The session of its owner, as a Cookie header. */
  cookie: string;
  apiKey: string;
  ask(method: string, path: string, options?: { headers?: Record<string, string>; json?: unknown }): Promise<Answer>;
};
type Answer = { status: number; text: string; cookie: string };

/** The demo tenant with its data, and its owner signed in. */
export async function openTarget(system: LocalSystem, folder: string, log: (line: string) => void): Promise<Target> {
  const url = `https://${DEMO_SLUG}.localhost:${system.workerPort}`;
  const admin = await connectAdmin(system.adminUrl);
  const demo = await ensureDemoTenant({
    admin,
    folder,
    url,
    settings: system.settings,
    onProgress: log,
    check: () => {},
  }).finally(() => admin.end());
  if (!demo) throw new Error('There is no demo tenant');
  const ask = asker(system.workerPort, new URL(url).host);
  const { email, password, apiKey } = demo;
  const signedIn = await ask('POST', '/api/sessions', { headers: { origin: url }, json: { email, password } });
  if (signedIn.status !== 201) throw new Error(`Signing in answers ${signedIn.status}`);
  return { url, cookie: signedIn.cookie, apiKey, ask };
}

function asker(port: number, host: string): Target['ask'] {
  return (method, path, { headers = {}, json } = {}) =>
    new Promise((resolve, reject) => {
      const type = json === undefined ? {} : { 'content-type': 'application/json' };
      const sent = request(
        { host: '127.0.0.1', port, path, method, rejectUnauthorized: false, headers: { host, ...type, ...headers } },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          answer.on('error', reject);
          answer.on('end', () => {
            const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
            resolve({ status: answer.statusCode ?? 0, text, cookie });
          });
        },
      );
      sent.on('error', reject);
      sent.end(json === undefined ? undefined : JSON.stringify(json));
    });
}

type Schema = { type?: string | string[]; enum?: unknown[]; anyOf?: Schema[]; format?: string; minimum?: number };
type Parameter = { name: string; in: string; schema: Schema };
type Document = { paths: Record<string, { get?: { parameters?: Parameter[] } }> };

/** What a made-up value would have refused before anything else is looked at. */
const NOT_ASKED: ReadonlySet<string> = new Set(['cursor', 'sort', 'format']);

/** Addresses of every endpoint that is read, each with all its parameters: what a crawler of pages would not find. */
export async function endpointsOf({ url, apiKey, ask }: Target): Promise<string[]> {
  const { paths } = JSON.parse((await ask('GET', '/api/openapi.json')).text) as Document;
  const found: string[] = [];
  for (const [path, { get }] of Object.entries(paths)) {
    if (!get) continue;
    const filled = await withId(path, apiKey, ask);
    const query = new URLSearchParams(
      (get.parameters ?? [])
        .filter((each) => each.in === 'query' && !NOT_ASKED.has(each.name))
        .map(({ name, schema }) => [name, sampleOf(schema)]),
    );
    if (filled !== null) found.push(`${url}${filled}${query.size > 0 ? `?${query}` : ''}`);
  }
  return found;
}

/** The path with an id that exists; null when its list is empty. */
async function withId(path: string, apiKey: string, ask: Target['ask']): Promise<string | null> {
  const at = path.indexOf('/{');
  if (at < 0) return path;
  const { status, text } = await ask('GET', `${path.slice(0, at)}?limit=1`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const id = status === 200 ? (JSON.parse(text) as { data?: { id: string }[] }).data?.[0]?.id : undefined;
  return id === undefined ? null : path.replace(/\{\w+\}/, id);
}

function sampleOf(schema: Schema): string {
  const one = schema.anyOf?.[0] ?? schema;
  if (one.enum) return String(one.enum[0]);
  if (one.type === 'integer' || one.type === 'number') return String(Math.max(1, one.minimum ?? 1));
  if (one.type === 'boolean') return 'true';
  return one.format === 'date' ? '2026-01-31' : one.format === 'date-time' ? '2026-01-31T00:00:00Z' : 'a';
}
