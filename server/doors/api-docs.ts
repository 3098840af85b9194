import { html, raw } from 'hono/html';
import { problems } from '../operations/errors.ts';
import type { Operation } from '../operations/operation.ts';
import { scriptlessPolicy } from '../security-headers.ts';
import { jsonSchemaOf } from './openapi.ts';

const style = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 15%, Canvas); --soft: color-mix(in srgb, CanvasText 5%, Canvas); }
  body { font: 15px/1.55 system-ui, sans-serif; margin: 0; color: CanvasText; background: Canvas; }
  main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
  h1 { font-size: 1.75rem; margin: 0 0 .5rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.1rem; }
  details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; }
  summary { padding: .6rem .9rem; cursor: pointer; display: flex; gap: .75rem; flex-wrap: wrap; align-items: baseline; }
  summary code { font-weight: 600; } .method { min-width: 4rem; font: 600 .8rem ui-monospace, monospace; }
  .body { padding: 0 .9rem .9rem; border-top: 1px solid var(--line); }
  pre { background: var(--soft); padding: .75rem; border-radius: 6px; overflow-x: auto; font-size: .8rem; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid var(--line); }
`;

const policy = scriptlessPolicy(style);

function section(operation: Operation) {
  const { method, path } = operation.http!;
  const permission = operation.permission ?? `open: ${operation.openBecause}`;
  return html`<details id="${operation.name}">
    <summary><span class="method">${method}</span><code>${path}</code><span>${operation.summary}</span></summary>
    <div class="body">
      <p>Permission <code>${permission}</code> · risk ${operation.risk} · MCP tool <code>${operation.closedDoors?.mcp ? 'none' : operation.name}</code></p>
      <h3>Input</h3>
      <pre tabindex="0">${JSON.stringify(jsonSchemaOf(operation.input), null, 2)}</pre>
      <h3>Answer</h3>
      <pre tabindex="0">${JSON.stringify(jsonSchemaOf(operation.output), null, 2)}</pre>
    </div>
  </details>`;
}

/** The documentation of the API as a page, made from the registry; needs no script. */
export async function docsPage(operations: readonly Operation[]): Promise<string> {
  const open = operations.filter((operation) => operation.http);
  const resources = [...new Set(open.map((operation) => operation.resource))];
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API · SCP Platform Operations</title>
        <style>${raw(style)}</style>
      </head>
      <body>
        <main>
          <h1>API</h1>
          <p>
            Send <code>Authorization: Bearer scp_…</code> with every request. The machine-readable document is at
            <a href="/api/openapi.json">/api/openapi.json</a>; agents connect to <code>/mcp</code>. Lists take
            <code>limit</code>, <code>cursor</code> and <code>sort</code>, and stream whole as CSV or NDJSON by
            <code>Accept</code> or <code>?format=csv</code>. Writes take an <code>Idempotency-Key</code>.
          </p>
          ${resources.map(
            (resource) => html`<h2>${resource.replaceAll('_', ' ')}</h2>
              ${open.filter((operation) => operation.resource === resource).map(section)}`,
          )}
          <h2>Problems</h2>
          <table>
            <thead><tr><th>Code</th><th>Status</th><th>Title</th></tr></thead>
            <tbody>
              ${Object.entries(problems).map(([code, [status, title]]) => html`<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`)}
            </tbody>
          </table>
        </main>
      </body>
    </html>`;
  return String(page);
}

export function docsResponse(page: string): Response {
  return new Response(page, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'content-security-policy': policy,
    },
  });
}
