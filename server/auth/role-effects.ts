import { covers, type Place } from '../operations/may-grant.ts';

/** A role held at a place, and by whom. */
export type Holding = Place & {
  readonly holder_id: string;
  readonly holder_type: 'user' | 'api_key';
  readonly holder_name: string;
  readonly place: string | null;
  readonly role_id: string;
  readonly permissions: readonly string[];
};

/** What one holding changes by; the place as its assignment names it. */
export type RoleEffect = Place & {
  type: Holding['holder_type'];
  id: string;
  name: string;
  place: string | null;
  gains: string[];
  loses: string[];
};

/** Who wins or loses what when a role gives `added` and no longer gives `removed`. */
export function effectsOn(
  roleId: string,
  change: { added: readonly string[]; removed: readonly string[] },
  holdings: readonly Holding[],
): RoleEffect[] {
  const others = Map.groupBy(
    holdings.filter((holding) => holding.role_id !== roleId),
    (holding) => holding.holder_id,
  );
  return holdings
    .filter((holding) => holding.role_id === roleId)
    .map((holding) => {
      const elsewhere = (others.get(holding.holder_id) ?? []).filter((other) => covers(other, holding));
      const isNews = (permission: string) => !elsewhere.some(({ permissions }) => permissions.includes(permission));
      const { merchant_id, merchant_org_id } = holding;
      return {
        type: holding.holder_type,
        id: holding.holder_id,
        name: holding.holder_name,
        merchant_org_id: merchant_id === null ? merchant_org_id : null,
        merchant_id,
        place: holding.place,
        gains: change.added.filter(isNews),
        loses: change.removed.filter(isNews),
      };
    })
    .filter(({ gains, loses }) => gains.length + loses.length > 0);
}
