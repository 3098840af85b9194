/**
 * Stands in for the platform's static assets: serves build/client, whose bytes come from the `FILES` disk service,
 * with a content type, an ETag, and immutable caching for the files that carry a hash in their name.
 */
const TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  mjs: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff2: 'font/woff2',
};

export default {
  async fetch(request, env) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405 });
    const { pathname } = new URL(request.url);
    const extension = /\.([a-z0-9]+)$/i.exec(pathname)?.[1]?.toLowerCase();
    // Without an extension it is a folder or nothing, and the disk service would list a folder. `_headers` is for the platform.
    if (!extension) return new Response(null, { status: 404 });
    const file = await env.FILES.fetch(new URL(pathname, 'http://files'), { method: request.method });
    if (!file.ok) return new Response(null, { status: 404 });

    const headers = new Headers({
      'Content-Type': TYPES[extension] ?? 'application/octet-stream',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': pathname.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'public, max-age=0, must-revalidate',
    });
    const length = file.headers.get('Content-Length');
    const modified = file.headers.get('Last-Modified');
    const etag = `"${length}-${Date.parse(modified ?? '') || 0}"`;
    headers.set('ETag', etag);
    if (request.headers.get('If-None-Match') === etag) {
      await file.body?.cancel();
      return new Response(null, { status: 304, headers });
    }
    if (length) headers.set('Content-Length', length);
    return new Response(file.body, { headers });
  },
};
