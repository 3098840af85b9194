import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Nothing here');

/** Every address that no page has. */
export function loader(): never {
  throw new Response(null, { status: 404 });
}

/** Never shows; a route without it would answer 404 without a page. */
export default function NothingHere() {
  return null;
}
