import type { AppLoadContext } from '@remix-run/server-runtime';
import { bookList } from '../server/contexts/account/operations.ts';
import { auditList } from '../server/contexts/audit/operations.ts';
import { merchantOrgGet } from '../server/contexts/merchant-org/operations.ts';
import type { MerchantOrg } from '../server/contexts/merchant-org/schemas.ts';

/** What a party's page shows beside the party itself, as far as the reader may see it: its history and its book. */
export async function partyTrail(context: AppLoadContext, type: 'merchant_org' | 'merchant', id: string) {
  const [events, books] = await Promise.all([
    context.can('audit:read') ? context.run(auditList, { resource_type: type, resource_id: id, limit: 10 }) : null,
    context.can('account:read') ? context.run(bookList, { party_type: type, party_id: id }) : null,
  ]);
  return { events: events?.data ?? null, book: books?.data[0] ?? null };
}

/** A merchant's MerchantOrg; null for those whose role reaches the merchant alone. */
export async function readableOrg(context: AppLoadContext, id: string): Promise<MerchantOrg | null> {
  try {
    return await context.run(merchantOrgGet, { id });
  } catch (refusal) {
    if (refusal instanceof Response && (refusal.status === 404 || refusal.status === 403)) return null;
    throw refusal;
  }
}
