import type { ActionFunctionArgs } from '@remix-run/node';
import { redirect } from '@remix-run/server-runtime';

/** Only by POST, so that no link or image can sign anybody out. */
export function loader() {
  throw redirect('/');
}

export async function action({ context }: ActionFunctionArgs) {
  const { cookie } = await context.signOut();
  throw redirect('/sign-in', { headers: { 'Set-Cookie': cookie } });
}
