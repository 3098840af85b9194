import * as build from 'virtual:remix/server-build';
import { createRequestHandler, type ServerBuild } from '@remix-run/server-runtime';
import type { RenderPage } from './app.ts';

const handle = createRequestHandler(build as unknown as ServerBuild, 'production');

/** Renders a page of the portal. The handler holds the built routes and nothing of any tenant. */
export const renderPage: RenderPage = (request, context) => handle(request, context);
