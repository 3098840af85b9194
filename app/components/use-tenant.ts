import { useRouteLoaderData } from '@remix-run/react';
import type { RootData } from '../root.tsx';

/** The tenant whose portal this is: its locale, time zone and currency shape everything that is shown. */
export function useTenant() {
  const root = useRouteLoaderData<RootData>('root');
  if (!root) throw new Error('a page was rendered without its tenant');
  return root.tenant;
}
