import type { LoaderFunctionArgs } from '@remix-run/node';
import { redirect } from '@remix-run/server-runtime';

const FIELDS = ['format', 'book_id', 'from', 'to'];

/** Leads a plain form to the file: fields that were left empty are not asked for. */
export function loader({ request }: LoaderFunctionArgs) {
  const given = new URL(request.url).searchParams;
  const wanted = new URLSearchParams();
  for (const name of FIELDS) {
    const value = given.get(name);
    const isForBundle = given.get('format') !== 'bundle' || name === 'format';
    if (value && isForBundle) wanted.set(name, value);
  }
  return redirect(`/api/ledger/export?${wanted}`);
}
