import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, listPage } from '../../operations/list.ts';
import { id } from '../../operations/schemas.ts';
import {
  ONBOARDING_ITEMS,
  type Onboarding,
  type OnboardingItem,
  type OnboardingState,
  onboarding,
  type onboardingListInput,
} from './schemas.ts';

const { items, ...entries } = onboarding.entries;
const row = v.object({ ...entries, items: v.array(v.omit(items.item, ['label', 'help', 'path'])) });

/** MerchantOrgs and merchants as one: a MerchantOrg is its own `merchant_org_id`, and has no `merchant_id`. */
const parties = sql.fragment`(
    SELECT o.id, 'merchant_org' AS party_type, o.name, o.id AS merchant_org_id, NULL::uuid AS merchant_id, o.status,
      o.archived_at, o.created_at
    FROM merchant_orgs o
    UNION ALL
    SELECT m.id, 'merchant', m.name, m.merchant_org_id, m.id, m.status, m.archived_at, m.created_at
    FROM merchants m) p`;

const checklist = sql.fragment`CROSS JOIN LATERAL onboarding_of(p.merchant_org_id, p.merchant_id) c`;

const columns = sql.fragment`p.id, p.party_type, p.name, p.merchant_org_id, p.status, c.progress, c.blocking, c.items,
    jsonb_build_object(
      'version', terms_for(p.merchant_org_id, p.merchant_id),
      'url', nullif(setting_for('terms_url', p.merchant_org_id, p.merchant_id), '""'),
      'acceptance', (
        SELECT jsonb_build_object('terms_version', a.terms_version, 'accepted_by', a.accepted_by,
          'recorded_by', a.recorded_by, 'accepted_at', rfc3339(a.accepted_at))
        FROM terms_acceptances a
        WHERE a.merchant_id = p.id OR a.merchant_org_id = p.id
        ORDER BY a.id DESC
        LIMIT 1)) AS terms,
    p.created_at`;

const visible = (scope: Scope) => inScope(scope, sql.fragment`p.merchant_org_id`, sql.fragment`p.merchant_id`);

/** Where each item is done. */
function pathOf({ party_type, id }: v.InferOutput<typeof row>, item: OnboardingItem): string {
  if (party_type === 'merchant_org') {
    const pages: Partial<Record<OnboardingItem, string>> = {
      owner: `/onboard/people?merchant_org_id=${id}`,
      terms: `/merchant-orgs/${id}`,
    };
    return pages[item] ?? `/merchant-orgs/${id}/edit`;
  }
  const pages: Partial<Record<OnboardingItem, string>> = {
    location: '/set-up',
    services: '/set-up',
    payments: '/settings',
    messaging: '/settings',
    terms: '',
  };
  return `/merchants/${id}${pages[item] ?? '/edit'}`;
}

function worded(found: v.InferOutput<typeof row>): Onboarding {
  const words: Record<string, { label: string; help: string }> = ONBOARDING_ITEMS[found.party_type];
  const worded = found.items.map((each) => ({ ...each, ...words[each.item]!, path: pathOf(found, each.item) }));
  return { ...found, items: worded satisfies OnboardingState[] };
}

export async function pageOfOnboarding(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof onboardingListInput>,
) {
  const { is_blocked: isBlocked } = input;
  // Only those of the page are looked at, unless what shows there decides which they are.
  const decides = isBlocked !== undefined || input.missing !== undefined || /^-?progress$/.test(input.sort ?? '');
  const page = await listPage(
    tx,
    {
      name: 'onboarding',
      row,
      select: sql.fragment`SELECT p.id FROM ${parties} ${decides ? checklist : sql.fragment``}`,
      rowsOf: (page) => sql.fragment`
        SELECT ${columns}
        FROM unnest(ARRAY(${page})) WITH ORDINALITY AS r (id, place)
        JOIN ${parties} ON p.id = r.id
        ${checklist}
        ORDER BY r.place`,
      id: sql.fragment`p.id`,
      sorts: {
        created_at: { column: sql.fragment`p.created_at`, type: 'timestamptz' },
        progress: { column: sql.fragment`c.progress`, type: 'integer' },
        name: { column: sql.fragment`p.name`, type: 'text' },
      },
      defaultSort: 'created_at',
      where: [
        sql.fragment`p.status = 'onboarding'`,
        sql.fragment`p.archived_at IS NULL`,
        visible(scope),
        equals(sql.fragment`p.party_type`, input.party_type),
        equals(sql.fragment`p.merchant_org_id`, input.merchant_org_id),
        isBlocked === undefined ? null : sql.fragment`(c.blocking <> '{}') = ${isBlocked}`,
        input.missing === undefined
          ? null
          : sql.fragment`c.items @> ${sql.jsonb([{ item: input.missing, state: 'missing' }])}`,
        contains([sql.fragment`p.name`], input.q),
      ],
    },
    input,
  );
  return { ...page, data: page.data.map(worded) };
}

export async function selectOnboarding(tx: CommonQueryMethods, scope: Scope, partyId: string) {
  const found = await tx.maybeOne(sql.type(row)`
    SELECT ${columns} FROM ${parties} ${checklist} WHERE ${allOf([sql.fragment`p.id = ${partyId}`, visible(scope)])}`);
  return found && worded(found);
}

/** The columns that say whose a record is: of the MerchantOrg itself, or of one of its merchants. */
function ownerOf({ party_type, id }: Onboarding) {
  return party_type === 'merchant' ? { org: null, merchant: id } : { org: id, merchant: null };
}

const nothing = v.object({});

export async function insertAcceptance(
  tx: CommonQueryMethods,
  party: Onboarding,
  accepted: { version: string; acceptedBy: string; recordedBy: string },
): Promise<void> {
  const { org, merchant } = ownerOf(party);
  await tx.query(sql.type(nothing)`
    INSERT INTO terms_acceptances (merchant_org_id, merchant_id, terms_version, accepted_by, recorded_by)
    VALUES (${org}, ${merchant}, ${accepted.version}, ${accepted.acceptedBy}, ${accepted.recordedBy})`);
}

export async function insertWaiver(
  tx: CommonQueryMethods,
  party: Onboarding,
  waiver: { item: OnboardingItem; reason: string; by: string },
): Promise<void> {
  const { org, merchant } = ownerOf(party);
  await tx.query(sql.type(nothing)`
    INSERT INTO onboarding_waivers (merchant_org_id, merchant_id, item, reason, waived_by)
    VALUES (${org}, ${merchant}, ${waiver.item}, ${waiver.reason}, ${waiver.by})`);
}

/** Whether there was one. */
export async function deleteWaiver(tx: CommonQueryMethods, party: Onboarding, item: OnboardingItem): Promise<boolean> {
  const { org, merchant } = ownerOf(party);
  const gone = await tx.maybeOne(sql.type(v.object({ id }))`
    DELETE FROM onboarding_waivers
    WHERE (merchant_org_id = ${org} OR merchant_id = ${merchant}) AND item = ${item}
    RETURNING id`);
  return gone !== null;
}
