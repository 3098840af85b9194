import { html, raw } from 'hono/html';
import { type DomainError, problems } from './operations/errors.ts';
import { scriptlessPolicy } from './security-headers.ts';

// The colours, sizes and radii are the portal's own.
const style = `
  :root { color-scheme: light dark; --ink: #171a21; --muted: #4a5160; --paper: #f7f7f9; --card: #fff; --line: #e4e6eb; --control: #8b92a1; --accent: #3550c4; --strong: #2a409f; --on-accent: #fff; --bad: #b3261e; }
  @media (prefers-color-scheme: dark) { :root { --ink: #eceef2; --muted: #b4bac7; --paper: #0f1115; --card: #16191f; --line: #262b35; --control: #6d7687; --accent: #91a5ff; --strong: #b0bfff; --on-accent: #10142a; --bad: #ff9d94; } }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper); color: var(--ink); font: .875rem/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Open Sans", sans-serif; -webkit-font-smoothing: antialiased; }
  main { max-width: 24rem; width: 100%; background: var(--card); border: 1px solid var(--line); border-radius: 11px; padding: 2rem; }
  h1 { font-size: 1.375rem; font-weight: 620; letter-spacing: -.015em; line-height: 1.25; margin: 0 0 .5rem; } p { margin: 0 0 1rem; color: var(--muted); } p:last-child { margin: 0; }
  label { display: block; font-size: .8125rem; font-weight: 560; margin-bottom: .25rem; }
  .row { display: flex; gap: .5rem; } input { flex: 1; min-width: 0; }
  input, button { font: inherit; min-height: 2.125rem; padding: .25rem .8125rem; border-radius: 7px; border: 1px solid var(--control); background: transparent; color: inherit; }
  button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 560; cursor: pointer; }
  button:hover { background: var(--strong); border-color: var(--strong); }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .error { color: var(--bad); }
  code { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .92em; overflow-wrap: anywhere; }
  @media (max-width: 56rem) { input, button { min-height: 2.5rem; font-size: 1rem; } }
`;

const policy = scriptlessPolicy(style);

async function page(
  status: number,
  title: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const document = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>${raw(style)}</style>
      </head>
      <body><main><h1>${title}</h1>${body}</main></body>
    </html>`;
  return new Response(String(document), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'content-security-policy': policy,
      ...headers,
    },
  });
}

/**
 * The bare domain: finds a portal by its name.
 * @param origin of the page: its form leads to a subdomain
 */
export function apexPage(triedSlug: string, origin: string): Promise<Response> {
  const tried = triedSlug
    ? html`<p class="error" role="alert">No portal is called <strong>${triedSlug}</strong>. Check the spelling in your invitation.</p>`
    : '';
  return page(
    triedSlug ? 404 : 200,
    'Find your portal',
    html`<p>Every operator has a portal at an address of its own. Which one is yours?</p>
      ${tried}
      <form method="get" action="/">
        <label for="portal">Portal name</label>
        <div class="row">
          <input id="portal" name="portal" value="${triedSlug}" autocomplete="organization" autocapitalize="none" spellcheck="false" required maxlength="40" />
          <button>Open</button>
        </div>
      </form>`,
    { 'content-security-policy': scriptlessPolicy(style, `'self' ${origin.replace('://', '://*.')}`) },
  );
}

export function unknownHostPage(requestId: string): Promise<Response> {
  return page(
    404,
    'There is no portal here',
    html`<p>Nothing answers at this address. Check the spelling, or ask the person who invited you for the link.</p>
      <p>Request <code>${requestId}</code></p>`,
    { 'x-request-id': requestId },
  );
}

export function suspendedPage(requestId: string): Promise<Response> {
  return page(
    403,
    'This portal is suspended',
    html`<p>Nothing is lost: its data is kept, and it opens again as soon as the suspension ends. Contact the operator of the platform.</p>
      <p>Request <code>${requestId}</code></p>`,
    { 'x-request-id': requestId },
  );
}

/** Where programs ask, and the portal's own scripts: there, a refusal is a problem document. */
const FOR_PROGRAMS = /^\/(?:api\/|ofrep\/|mcp$|healthz$|webhooks\/|__manifest$)|\.data$/;

/** Whether a person reads the answer to a request for this path. */
export function isForPeople(pathname: string): boolean {
  return !FOR_PROGRAMS.test(pathname);
}

/** What the portal itself cannot show, since it cannot be reached: the problem's own words. */
export function problemPage(problem: DomainError, requestId: string): Promise<Response> {
  const [status, title] = problems[problem.code];
  const retryAfter = problem.detail.retryAfterSeconds;
  return page(status, title, html`<p>${problem.message}</p><p>Request <code>${requestId}</code></p>`, {
    'x-request-id': requestId,
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  });
}

export function unavailablePage(requestId: string): Promise<Response> {
  return page(
    503,
    'Back in a moment',
    html`<p>The service cannot be reached right now. Nothing was lost. Reload the page in a few seconds.</p>
      <p>Request <code>${requestId}</code></p>`,
    { 'x-request-id': requestId, 'retry-after': '2' },
  );
}
