import { randomBytes } from 'node:crypto';
import { newAlert, savedBy } from './audit-objects.ts';
import type { DoorRow } from './door-table.ts';
import type { Kind } from './world.ts';

const unique = (stem: string) => `${stem}-${randomBytes(6).toString('hex')}`;
const list: DoorRow = { valid: () => ({ query: { limit: '2' } }) };
const single = (kind: Kind): DoorRow => ({ kind, valid: ({ id }) => ({ params: { id: id[kind] } }) });

/** The rows of the audit trail, its searches, exports and erasures, and of alerts. */
export const auditDoors: Readonly<Record<string, DoorRow>> = {
  'audit.list': list,
  'audit.get': single('audit_event'),
  'audit.tail': { valid: () => ({ query: { since: '0.1' } }) },
  'audit.export': { valid: () => ({ query: { format: 'csv' } }) },
  'audit.erase': {
    valid: () => ({ body: { actor_id: unique('person'), reason: 'They asked for it' } }),
    texts: ['reason'],
  },
  'audit_erasure.list': list,
  'audit_erasure.get': single('audit_erasure'),
  'saved_search.list': { ...list, openStatus: 401 },
  'saved_search.get': { ...single('saved_search'), openStatus: 401 },
  'saved_search.create': {
    openStatus: 401,
    valid: () => ({ body: { name: unique('Denials'), filters: { outcome: 'denied' } } }),
    texts: ['name'],
  },
  'saved_search.update': {
    openStatus: 401,
    kind: 'saved_search',
    valid: ({ id }) => ({ params: { id: id.saved_search }, body: { name: 'Renamed' } }),
  },
  'saved_search.delete': {
    openStatus: 401,
    kind: 'saved_search',
    valid: async ({ tenant }) => ({ params: { id: await savedBy(tenant.owner) } }),
  },
  'alert.list': list,
  'alert.get': single('alert'),
  'alert.acknowledge': {
    kind: 'alert',
    valid: async ({ tenant }) => ({ params: { id: await newAlert(tenant) }, body: { note: 'It was me' } }),
    texts: ['note'],
  },
  'usage.list': list,
  'quota.list': { valid: () => ({}) },
  'alert_rule.list': list,
  'alert_rule.get': single('alert_rule'),
  'alert_rule.update': {
    kind: 'alert_rule',
    valid: ({ id }) => ({ params: { id: id.alert_rule }, body: { name: 'Night work', threshold: 2 } }),
    texts: ['name'],
  },
};
