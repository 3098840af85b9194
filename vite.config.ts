import { resolve } from 'node:path';
import { vitePlugin as remix } from '@remix-run/dev';
import { defineConfig } from 'vite';

/** React for the edge: the other builds lack renderToReadableStream, and dev runs in Node. */
const conditions = ['workerd', 'worker', 'browser'];
const serverFolder = resolve(import.meta.dirname, 'server');

export default defineConfig(({ isSsrBuild }) => ({
  plugins: [
    remix({
      future: {
        v3_singleFetch: true,
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        // The routes are few: the browser gets them with the first page and never asks again.
        v3_lazyRouteDiscovery: false,
      },
      serverModuleFormat: 'esm',
    }),
  ],
  ssr: { resolve: { conditions, externalConditions: conditions } },
  build: {
    target: 'es2022',
    // The worker's bundle brings server/ itself: one copy of each module, so that its classes are the same everywhere.
    rollupOptions: isSsrBuild
      ? { external: (id) => id.startsWith(`${serverFolder}/`), makeAbsoluteExternalsRelative: false }
      : {},
  },
}));
