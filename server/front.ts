import type { TenantRecord } from '../tenants/record.ts';
import { parseHost, type ResolvedHost } from '../tenants/resolve.ts';
import { problemResponse } from './doors/problem.ts';
import { apexPage, isForPeople, suspendedPage, unavailablePage, unknownHostPage } from './front-pages.ts';
import { DomainError } from './operations/errors.ts';
import { requestIdOf } from './request-id.ts';
import { secured } from './security-headers.ts';

/** Where the front sends what it does not answer itself. */
export type FrontPorts = {
  directory(): { resolve(host: string): Promise<ResolvedHost>; ping(): Promise<void> };
  /** Headers are the request's own, cleaned. */
  home(record: TenantRecord): { fetch(request: Request, headers: Headers): Promise<Response> };
  assets: { fetch(request: Request): Promise<Response> };
};

const CACHE_MS = 30_000;
const CACHE_SIZE = 5_000;
/** While the catalog does not answer, what it said last holds for so long after it expired. */
const STALE_MS = 5 * 60_000;
/** How long a request waits for a catalog that it can do without, and for how long it is not asked again then. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 5_000;
/** A name of 253 characters, a dot and a port; whatever is longer is nobody's, and not worth the memory. */
const LONGEST_HOST = 260;

/** Headers that only the edge itself may set. */
const INTERNAL_HEADERS = ['x-scp-tenant', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'forwarded'];

/** Whether a request was sent to a host by its plain name: whatever else a Host header holds is in front of the path. */
function isPlainAddress(address: string): boolean {
  return URL.canParse(address) && /^[\w.:[\]-]+$/.test(address.split('/', 3)[2] ?? '');
}

/** The problem of a part that does not answer; what it said instead is for the log alone. */
function unreachable(part: 'catalog' | 'home', error: unknown): DomainError {
  console.warn(`the front could not reach the ${part}`, error instanceof Error ? error.message : 'unknown');
  return new DomainError('unavailable', 'The service cannot be reached for the moment. Try again.', {
    retryAfterSeconds: 2,
    extra: { failing: [part] },
  });
}

function after(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, ms, null));
}

/** Finds the tenant of a request by its host, and answers for hosts that have none. */
export class Front {
  readonly #ports: FrontPorts;
  readonly #now: () => number;
  readonly #cache = new Map<string, { answer: ResolvedHost; until: number; staleUntil: number }>();

  constructor(ports: FrontPorts, now: () => number = Date.now) {
    this.#ports = ports;
    this.#now = now;
  }

  /** A home's answers have their headers already; all others get them here. */
  async fetch(original: Request): Promise<Response> {
    if (!isPlainAddress(original.url)) {
      const problem = new DomainError('malformed', 'The Host header is not the name of a host.');
      return secured(original, problemResponse(problem, requestIdOf(original.headers)));
    }
    const url = new URL(original.url);
    if (
      /^\/(assets\/|favicon\.|robots\.txt$)/.test(url.pathname) &&
      (original.method === 'GET' || original.method === 'HEAD')
    ) {
      return secured(original, await this.#ports.assets.fetch(original));
    }
    const requestId = requestIdOf(original.headers);
    const headers = new Headers(original.headers);
    for (const name of INTERNAL_HEADERS) {
      headers.delete(name);
    }
    headers.set('x-request-id', requestId);
    try {
      return await this.#answer(original, headers, url, requestId);
    } catch (error) {
      const problem = error instanceof DomainError ? error : unreachable('home', error);
      return secured(original, await this.#refuse(url, problem, requestId, unavailablePage));
    }
  }

  async #answer(request: Request, headers: Headers, url: URL, requestId: string): Promise<Response> {
    const answer = await this.#resolve(url.host);
    return answer.kind === 'tenant' && answer.tenant.status === 'active'
      ? this.#ports.home(answer.tenant).fetch(request, headers)
      : secured(request, await this.#answerItself(request, answer.kind, url, requestId));
  }

  /** For hosts that lead to no home: the bare domain, what nobody has, and a tenant that is suspended. */
  #answerItself(
    request: Request,
    kind: ResolvedHost['kind'],
    url: URL,
    requestId: string,
  ): Response | Promise<Response> {
    if (kind === 'apex') {
      return this.#apex(request, url, requestId);
    }
    if (kind === 'unknown') {
      return this.#refuse(url, new DomainError('not_found', 'No portal has this address.'), requestId, unknownHostPage);
    }
    const problem = new DomainError(
      'tenant_suspended',
      'This portal is suspended. Contact the operator of the platform.',
    );
    return this.#refuse(url, problem, requestId, suspendedPage);
  }

  async #resolve(host: string): Promise<ResolvedHost> {
    if (host.length > LONGEST_HOST) {
      return { kind: 'unknown' };
    }
    const key = host.toLowerCase();
    const known = this.#cache.get(key);
    if (known && known.until > this.#now()) {
      return known.answer;
    }
    const asked = this.#ask(host, key);
    if (!known || known.staleUntil <= this.#now()) {
      return asked;
    }
    const answer = await Promise.race([asked.catch(() => null), after(PATIENCE_MS)]);
    if (answer) {
      return answer;
    }
    known.until = Math.min(this.#now() + PAUSE_MS, known.staleUntil);
    return known.answer;
  }

  async #ask(host: string, key: string): Promise<ResolvedHost> {
    const answer = await this.#ports
      .directory()
      .resolve(host)
      .catch((error: unknown) => {
        throw unreachable('catalog', error);
      });
    if (this.#cache.size >= CACHE_SIZE) {
      this.#cache.clear();
    }
    const until = this.#now() + CACHE_MS;
    this.#cache.set(key, { answer, until, staleUntil: until + STALE_MS });
    return answer;
  }

  /** The bare domain: health, and a page that finds a portal. */
  async #apex(request: Request, url: URL, requestId: string): Promise<Response> {
    if (url.pathname === '/healthz') {
      await this.#ports
        .directory()
        .ping()
        .catch((error: unknown) => {
          throw unreachable('catalog', error);
        });
      return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } });
    }
    if (url.pathname !== '/' || request.method !== 'GET') {
      return this.#refuse(
        url,
        new DomainError('not_found', 'There is nothing at this address.'),
        requestId,
        unknownHostPage,
      );
    }
    const slug = (url.searchParams.get('portal') ?? '').trim().toLowerCase().slice(0, 60);
    if (slug) {
      const portal = `${slug}.${url.host.replace(/^www\./, '')}`;
      const found =
        parseHost(portal, url.host.replace(/^www\./, '')).kind === 'slug' ? await this.#resolve(portal) : null;
      if (found?.kind === 'tenant') {
        return Response.redirect(`${url.protocol}//${portal}/`, 303);
      }
    }
    return apexPage(slug, url.origin);
  }

  #refuse(
    url: URL,
    problem: DomainError,
    requestId: string,
    page: (requestId: string) => Promise<Response>,
  ): Response | Promise<Response> {
    return isForPeople(url.pathname) ? page(requestId) : problemResponse(problem, requestId);
  }
}
