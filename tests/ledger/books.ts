import type { Answer, Body, Client } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

export type Side = 'debit' | 'credit';
export type Line = { account_id: string; side: Side; amount: number; memo?: string };

/** A tenant with two orgs, each with a merchant: five books, and their accounts by purpose. */
export type Books = {
  site: Site;
  tenant: TestTenant;
  owner: Client;
  party: Record<'tenant' | 'org' | 'merchant' | 'otherOrg' | 'otherMerchant', { type: string; id: string }>;
  book: Record<keyof Books['party'], string>;
  /** `account('merchant', 'cash')` */
  account(party: keyof Books['party'], purpose: string): string;
  post(lines: Line[], more?: object, headers?: Record<string, string>): Promise<Answer>;
  balanceOf(accountId: string): Promise<number>;
};

export const debit = (account_id: string, amount: number): Line => ({ account_id, side: 'debit', amount });
export const credit = (account_id: string, amount: number): Line => ({ account_id, side: 'credit', amount });

/** Opens the books of a test file's own tenant. */
export async function openBooks(tenants = 1): Promise<Books> {
  const site = await startSite({ tenants });
  const tenant = site.tenants[0]!;
  const { owner } = tenant;
  const create = async (path: string, body: object) => (await owner.post(path, body)).body.id;
  const org = await create('/api/merchant-orgs', { name: 'Harbor' });
  const otherOrg = await create('/api/merchant-orgs', { name: 'Northside' });
  const party: Books['party'] = {
    tenant: { type: 'tenant', id: tenant.record.id },
    org: { type: 'merchant_org', id: org },
    otherOrg: { type: 'merchant_org', id: otherOrg },
    merchant: { type: 'merchant', id: await create('/api/merchants', { merchant_org_id: org, name: 'Pine' }) },
    otherMerchant: {
      type: 'merchant',
      id: await create('/api/merchants', { merchant_org_id: otherOrg, name: 'Yoga' }),
    },
  };
  const books = (await owner.get('/api/books')).body.data;
  const accounts = (await owner.get('/api/accounts?limit=200')).body.data;
  const bookOf = (id: string) => books.find((each) => each.party_id === id)!.id;
  const book = Object.fromEntries(Object.entries(party).map(([name, { id }]) => [name, bookOf(id)])) as Books['book'];
  const find = (bookId: string, purpose: string): Body =>
    accounts.find((each) => each.book_id === bookId && each.purpose === purpose)!;
  return {
    site,
    tenant,
    owner,
    party,
    book,
    account: (name, purpose) => find(book[name], purpose).id,
    post: (lines, more = {}, headers = {}) =>
      owner.post('/api/transactions', { description: 'Entry', lines, ...more }, headers),
    balanceOf: async (id) => Number((await owner.get(`/api/accounts/${id}/balance`)).body.balance),
  };
}
