import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantGet } from '../server/contexts/merchant/operations.ts';
import type { Merchant } from '../server/contexts/merchant/schemas.ts';
import { idParam } from './id-param.ts';

// What the pages of a merchant's workspace share.

type Params = { id?: string | undefined; thing?: string | undefined };

/** The merchant of the address. */
export function merchantOf(context: AppLoadContext, params: Params): Promise<Merchant> {
  return context.run(merchantGet, { id: idParam(params) });
}

/** The id of what the address names below the merchant. */
export function thingParam(params: Params): string {
  return idParam({ id: params.thing });
}

/** What the address names is the merchant's own: elsewhere it is not there. */
export function ownedBy<T extends { merchant_id: string }>(params: Params, thing: T): T {
  if (thing.merchant_id !== params.id) throw new Response(null, { status: 404 });
  return thing;
}
