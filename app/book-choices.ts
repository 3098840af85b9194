import type { Book } from '../server/contexts/account/schemas.ts';
import type { Choice } from './components/filters.tsx';
import type { GroupedChoice } from './components/options.tsx';

const ORDER = { tenant: 0, merchant_org: 1, merchant: 2 } as const;

/** Books to choose from: the platform's, then each MerchantOrg's with its merchants'; each may have `more` choices after it. */
export function bookChoices(books: readonly Book[], more: (book: Book) => Choice[] = () => []): GroupedChoice[] {
  const orgs = new Map(
    books.flatMap((book) => (book.party_type === 'merchant_org' ? [[book.party_id, book.name]] : [])),
  );
  const groupOf = ({ party_type, merchant_org_id }: Book) =>
    party_type === 'tenant' ? 'Platform' : (orgs.get(merchant_org_id ?? '') ?? 'Merchants');
  return [...books]
    .sort((a, b) => ORDER[a.party_type] - ORDER[b.party_type] || a.name.localeCompare(b.name))
    .flatMap((book) => {
      const label = book.party_type === 'merchant_org' ? `${book.name} (MerchantOrg)` : book.name;
      const group = groupOf(book);
      return [{ value: book.id, label }, ...more(book)].map((choice) => ({
        ...choice,
        group,
        groupId: book.merchant_org_id,
      }));
    });
}
