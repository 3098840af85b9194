import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appointmentStates } from '../../server/contexts/appointment/schemas.ts';
import { expectProblem } from '../support/door.ts';
import { forceState, statesOf, walkInSql } from '../support/states.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let merchant_id: string;
let end_customer_id: string;
let cut: string;
let colour: string;

const money = (amount: number, currency = 'USD') => ({ amount, currency });
const MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opens: '09:00', closes: '17:00' }));

async function make(path: string, body: object): Promise<string> {
  const made = await tenant.owner.post(path, body);
  expect(made.status, made.text).toBe(201);
  return made.body.id;
}

const newProvider = (more: object = {}) =>
  make('/api/providers', { merchant_id, name: 'Alma', hours: MONDAY_TO_FRIDAY, ...more });

const bookingOf = (provider_id: string, starts_at: string, more: object = {}) => ({
  ...{ merchant_id, end_customer_id, provider_id, service_ids: [cut], starts_at },
  ...more,
});

const book = (provider: string, startsAt: string, more: object = {}) =>
  tenant.owner.post('/api/appointments', bookingOf(provider, startsAt, more));

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  const org = await make('/api/merchant-orgs', { name: 'Harbor' });
  merchant_id = await make('/api/merchants', {
    merchant_org_id: org,
    name: 'Pine Hair',
    time_zone: 'America/New_York',
  });
  await tenant.owner.patch(`/api/merchants/${merchant_id}`, { status: 'active' });
  end_customer_id = await make('/api/end-customers', { merchant_id, name: 'Regular' });
  const service = { merchant_id, default_duration_minutes: 30, default_price: money(4_000) };
  cut = await make('/api/services', { ...service, name: 'Cut', buffer_minutes: 10 });
  colour = await make('/api/services', {
    ...service,
    name: 'Colour',
    default_duration_minutes: 60,
    default_price: money(9_000),
  });
});
afterAll(() => site?.stop());

describe('booking', () => {
  test('keeps what was booked as it was, whatever becomes of the services', async () => {
    const provider = await newProvider();
    const booked = await book(provider, '2027-03-01T15:00:00Z', { service_ids: [colour, cut] });
    expect(booked.body).toMatchObject({
      title: 'Colour, Cut',
      starts_at: '2027-03-01T15:00:00.000000Z',
      ends_at: '2027-03-01T16:30:00.000000Z',
      price: money(13_000),
      services: [
        { name: 'Colour', duration_minutes: 60, price: money(9_000) },
        { name: 'Cut', duration_minutes: 30, price: money(4_000) },
      ],
    });
    await tenant.owner.patch(`/api/services/${colour}`, { default_price: money(9_900) });
    const again = await tenant.owner.get(`/api/appointments/${booked.body.id}`);
    expect(again.body).toEqual(booked.body);
    await tenant.owner.patch(`/api/services/${colour}`, { default_price: money(9_000) });
  });

  test('a package takes its own price and the time of its services', async () => {
    const bundle = await make('/api/packages', {
      merchant_id,
      name: 'Both',
      price: money(11_000),
      service_ids: [colour, cut],
    });
    const provider = await newProvider();
    const booked = await book(provider, '2027-03-01T15:00:00Z', { service_ids: undefined, package_id: bundle });
    expect(booked.body).toMatchObject({ title: 'Both', price: money(11_000), ends_at: '2027-03-01T16:30:00.000000Z' });
  });

  test('refuses a time that is taken, buffer included, and names what is free; the next time is taken', async () => {
    const provider = await newProvider();
    expect((await book(provider, '2027-03-01T15:00:00Z')).status).toBe(201);
    for (const at of ['2027-03-01T14:45:00Z', '2027-03-01T15:00:00Z', '2027-03-01T15:29:00Z', '2027-03-01T15:39:00Z']) {
      const refused = await book(provider, at);
      expectProblem(refused, 409, 'slot_taken');
    }
    expect((await book(provider, '2027-03-01T15:40:00Z')).status).toBe(201);
  });

  test('refuses what is outside the hours or an absence, unless it is told to', async () => {
    const provider = await newProvider();
    // 09:00 in New York is 14:00 in UTC in winter.
    const outside = ['2027-03-01T13:59:00Z', '2027-03-01T21:31:00Z', '2027-02-28T15:00:00Z'];
    for (const at of outside) {
      const refused = await book(provider, at);
      expectProblem(refused, 422, 'invalid');
      expect(refused.body.errors).toEqual({ starts_at: ['is outside the working hours'] });
    }
    const absence = { provider_id: provider, starts_at: '2027-03-02T15:00:00Z', ends_at: '2027-03-02T16:00:00Z' };
    const away = await make('/api/provider-absences', absence);
    expectProblem(await book(provider, '2027-03-02T15:30:00Z'), 422, 'invalid');
    expect((await book(provider, '2027-03-02T15:30:00Z', { ignores_hours: true })).status).toBe(201);
    await tenant.owner.delete(`/api/provider-absences/${away}`);
    expect((await book(provider, '2027-03-02T16:10:00Z')).status).toBe(201);
  });

  test('at the end of time is answered, or names the field that is too late', async () => {
    const provider = await newProvider();
    const late = await book(provider, '9998-12-31T23:59:59Z', { ignores_hours: true });
    expect([late.status, String(late.body.ends_at).slice(0, 4)]).toEqual([201, '9999']);
    const absence = {
      provider_id: provider,
      starts_at: '2027-03-02T15:00:00Z',
      ends_at: '9998-12-31T23:59:59.9999999Z',
    };
    const away = await tenant.owner.post('/api/provider-absences', absence);
    expect([away.status, away.body.ends_at]).toEqual([201, '9999-01-01T00:00:00.000000Z']);
    const refused = await book(provider, '9999-01-01T00:00:00Z', { ignores_hours: true });
    expect([refused.status, Object.keys(refused.body.errors ?? {})]).toEqual([422, ['starts_at']]);
  });

  test('names the field that is wrong, and changes nothing', async () => {
    const provider = await newProvider();
    const other = await make('/api/merchants', {
      merchant_org_id: (await tenant.owner.get('/api/merchant-orgs')).body.data[0]!.id,
      name: 'Elsewhere',
    });
    const stranger = await make('/api/end-customers', { merchant_id: other, name: 'Stranger' });
    const theirs = await make('/api/providers', { merchant_id: other, name: 'Theirs', hours: MONDAY_TO_FRIDAY });
    const only = await make('/api/services', {
      merchant_id,
      name: 'Only by one',
      default_duration_minutes: 30,
      default_price: money(0),
      provider_ids: [await newProvider()],
    });
    const gone = await make('/api/services', {
      merchant_id,
      name: 'Gone',
      default_duration_minutes: 30,
      default_price: money(1),
    });
    await tenant.owner.post(`/api/services/${gone}/archive`, {});
    const before = await tenant.contents();
    const at = '2027-03-03T15:00:00Z';
    const cases: [object, string][] = [
      [{ end_customer_id: stranger }, 'end_customer_id'],
      [{ provider_id: theirs }, 'provider_id'],
      [{ service_ids: [only] }, 'provider_id'],
      [{ service_ids: [gone] }, 'service_ids'],
      [{ service_ids: [] }, 'service_ids'],
      [{ service_ids: undefined }, 'service_ids'],
      [{ package_id: cut }, 'service_ids'],
      [{ price: money(100, 'EUR') }, 'price.currency'],
      [{ location_id: stranger }, 'location_id'],
      [{ merchant_id: stranger }, 'merchant_id'],
    ];
    for (const [wrong, field] of cases) {
      const refused = await book(provider, at, wrong);
      expect([field, refused.status, Object.keys(refused.body.errors ?? {})]).toEqual([field, 422, [field]]);
    }
    const closed = await tenant.owner.post('/api/appointments', {
      ...bookingOf(theirs, at),
      merchant_id: other,
      end_customer_id: stranger,
    });
    expectProblem(closed, 409, 'conflict');
    expect(await tenant.contents()).toEqual(before);
  });

  test('of two callers at once exactly one wins, two hundred times', async () => {
    const provider = await newProvider();
    const day = Date.UTC(2028, 0, 3, 14);
    let won = 0;
    for (let pair = 0; pair < 200; pair += 1) {
      const at = new Date(day + pair * 86_400_000);
      const later = new Date(at.getTime() + 20 * 60_000);
      const [one, two] = await Promise.all(
        [at, later].map((time) => book(provider, time.toISOString(), { ignores_hours: true })),
      );
      expect([one!.status, two!.status].sort()).toEqual([201, 409]);
      expect([one, two].find((answer) => answer!.status === 409)!.body.code).toBe('slot_taken');
      won += 1;
    }
    const [row] = await tenant.rows('SELECT count(*)::integer AS count FROM appointments WHERE provider_id = $1', [
      provider,
    ]);
    expect(row).toEqual({ count: won });
  }, 120_000);
});

describe('the states of an appointment', () => {
  const actions: Record<keyof typeof appointmentStates.moves, string> = {
    check_in: 'check-in',
    complete: 'complete',
    cancel: 'cancel',
    mark_no_show: 'no-show',
  };

  test('every action in every state does what the machine says, or is refused and changes nothing', async () => {
    const provider = await newProvider();
    const { id } = (await book(provider, '2025-03-03T15:00:00Z')).body;
    for (const state of statesOf(appointmentStates)) {
      for (const [action, path] of Object.entries(actions)) {
        await forceState(tenant, 'appointments', id, state);
        const move = appointmentStates.moves[action as keyof typeof actions];
        const isMove = (move.from as readonly string[]).includes(state);
        const answer = await tenant.owner.post(`/api/appointments/${id}/${path}`, {});
        expect([state, action, answer.status]).toEqual([state, action, isMove ? 200 : 409]);
        const [row] = await tenant.rows('SELECT status FROM appointments WHERE id = $1', [id]);
        expect([state, action, row?.status]).toEqual([state, action, isMove ? move.to : state]);
      }
      await forceState(tenant, 'appointments', id, state);
      const moved = await tenant.owner.post(`/api/appointments/${id}/reschedule`, {
        starts_at: '2025-03-04T15:00:00Z',
      });
      expect([state, moved.status]).toEqual([state, state === 'booked' ? 200 : 409]);
    }
    await walkInSql(tenant, appointmentStates, 'appointments', id);
  });

  test('nobody is a no-show before the visit begins; cancelling late is told', async () => {
    const provider = await newProvider();
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = (await book(provider, soon, { ignores_hours: true })).body;
    expectProblem(await tenant.owner.post(`/api/appointments/${id}/no-show`, {}), 409, 'conflict');
    const late = await tenant.owner.post(`/api/appointments/${id}/cancel`, { reason: 'Ill' });
    expect(late.body).toMatchObject({ status: 'cancelled', status_reason: 'Ill', is_late_cancellation: true });
    const early = (await book(provider, '2027-03-05T15:00:00Z')).body;
    expect((await tenant.owner.post(`/api/appointments/${early.id}/cancel`, {})).body.is_late_cancellation).toBe(false);
    // What was cancelled is free again.
    expect((await book(provider, '2027-03-05T15:00:00Z')).status).toBe(201);
  });

  test('of services that cost more than one amount can be is refused', async () => {
    const dear = { merchant_id, name: 'Everything', default_duration_minutes: 30 };
    const price = { amount: 9_000_000_000_000, currency: 'USD' };
    const { id } = (await tenant.owner.post('/api/services', { ...dear, default_price: price })).body;
    const body = { ...bookingOf(await newProvider(), '2027-03-09T15:00:00Z'), service_ids: [id, id] };
    expectProblem(await tenant.owner.post('/api/appointments', body), 422, 'amount_out_of_range');
  });

  test('moving keeps what was booked, finds another provider, and respects who else is there', async () => {
    const [one, two] = [await newProvider(), await newProvider()];
    const first = (await book(one, '2027-03-08T15:00:00Z')).body;
    await book(two, '2027-03-08T16:00:00Z');
    const move = (body: object) => tenant.owner.post(`/api/appointments/${first.id}/reschedule`, body);
    expectProblem(await move({ starts_at: '2027-03-08T16:15:00Z', provider_id: two }), 409, 'slot_taken');
    // Its own time is no obstacle.
    expect((await move({ starts_at: '2027-03-08T15:10:00Z' })).body.starts_at).toBe('2027-03-08T15:10:00.000000Z');
    const moved = await move({ starts_at: '2027-03-08T17:00:00Z', provider_id: two });
    expect(moved.body).toMatchObject({
      id: first.id,
      provider: { id: two },
      services: first.services,
      price: first.price,
    });
    expect((await book(one, '2027-03-08T15:10:00Z')).status).toBe(201);
  });
});

describe('what is free', () => {
  const free = async (query: Record<string, string>) => {
    const search = new URLSearchParams({ merchant_id, service_id: cut, ...query });
    const answer = await tenant.owner.get(`/api/availability?${search}`);
    expect(answer.status, answer.text).toBe(200);
    return (answer.body as unknown as { data: { provider_id: string; starts_at: string }[] }).data;
  };
  const nextMonday = () => {
    const day = new Date();
    day.setUTCDate(day.getUTCDate() + ((8 - day.getUTCDay()) % 7 || 7));
    return day.toISOString().slice(0, 10);
  };

  test('is the hours less what is booked and away, in steps, for those who offer it', async () => {
    const provider_id = await newProvider({ hours: [{ weekday: 1, opens: '09:00', closes: '11:00' }] });
    const day = nextMonday();
    const all = await free({ provider_id, from: day, to: day });
    // 09:00 … 10:30 every quarter of an hour; the buffer may reach beyond the closing.
    expect(all).toHaveLength(7);
    await tenant.owner.post('/api/appointments', bookingOf(provider_id, all[2]!.starts_at));
    const left = await free({ provider_id, from: day, to: day });
    // Who asks for what is taken is told what is free nearest to it.
    const taken = await tenant.owner.post('/api/appointments', bookingOf(provider_id, all[2]!.starts_at));
    expect((taken.body as unknown as { alternatives: string[] }).alternatives.slice(0, 2)).toEqual(
      [all[5], all[6]].map((slot) => slot!.starts_at),
    );
    // 09:30 is taken until 10:10: what would reach into it is gone as well.
    expect(left.map(({ starts_at }) => starts_at)).toEqual([all[5], all[6]].map((slot) => slot!.starts_at));
  });

  test('for an appointment that is moved counts its own time, lasts what was booked, and keeps its provider', async () => {
    const hours = [{ weekday: 1, opens: '09:00', closes: '11:00' }];
    const [provider_id, stranger] = [await newProvider({ hours }), await newProvider({ hours })];
    const day = nextMonday();
    const [first] = await free({ provider_id, from: day, to: day });
    const booked = await tenant.owner.post('/api/appointments', bookingOf(provider_id, first!.starts_at));
    const ask = async (query: object) => {
      const search = new URLSearchParams({ merchant_id, from: day, to: day, ...query });
      return tenant.owner.get(`/api/availability?${search}`);
    };
    const id = String(booked.body.id);
    const times = async (of: string) =>
      (await ask({ appointment_id: id, provider_id: of })).body.data.map(({ starts_at }) => starts_at);
    expect(await times(provider_id)).toHaveLength(7);
    expect(await times(provider_id)).toContain(first!.starts_at);
    // Who does not offer it any more keeps to what was booked; nobody else is asked to.
    await tenant.owner.patch(`/api/services/${cut}`, {
      provider_ids: [await newProvider()],
      default_duration_minutes: 60,
    });
    expect(await times(provider_id)).toHaveLength(7);
    expect(await times(stranger)).toEqual([]);
    await tenant.owner.patch(`/api/services/${cut}`, { provider_ids: [], default_duration_minutes: 30 });
    await tenant.owner.post(`/api/appointments/${id}/cancel`, {});
    expectProblem(await ask({ appointment_id: id }), 422, 'invalid');
    expectProblem(await ask({ appointment_id: cut }), 422, 'invalid');
    expectProblem(await ask({ appointment_id: id, service_id: cut }), 422, 'invalid');
  });

  test('follows the clocks of the merchant when they are changed', async () => {
    const [row] = await tenant.rows(
      `SELECT array_agg(to_char(lower(o.times) AT TIME ZONE 'UTC', 'DD HH24:MI') || '–' || to_char(upper(o.times) AT TIME ZONE 'UTC', 'HH24:MI')) AS times
       FROM opening_times('[{"weekday": 7, "opens": "00:30", "closes": "04:00"}]', 'America/New_York', '2027-03-08', '2027-11-07') AS o (times)
       WHERE lower(o.times) >= '2027-03-14' AND lower(o.times) < '2027-03-22' OR lower(o.times) >= '2027-11-07'`,
    );
    // Spring takes an hour of the night, autumn gives one.
    expect(row?.times).toEqual(['14 05:30–08:00', '21 04:30–08:00', '07 04:30–09:00']);
  });

  test('honours the notice and the horizon, and asks for a service or a package', async () => {
    const provider_id = await newProvider();
    const far = new Date(Date.now() + 120 * 86_400_000).toISOString().slice(0, 10);
    expect(await free({ provider_id, from: far, to: far })).toEqual([]);
    await tenant.owner.patch(`/api/merchants/${merchant_id}/settings`, {
      values: { booking_minimum_notice_minutes: 43_200 },
    });
    const day = nextMonday();
    expect(await free({ provider_id, from: day, to: day })).toEqual([]);
    await tenant.owner.patch(`/api/merchants/${merchant_id}/settings`, {
      values: { booking_minimum_notice_minutes: null },
    });
    expect((await free({ provider_id, from: day, to: day })).length).toBeGreaterThan(10);
    const path = `/api/availability?merchant_id=${merchant_id}&from=${day}&to=${day}`;
    expectProblem(await tenant.owner.get(path), 422, 'invalid');
    expectProblem(await tenant.owner.get(`${path}&service_id=${cut}&package_id=${cut}`), 422, 'invalid');
  });
});
