import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';

export async function newProspect({ owner }: TestTenant, more: object = {}): Promise<string> {
  return (await owner.post('/api/prospects', { name: 'Corner Studio', ...more })).body.id;
}

export async function newActivity({ owner }: TestTenant, prospect_id: string): Promise<string> {
  return (await owner.post('/api/prospect-activities', { prospect_id, kind: 'call', subject: 'Said hello' })).body.id;
}

const list: DoorRow = { valid: () => ({ query: { limit: '2' } }) };
const report: DoorRow = { valid: () => ({}) };
const single: DoorRow = { kind: 'prospect', valid: ({ id }) => ({ params: { id: id.prospect } }) };

/** Prospects, what is done about them, and the figures of the pipeline. */
export const pipelineDoors: Readonly<Record<string, DoorRow>> = {
  'prospect.list': list,
  'prospect.board': report,
  'pipeline.forecast': report,
  'pipeline.funnel': report,
  'prospect.get': single,
  'prospect.duplicates': single,
  'prospect.timeline': { ...single, valid: ({ id }) => ({ params: { id: id.prospect }, query: { limit: '2' } }) },
  'prospect.create': {
    valid: () => ({ body: { name: 'Corner Studio', value: { amount: 90_000, currency: 'USD' }, probability: 40 } }),
    texts: ['name', 'contact_name', 'phone', 'source', 'notes'],
  },
  'prospect.update': {
    kind: 'prospect',
    valid: ({ id }) => ({ params: { id: id.prospect }, body: { name: 'Corner Studio', notes: null } }),
    texts: ['name', 'contact_name', 'phone', 'source', 'notes'],
  },
  'prospect.move': {
    kind: 'prospect',
    valid: async ({ tenant }) => ({
      params: { id: await newProspect(tenant) },
      body: { status: 'lost', lost_reason: 'timing', reason: 'Next year' },
    }),
  },
  'prospect.merge': {
    kind: 'prospect',
    valid: async ({ tenant, id }) => ({
      params: { id: id.prospect },
      body: { prospect_id: await newProspect(tenant) },
    }),
  },
  'prospect.convert': {
    kind: 'prospect',
    valid: async ({ tenant }) => ({
      params: { id: await newProspect(tenant) },
      body: { merchant_org_name: 'Corner Group', merchant_name: 'Corner Studio', time_zone: 'Europe/Paris' },
    }),
  },
  'prospect_activity.list': list,
  'prospect_activity.get': {
    kind: 'prospect_activity',
    valid: ({ id }) => ({ params: { id: id.prospect_activity } }),
  },
  'prospect_activity.create': {
    valid: ({ id }) => ({
      body: { prospect_id: id.prospect, kind: 'task', subject: 'Call back', due_on: '2030-01-31' },
    }),
    texts: ['subject', 'body'],
  },
  'prospect_activity.update': {
    kind: 'prospect_activity',
    valid: ({ id }) => ({ params: { id: id.prospect_activity }, body: { subject: 'Called back' } }),
    texts: ['subject', 'body'],
  },
};
