import { randomBytes } from 'node:crypto';
import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';
import type { Kind, World } from './world.ts';

const unique = (stem: string) => `${stem}-${randomBytes(6).toString('hex')}`;
const money = (amount: number) => ({ amount, currency: 'USD' });

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opens: '00:00', closes: '23:59' }));

/** What belongs to a merchant, by the names that kinds have. */
const THINGS = [
  'location',
  'provider',
  'provider_absence',
  'service',
  'service_category',
  'package',
  'end_customer',
  'appointment',
] as const;
type Thing = (typeof THINGS)[number];
type Inside = Record<Thing, string>;
export type WorkspaceKind = Thing | `outside_${Thing}`;

/** One of everything that a merchant works with. */
export async function newWorkspace(tenant: TestTenant, merchant_id: string): Promise<Inside> {
  const make = async (path: string, body: object) => {
    const made = await tenant.owner.post(path, body);
    if (made.status !== 201) throw new Error(`${path} answered ${made.text}`);
    return made.body.id;
  };
  await tenant.owner.patch(`/api/merchants/${merchant_id}`, { status: 'active' });
  const location = await make('/api/locations', { merchant_id, name: 'Main street' });
  const provider = await make('/api/providers', {
    merchant_id,
    name: 'Chair 1',
    hours: EVERY_DAY,
    location_id: location,
  });
  const service = await make('/api/services', {
    merchant_id,
    name: 'Cut',
    default_duration_minutes: 5,
    default_price: money(4_200),
  });
  const end_customer = await make('/api/end-customers', { merchant_id, name: 'Regular' });
  const ids = { location, provider, service, end_customer };
  return {
    ...ids,
    provider_absence: await make('/api/provider-absences', absence(provider)),
    service_category: await make('/api/service-categories', { merchant_id, name: 'Hair' }),
    package: await make('/api/packages', {
      merchant_id,
      name: 'Both',
      price: money(7_000),
      service_ids: [service, service],
    }),
    appointment: await make('/api/appointments', booking({ merchant: merchant_id, ...ids })),
  };
}

/** The same under the names of what lies outside. */
export function asOutside(things: Inside): Record<`outside_${Thing}`, string> {
  return Object.fromEntries(THINGS.map((thing) => [`outside_${thing}`, things[thing]])) as Record<
    `outside_${Thing}`,
    string
  >;
}

function absence(provider_id: string) {
  return { provider_id, starts_at: '2020-01-01T08:00:00Z', ends_at: '2020-01-02T08:00:00Z', reason: 'Training' };
}

let booked = 0;

/** Each at a time of its own, five minutes after the one before. */
export function nextTime(): string {
  booked += 1;
  return new Date(Date.UTC(2021, 0, 1) + booked * 300_000).toISOString();
}

type Parts = { merchant: string; provider: string; service: string; end_customer: string };

export function booking({ merchant, provider, service, end_customer }: Parts, starts_at = nextTime()) {
  return {
    merchant_id: merchant,
    provider_id: provider,
    end_customer_id: end_customer,
    service_ids: [service],
    starts_at,
    ignores_hours: true,
  };
}

async function bookedIn({ tenant, id }: World): Promise<string> {
  return (await tenant.owner.post('/api/appointments', booking(id))).body.id;
}

const list: DoorRow = { valid: ({ id }) => ({ query: { limit: '2', merchant_id: id.merchant } }) };

function about(kind: Thing, body?: Record<string, unknown>): DoorRow {
  return {
    kind,
    outside: `outside_${kind}` satisfies Kind,
    valid: ({ id }) => ({ params: { id: id[kind] }, ...(body ? { body } : {}) }),
  };
}

const ofBooked = (body?: Record<string, unknown>): DoorRow => ({
  kind: 'appointment',
  outside: 'outside_appointment',
  valid: async (world) => ({ params: { id: await bookedIn(world) }, ...(body ? { body } : {}) }),
});

/** What is kept of each merchant's thing in the same way. */
function kept(
  name: string,
  kind: Thing,
  body: (id: World['id']) => Record<string, unknown>,
  change: object,
  texts: string[],
) {
  return {
    [`${name}.list`]: list,
    [`${name}.get`]: about(kind),
    [`${name}.create`]: { texts, valid: ({ id }: World) => ({ body: { merchant_id: id.merchant, ...body(id) } }) },
    [`${name}.update`]: { ...about(kind, { ...change }), texts },
    [`${name}.archive`]: about(kind),
    [`${name}.restore`]: about(kind),
  };
}

/** The doors of what a merchant works with. */
export const workspaceDoors: Readonly<Record<string, DoorRow>> = {
  ...kept('location', 'location', () => ({ name: 'Corner', address: '1 Main St', phone: '1' }), { name: 'Main' }, [
    'name',
    'address',
    'phone',
  ]),
  ...kept(
    'provider',
    'provider',
    () => ({ name: 'Chair', hours: EVERY_DAY, colour: '#112233' }),
    { title: 'Stylist' },
    ['name', 'title', 'phone'],
  ),
  ...kept(
    'service',
    'service',
    ({ provider }) => ({
      name: 'Colour',
      default_duration_minutes: 45,
      buffer_minutes: 10,
      default_price: money(9_000),
      provider_ids: [provider],
    }),
    { description: 'With wash' },
    ['name', 'description'],
  ),
  ...kept('service_category', 'service_category', () => ({ name: 'Nails', position: 2 }), { name: 'Hands' }, ['name']),
  ...kept(
    'package',
    'package',
    ({ service }) => ({ name: 'Day', price: money(20_000), service_ids: [service] }),
    { description: 'All of it' },
    ['name', 'description'],
  ),
  ...kept(
    'end_customer',
    'end_customer',
    () => ({ name: 'New', email: 'new@acme.test', phone: '1' }),
    { notes: 'Tea' },
    ['name', 'phone', 'notes'],
  ),
  'provider_absence.list': list,
  'provider_absence.get': about('provider_absence'),
  'provider_absence.create': { texts: ['reason'], valid: ({ id }) => ({ body: absence(id.provider) }) },
  'provider_absence.delete': {
    kind: 'provider_absence',
    outside: 'outside_provider_absence',
    valid: async ({ tenant, id }) => ({
      params: { id: (await tenant.owner.post('/api/provider-absences', absence(id.provider))).body.id },
    }),
  },
  'appointment.list': list,
  'appointment.get': about('appointment'),
  'search.find': { openStatus: 401, needsQuery: true, valid: () => ({ query: { q: 'Inside' } }) },
  'availability.list': {
    needsQuery: true,
    valid: ({ id }) => ({
      query: { merchant_id: id.merchant, service_id: id.service, from: '2026-12-01', to: '2026-12-02' },
    }),
  },
  'appointment.book': { valid: ({ id }) => ({ body: { ...booking(id), notes: unique('Note') } }), texts: ['notes'] },
  'appointment.reschedule': {
    ...ofBooked(),
    valid: async (world) => ({
      params: { id: await bookedIn(world) },
      body: { starts_at: nextTime(), ignores_hours: true },
    }),
  },
  'appointment.update': { ...ofBooked({ notes: 'Window seat' }), texts: ['notes'] },
  'appointment.check_in': ofBooked(),
  'appointment.complete': ofBooked(),
  'appointment.cancel': ofBooked({ reason: 'Ill' }),
  'appointment.mark_no_show': ofBooked(),
};
