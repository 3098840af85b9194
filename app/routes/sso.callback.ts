import type { LoaderFunctionArgs } from '@remix-run/node';
import { leadOn } from '../sso.ts';

/** Where the provider sends the browser back. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  return leadOn(await context.sso.finish(new URL(request.url).search.slice(1)));
}
