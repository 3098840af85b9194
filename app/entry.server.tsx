import { isRouteErrorResponse, RemixServer } from '@remix-run/react';
import type { AppLoadContext, EntryContext, LoaderFunctionArgs } from '@remix-run/server-runtime';
import { isbot } from 'isbot';
import { renderToReadableStream } from 'react-dom/server';
import { pagePolicy } from '../server/security-headers.ts';
import { Nonce } from './nonce.ts';

/** Renders a page as a stream; crawlers get it whole. */
export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  loadContext: AppLoadContext,
): Promise<Response> {
  let responseStatus = status;
  const nonce = crypto.randomUUID();
  const body = await renderToReadableStream(
    <Nonce.Provider value={nonce}>
      <RemixServer context={remixContext} url={request.url} nonce={nonce} />
    </Nonce.Provider>,
    {
      nonce,
      signal: request.signal,
      onError(error) {
        if (request.signal.aborted) return;
        responseStatus = 500;
        console.error(`page ${loadContext.requestId} failed to render`, error);
      },
    },
  );
  if (isbot(request.headers.get('user-agent'))) await body.allReady;
  headers.set('Content-Type', 'text/html; charset=utf-8');
  // Vite's dev server injects styles and scripts of its own.
  if (import.meta.env.PROD) headers.set('Content-Security-Policy', pagePolicy(nonce));
  return new Response(body, { headers, status: responseStatus });
}

/** What is logged: our own failures, not what somebody asked that no page has. */
export function handleError(error: unknown, { request, context }: LoaderFunctionArgs): void {
  const isRefusal = isRouteErrorResponse(error) && error.status < 500;
  if (isRefusal || request.signal.aborted) return;
  console.error(`page ${context.requestId} failed`, error);
}
