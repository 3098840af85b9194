import { redirect } from '@remix-run/server-runtime';
import type { Refusal } from '../server/contexts/sso/schemas.ts';

/** Takes the browser to where a step of single sign-on leads, or back to the sign-in page with why not. */
export function leadOn(step: { to: string; cookies: readonly string[] } | { refusal: Refusal }): Response {
  if ('refusal' in step) return redirect(`/sign-in?${new URLSearchParams({ refused: step.refusal })}`);
  const headers = new Headers();
  for (const cookie of step.cookies) headers.append('Set-Cookie', cookie);
  return redirect(step.to, { headers });
}
