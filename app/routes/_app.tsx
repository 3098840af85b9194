import type { LoaderFunctionArgs } from '@remix-run/node';
import { Outlet, useRouteError, useRouteLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { ProblemPage } from '../components/problem-page.tsx';
import { Shell } from '../components/shell.tsx';
import { pageTitle } from '../page-title.ts';
import type { RootData } from '../root.tsx';

/** Of a page that could not be shown; every page has its own. */
export const meta = pageTitle('Not available');

/** Every page inside the shell is for somebody who has signed in. */
export function loader({ context, request }: LoaderFunctionArgs) {
  const { pathname, search } = new URL(request.url);
  if (context.impersonation?.isOver && pathname !== '/support-access/leave') throw redirect('/support-access/leave');
  if (context.mustEnrol && !pathname.startsWith('/account')) throw redirect('/account/second-factor');
  if (context.actor) return null;
  throw redirect(`/sign-in?${new URLSearchParams({ next: pathname + search })}`);
}

export default function AppLayout() {
  const root = useRouteLoaderData<RootData>('root');
  return root ? (
    <Shell root={root}>
      <Outlet />
    </Shell>
  ) : null;
}

export function ErrorBoundary() {
  const root = useRouteLoaderData<RootData>('root');
  const error = useRouteError();
  if (!root?.actor) {
    return (
      <main className="gate" id="content">
        <ProblemPage error={error} />
      </main>
    );
  }
  return (
    <Shell root={root}>
      <ProblemPage error={error} />
    </Shell>
  );
}
