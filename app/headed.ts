import type { UIMatch } from '@remix-run/react';
import type { Crumb } from './components/page-header.tsx';

type Headed = { heading(data: unknown): string };

/** A page's `handle`: what the frame around it is to be headed with, of what the page loaded. */
export function headed<Data>(heading: string | ((data: Data) => string)): Headed {
  return { heading: (data) => (typeof heading === 'string' ? heading : heading(data as Data)) };
}

/** What the innermost page says of itself; null where it says nothing. */
export function headingOf(matches: readonly UIMatch[]): string | null {
  const page = matches.at(-1);
  const handle = page?.handle as Headed | undefined;
  return handle && page?.data ? handle.heading(page.data) : null;
}

/** What a merchant stands in: its MerchantOrg, or the list of merchants for those who may not read that. */
export function aboveMerchant(org: { id: string; name: string } | null): Crumb {
  return org ? { href: `/merchant-orgs/${org.id}`, label: org.name } : { href: '/merchants', label: 'Merchants' };
}
