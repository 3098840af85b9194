import type { LinksFunction, LoaderFunctionArgs } from '@remix-run/node';
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useNavigation,
  useRouteError,
  useRouteLoaderData,
} from '@remix-run/react';
import { type ReactNode, useContext } from 'react';
import { ProblemPage } from './components/problem-page.tsx';
import { Nonce } from './nonce.ts';
import { pageTitle } from './page-title.ts';
import { portalOf } from './portal.ts';
import stylesheet from './styles/app.css?url';

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: stylesheet },
  { rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' },
];

/** Of a page that could not be shown; every page has its own. */
export const meta = pageTitle('Not available');

/** Who is looking at whose portal, and where they may go. Reads nothing, so it cannot fail. */
export function loader({ context }: LoaderFunctionArgs) {
  const { tenant, actor, impersonation, exceededQuotas } = context;
  return { tenant, actor, impersonation, exceededQuotas, ...portalOf(context) };
}
export type RootData = Awaited<ReturnType<typeof loader>>;

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useContext(Nonce);
  const colour = useRouteLoaderData<RootData>('root')?.tenant.brand_colour;
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <Meta />
        <Links />
        {colour ? <link rel="stylesheet" href={`/branding.css?v=${colour.slice(1)}`} /> : null}
      </head>
      <body>
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  const navigation = useNavigation();
  return (
    <>
      {navigation.state === 'idle' ? null : <div className="progress" aria-hidden="true" />}
      <Outlet />
    </>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  return (
    <main className="gate" id="content">
      <ProblemPage error={error} />
    </main>
  );
}
