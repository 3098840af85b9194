import { createHash } from 'node:crypto';

/** What a browser may never ask the person for on our pages. */
const DENIED_FEATURES = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'screen-wake-lock',
  'usb',
  'xr-spatial-tracking',
];

/** On every answer there is; public/_headers repeats them for files that the platform serves before the worker. */
export const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': DENIED_FEATURES.map((feature) => `${feature}=()`).join(', '),
};

/** The tenant's logo: open to everybody. Not every address that comes in can be parsed. */
const LOGO = /^https?:\/\/[^/]*\/branding\/logo(\?|$)/;

/** For answers that are no pages: if a browser shows one after all, it runs, loads and frames nothing. */
export const NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Every subdomain answers with its own: a tenant's domain must not decide for the rest of its owner's. */
const HSTS = 'max-age=31536000';

/**
 * The headers that protect an answer: the only place that sets them. What the answer says itself about its content
 * (a page's policy, a document's caching) stays; everything else is nobody's to keep.
 */
export function secureHeaders(request: Request, headers: Headers): void {
  for (const [name, value] of Object.entries(ALWAYS)) {
    headers.set(name, value);
  }
  // Mail programs show it on pages of their own.
  if (LOGO.test(request.url) && headers.get('content-type')?.startsWith('image/')) {
    headers.set('cross-origin-resource-policy', 'cross-origin');
  }
  if (!headers.has('cache-control')) {
    headers.set('cache-control', 'private, no-store');
  }
  if (!headers.has('content-security-policy')) {
    headers.set('content-security-policy', NO_PAGE);
  }
  if (request.url.startsWith('https:')) {
    headers.set('strict-transport-security', HSTS);
  }
}

/** The same answer with the headers that protect it. */
export function secured(request: Request, response: Response): Response {
  const headers = new Headers(response.headers);
  secureHeaders(request, headers);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** The policy of a page without scripts, whose one style sheet is inline and named by its hash. */
export function scriptlessPolicy(style: string, formAction = "'none'"): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`;
}

/** The policy of a portal page: nothing from elsewhere, and no inline script but those that carry this nonce. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
