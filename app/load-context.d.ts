import '@remix-run/server-runtime';
import type { PageContext } from '../server/doors/pages.ts';

declare module '@remix-run/server-runtime' {
  interface AppLoadContext extends PageContext {}
  interface Future {
    v3_singleFetch: true;
  }
}
