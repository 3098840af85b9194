import type { AppLoadContext } from '@remix-run/server-runtime';
import { bookList } from '../server/contexts/account/operations.ts';
import { auditList } from '../server/contexts/audit/operations.ts';
import { merchantGet } from '../server/contexts/merchant/operations.ts';
import { merchantOrgGet, merchantOrgList } from '../server/contexts/merchant-org/operations.ts';
import type { MerchantOrg } from '../server/contexts/merchant-org/schemas.ts';
import { userList } from '../server/contexts/user/operations.ts';
import type { User } from '../server/contexts/user/schemas.ts';
import { type Place, WHOLE_TENANT } from '../server/operations/may-grant.ts';

/** What a party's page shows beside the party itself, as far as the reader may see it: its history and its book. */
export async function partyTrail(context: AppLoadContext, type: 'merchant_org' | 'merchant', id: string) {
  const [events, books] = await Promise.all([
    context.can('audit:read', WHOLE_TENANT) ? context.run(auditList, { resource_id: id, limit: 10 }) : null,
    context.can('account:read') ? context.run(bookList, { party_type: type, party_id: id }) : null,
  ]);
  return { events: events?.data ?? null, book: books?.data[0] ?? null };
}

type Somebody = { id: string; name: string; roles: string; status: User['status'] };
export type PartyPeople = { data: Somebody[]; hasMore: boolean; href: string };

/** Who holds a role at a party, the first of them by name, with where they are all listed; null for who may not read it. */
export async function partyPeople(context: AppLoadContext, place: Place): Promise<PartyPeople | null> {
  if (!context.can('user:read', place)) return null;
  const { merchant_org_id, merchant_id } = place;
  const of: Record<string, string> = merchant_id ? { merchant_id } : { merchant_org_id: merchant_org_id ?? '' };
  const { data, next_cursor } = await context.run(userList, { ...of, sort: 'name', limit: 8 });
  const here = (role: User['roles'][number]) =>
    merchant_id ? role.merchant_id === merchant_id : role.merchant_org_id === merchant_org_id;
  return {
    data: data.map(({ roles, ...person }) => ({
      ...{ id: person.id, name: person.name, status: person.status },
      roles: roles
        .filter(here)
        .map(({ role_name, is_expired }) => (is_expired ? `${role_name} (expired)` : role_name))
        .join(', '),
    })),
    hasMore: next_cursor !== null,
    href: `/team?${new URLSearchParams(of)}`,
  };
}

/** A merchant's MerchantOrg; null for those whose role reaches the merchant alone. */
export function readableOrg(context: AppLoadContext, id: string): Promise<MerchantOrg | null> {
  return ifReadable(() => context.run(merchantOrgGet, { id }));
}

type Party = { type: string; id: string };

/** The name of a MerchantOrg or merchant; null for another kind of party, and for what may not be read. */
export async function partyName(context: AppLoadContext, party: Party | null): Promise<string | null> {
  if (party?.type === 'merchant_org') return (await readableOrg(context, party.id))?.name ?? null;
  if (party?.type !== 'merchant') return null;
  return (await ifReadable(() => context.run(merchantGet, { id: party.id })))?.name ?? null;
}

/** The names of MerchantOrgs by id: the latest 200, beside a list; empty for those who may read none. */
export async function orgNames(context: AppLoadContext): Promise<Record<string, string>> {
  if (!context.can('merchant_org:read')) return {};
  const { data } = await context.run(merchantOrgList, { limit: 200 });
  return Object.fromEntries(data.map(({ id, name }) => [id, name]));
}

async function ifReadable<T>(load: () => Promise<T>): Promise<T | null> {
  try {
    return await load();
  } catch (refusal) {
    if (refusal instanceof Response && (refusal.status === 404 || refusal.status === 403)) return null;
    throw refusal;
  }
}
