import { randomBytes } from 'node:crypto';
import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';

export const newFlagKey = () => `flag-${randomBytes(6).toString('hex')}`;

/** A flag that is on for everybody. */
export const switchFlag = (key = newFlagKey()) => ({
  key,
  name: 'Tips at the door',
  type: 'boolean',
  variants: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  rollout: [{ variant: 'on', percent: 100 }],
  off_variant: 'off',
});

export async function newFlag({ owner }: TestTenant): Promise<string> {
  return (await owner.post('/api/feature-flags', switchFlag())).body.id;
}

const single: DoorRow = { kind: 'feature_flag', valid: ({ id }) => ({ params: { id: id.feature_flag } }) };

/** Feature flags, and what merchants have of their own. */
export const flagDoors: Readonly<Record<string, DoorRow>> = {
  'feature_flag.list': { valid: () => ({ query: { limit: '2' } }) },
  'feature_flag.get': single,
  'feature_flag.history': single,
  'feature_flag.overrides': single,
  'feature_flag.create': {
    valid: () => ({ body: { ...switchFlag(), description: 'For the terminals' } }),
    texts: ['name', 'description'],
  },
  'feature_flag.update': {
    kind: 'feature_flag',
    valid: ({ id }) => ({ params: { id: id.feature_flag }, body: { name: 'Tips' } }),
    texts: ['name', 'description'],
  },
  'feature_flag.revert': {
    kind: 'feature_flag',
    valid: async ({ tenant, id }) => {
      const { data } = (await tenant.owner.get(`/api/feature-flags/${id.feature_flag}/history`)).body;
      return { params: { id: id.feature_flag }, body: { event_id: data.at(-1)?.event_id } };
    },
  },
  'feature_flag.archive': {
    kind: 'feature_flag',
    valid: async ({ tenant }) => ({ params: { id: await newFlag(tenant) } }),
  },
  'feature_flag.restore': single,
  'merchant_flag.list': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: ({ id }) => ({ params: { id: id.merchant } }),
  },
  'merchant_flag.set': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: ({ id }) => ({ params: { id: id.merchant }, body: { key: 'portal.audit-live', variant: 'on' } }),
  },
};
