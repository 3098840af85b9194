import type { LoaderFunctionArgs } from '@remix-run/node';
import { redirect } from '@remix-run/server-runtime';
import { safeNext } from '../safe-next.ts';
import { leadOn } from '../sso.ts';

/** Sends the browser to the provider. */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const next = safeNext(request);
  if (context.actor) throw redirect(next);
  return leadOn(await context.sso.start(params.connection ?? '', next));
}
