import type { DoorRow } from './door-table.ts';
import type { Kind, World } from './world.ts';

const list: DoorRow = { valid: () => ({ query: { limit: '2' } }) };
const single = (kind: Kind, outside: Kind): DoorRow => ({
  kind,
  outside,
  valid: ({ id }) => ({ params: { id: id[kind] } }),
});

async function newOrg({ owner }: World['tenant']): Promise<string> {
  return (await owner.post('/api/merchant-orgs', { name: 'Put aside' })).body.id;
}

async function newMerchant({ owner }: World['tenant'], id: Pick<World['id'], 'merchant_org'>): Promise<string> {
  return (await owner.post('/api/merchants', { merchant_org_id: id.merchant_org, name: 'Put aside' })).body.id;
}

/** A transfer of a later day that somebody else proposed, and what it is approved by. */
export async function newTransfer(tenant: World['tenant'], org: string): Promise<{ id: string; digest: unknown }> {
  const proposer = tenant.as(await tenant.createKey());
  const merchant = await newMerchant(tenant, { merchant_org: org });
  const effective_date = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const body = { merchant_org_id: await newOrg(tenant), effective_date };
  const { digest } = (await proposer.post(`/api/merchants/${merchant}/transfer-preview`, body)).body;
  const made = await proposer.post(`/api/merchants/${merchant}/transfer`, { ...body, digest, reason: 'Sold' });
  return { id: String(made.body.transfer_id), digest };
}

/** The doors of MerchantOrgs, merchants and what is set for them. */
export const partyDoors: Readonly<Record<string, DoorRow>> = {
  'merchant_org.list': list,
  'merchant_org.get': single('merchant_org', 'outside_merchant_org'),
  'merchant_org.create': {
    valid: () => ({
      body: {
        ...{ name: 'Harbor', legal_name: 'Harbor LLC', email: 'office@harbor.test', phone: '1' },
        contacts: [{ name: 'Ada', role: 'Accounts', email: 'ada@harbor.test' }],
      },
    }),
    texts: ['name', 'legal_name', 'phone', 'tax_id', 'billing_address'],
  },
  'merchant_org.update': {
    kind: 'merchant_org',
    outside: 'outside_merchant_org',
    valid: ({ id }) => ({ params: { id: id.merchant_org }, body: { name: 'Inside', tax_id: null } }),
    texts: ['name', 'legal_name', 'phone', 'tax_id', 'billing_address'],
  },
  'merchant.list': list,
  'merchant.get': single('merchant', 'outside_merchant'),
  'merchant.create': {
    valid: ({ id }) => ({
      body: { merchant_org_id: id.merchant_org, name: 'Pine Hair', currency: 'EUR', time_zone: 'Europe/Paris' },
    }),
    texts: ['name', 'public_name', 'phone', 'description'],
  },
  'merchant.update': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: ({ id }) => ({ params: { id: id.merchant }, body: { name: 'Inside', vertical: 'fitness' } }),
    texts: ['name', 'public_name', 'phone', 'description'],
  },
  'merchant_org.archive': {
    kind: 'merchant_org',
    outside: 'outside_merchant_org',
    valid: async ({ tenant }) => ({ params: { id: await newOrg(tenant) } }),
  },
  'merchant_org.restore': {
    kind: 'merchant_org',
    outside: 'outside_merchant_org',
    valid: async ({ tenant }) => ({ params: { id: await newOrg(tenant) } }),
  },
  'merchant.archive': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: async ({ tenant, id }) => ({ params: { id: await newMerchant(tenant, id) } }),
  },
  'merchant.restore': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: async ({ tenant, id }) => ({ params: { id: await newMerchant(tenant, id) } }),
  },
  'merchant_transfer.list': list,
  'merchant_transfer.preview': {
    kind: 'merchant',
    valid: async ({ tenant, id }) => ({
      params: { id: await newMerchant(tenant, id) },
      body: { merchant_org_id: await newOrg(tenant) },
    }),
  },
  'merchant_transfer.create': {
    kind: 'merchant',
    valid: async ({ tenant, id }) => {
      const params = { id: await newMerchant(tenant, id) };
      const body = { merchant_org_id: await newOrg(tenant) };
      const { digest } = (await tenant.owner.post(`/api/merchants/${params.id}/transfer-preview`, body)).body;
      return { params, body: { ...body, digest, reason: 'Sold' } };
    },
  },
  'merchant_transfer.get': {
    kind: 'merchant_transfer',
    valid: ({ id }) => ({ params: { id: id.merchant_transfer } }),
  },
  'merchant_transfer.approve': {
    kind: 'merchant_transfer',
    valid: async ({ tenant, id }) => {
      const { id: transfer, digest } = await newTransfer(tenant, id.merchant_org);
      return { params: { id: transfer }, body: { digest } };
    },
  },
  'merchant_transfer.cancel': {
    kind: 'merchant_transfer',
    valid: async ({ tenant, id }) => ({
      params: { id: (await newTransfer(tenant, id.merchant_org)).id },
      body: { reason: 'Not sold after all' },
    }),
  },
  'onboarding.list': list,
  'onboarding.get': single('merchant', 'outside_merchant'),
  'onboarding.accept_terms': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: ({ id }) => ({ params: { id: id.merchant }, body: { version: '1', accepted_by: 'Ada' } }),
  },
  'onboarding.waive': {
    kind: 'merchant',
    valid: async ({ tenant, id }) => ({
      params: { id: await newMerchant(tenant, id) },
      body: { item: 'messaging', reason: 'Sends none' },
    }),
  },
  'onboarding.unwaive': {
    kind: 'merchant',
    valid: async ({ tenant, id }) => {
      const params = { id: await newMerchant(tenant, id) };
      const body = { item: 'messaging' };
      await tenant.owner.post(`/api/onboarding/${params.id}/waive`, { ...body, reason: 'Sends none' });
      return { params, body };
    },
  },
  'tenant_setting.list': { valid: () => ({}) },
  'tenant_setting.update': {
    valid: () => ({ body: { values: { booking_horizon_days: 30, invoice_note: null } } }),
  },
  'merchant_org_setting.list': single('merchant_org', 'outside_merchant_org'),
  'merchant_org_setting.update': {
    kind: 'merchant_org',
    outside: 'outside_merchant_org',
    valid: ({ id }) => ({ params: { id: id.merchant_org }, body: { values: { deposit_is_required: true } } }),
  },
  'merchant_setting.list': single('merchant', 'outside_merchant'),
  'merchant_setting.update': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: ({ id }) => ({ params: { id: id.merchant }, body: { values: { booking_slot_minutes: 30 } } }),
  },
};
