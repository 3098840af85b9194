import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prospectStates } from '../../server/contexts/prospect/schemas.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { statesOf } from '../support/states.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let sales: Client;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  sales = tenant.as(await tenant.createKey({ role: 'sales' }));
});
afterAll(() => site?.stop());

let count = 0;
const newProspect = async (more: object = {}) => {
  count += 1;
  const answer = await sales.post('/api/prospects', { name: `Studio ${count} of many`, ...more });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const at = (id: string) => `/api/prospects/${id}`;
const usd = (amount: number) => ({ amount, currency: 'USD' });

describe('the stages of a prospect', () => {
  test('take every move in the states that it leaves, and no other', async () => {
    const party = (await sales.post(`${at((await newProspect()).id)}/convert`, {})).body;
    const steps = ['lead', 'qualified', 'proposal', 'lost', 'won', 'merged'] as const;
    const reach: Record<string, (id: string) => Promise<unknown>> = {
      lead: async () => {},
      qualified: (id) => sales.post(`${at(id)}/move`, { status: 'qualified' }),
      proposal: (id) => sales.post(`${at(id)}/move`, { status: 'proposal' }),
      lost: (id) => sales.post(`${at(id)}/move`, { status: 'lost', lost_reason: 'price' }),
      won: (id) => sales.post(`${at(id)}/convert`, { merchant_org_id: party.merchant_org_id }),
      merged: async (id) => sales.post(`${at((await newProspect()).id)}/merge`, { prospect_id: id }),
    };
    expect(statesOf(prospectStates).sort()).toEqual([...steps].sort());
    for (const state of steps) {
      for (const to of steps) {
        const { id } = await newProspect();
        await reach[state]?.(id);
        expect((await sales.get(at(id))).body.status, `to begin with ${state}`).toBe(state);
        if (to === 'lead') await sales.post(`${at(id)}/move`, { status: 'lead' });
        else await reach[to]?.(id);
        const isTaken = Object.values(prospectStates.moves).some(
          (move) => move.to === to && move.from.some((from) => from === state),
        );
        expect([state, to, (await sales.get(at(id))).body.status]).toEqual([state, to, isTaken ? to : state]);
      }
    }
  });

  test('are moved by SQL as by the product, and a lost, won or merged one without its why is refused', async () => {
    const { id } = await newProspect();
    const set = (assignment: string) => tenant.arrange(`UPDATE prospects SET ${assignment} WHERE id = $1`, [id]);
    await expect(set(`status = 'won'`)).rejects.toThrow('prospects_won_is_a_merchant');
    await expect(set(`status = 'lost'`)).rejects.toThrow('prospects_lost_for_a_reason');
    await expect(set(`status = 'merged'`)).rejects.toThrow('prospects_merged_into_another');
    const why = { lost: `, lost_reason = 'price'` } as Record<string, string>;
    for (const from of ['lead', 'qualified', 'proposal', 'lost']) {
      for (const to of ['lead', 'qualified', 'proposal', 'lost']) {
        if (from === to) continue;
        await tenant.rows('SET session_replication_role = replica');
        await tenant.rows(`UPDATE prospects SET status = $1, lost_reason = $2 WHERE id = $3`, [
          from,
          from === 'lost' ? 'price' : null,
          id,
        ]);
        await tenant.rows('SET session_replication_role = origin');
        const moved = await set(`status = '${to}'${why[to] ?? ', lost_reason = NULL'}`).then(
          () => true,
          () => false,
        );
        const isTaken = Object.values(prospectStates.moves).some(
          (move) => move.to === to && move.from.some((each) => each === from),
        );
        expect([from, to, moved]).toEqual([from, to, isTaken]);
      }
    }
  });

  test('a loss needs its reason, a reason needs a loss, and the timeline keeps both with who said so', async () => {
    const { id } = await newProspect();
    expectProblem(await sales.post(`${at(id)}/move`, { status: 'lost' }), 422, 'invalid');
    expectProblem(await sales.post(`${at(id)}/move`, { status: 'qualified', lost_reason: 'price' }), 422, 'invalid');
    await sales.post(`${at(id)}/move`, { status: 'lost', lost_reason: 'competitor', reason: 'Signed elsewhere' });
    const again = await sales.post(`${at(id)}/move`, { status: 'lead' });
    expect(again.body).toMatchObject({ status: 'lead', lost_reason: null, status_reason: null });
    const entries = (await sales.get(`${at(id)}/timeline`)).body.data;
    expect(entries.map((entry) => [entry.from_status, entry.to_status, entry.subject, entry.body])).toEqual([
      ['lost', 'lead', null, null],
      ['lead', 'lost', 'competitor', 'Signed elsewhere'],
      ['', 'lead', null, null],
    ]);
    expect(entries.every((entry) => typeof entry.by === 'string')).toBe(true);
    const [event] = (await owner.get(`/api/audit-logs?resource_id=${id}&limit=1`)).body.data;
    expect(event).toMatchObject({ action: 'prospect.move', outcome: 'success', summary: 'Moved a prospect to lead' });
  });

  test('a card that somebody moved meanwhile is not moved again', async () => {
    const { id, version } = await newProspect();
    await sales.post(`${at(id)}/move`, { status: 'qualified' });
    const late = await sales.post(`${at(id)}/move`, { status: 'proposal' }, { 'if-match': `"${version}"` });
    expectProblem(late, 412, 'stale');
    expect((await sales.get(at(id))).body.status).toBe('qualified');
  });
});

describe('converting', () => {
  test('makes a MerchantOrg and a merchant once, whoever asks at the same time, with books and links both ways', async () => {
    const prospect = await newProspect({
      name: 'Twice',
      contact_name: 'Ann Twice',
      email: 'office@twice.test',
      value: { amount: 5, currency: 'EUR' },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => sales.post(`${at(prospect.id)}/convert`, {})));
    const won = answers.filter(({ status }) => status === 201);
    expect(won).toHaveLength(1);
    const { merchant_org_id, merchant_id } = won[0]!.body;
    for (const other of answers.filter(({ status }) => status !== 201)) {
      expectProblem(other, 409, 'conflict');
      expect(other.body).toMatchObject({ merchant_org_id, merchant_id });
    }
    expect((await sales.get('/api/merchant-orgs?name=Twice')).body.data).toHaveLength(1);
    const merchant = (await sales.get(`/api/merchants/${merchant_id}`)).body;
    expect(merchant).toMatchObject({ merchant_org_id, name: 'Twice', currency: 'EUR', email: 'office@twice.test' });
    for (const party of [merchant, (await sales.get(`/api/merchant-orgs/${merchant_org_id}`)).body]) {
      expect(party.contacts).toMatchObject([{ name: 'Ann Twice', email: 'office@twice.test', phone: null }]);
    }
    for (const became of [`merchant_id=${merchant_id}`, `merchant_org_id=${merchant_org_id}`]) {
      const { data } = (await sales.get(`/api/prospects?${became}`)).body;
      expect(data.map(({ id }) => id)).toEqual([prospect.id]);
    }
    expect((await owner.get(`/api/books?party_id=${merchant_id}`)).body.data).toHaveLength(1);
    expect((await sales.get(at(prospect.id))).body).toMatchObject({ status: 'won', merchant_id, probability: 100 });
  });

  test('leaves nothing behind when it is refused, and needs the rights to create both', async () => {
    const { id } = await newProspect({ name: 'Refused' });
    expectProblem(await sales.post(`${at(id)}/convert`, { currency: 'XXQ' }), 422, 'invalid');
    const missing = '0190a0a0-0000-7000-8000-000000000000';
    expectProblem(await sales.post(`${at(id)}/convert`, { merchant_org_id: missing }), 422, 'invalid');
    expect((await sales.get('/api/merchant-orgs?name=Refused')).body.data).toEqual([]);
    const halfway = tenant.as(await tenant.createKey({ role: ['prospect:convert', 'merchant:create'] }));
    expectProblem(await halfway.post(`${at(id)}/convert`, {}), 403, 'forbidden');
    const nowhere = tenant.as(await tenant.createKey({ role: ['prospect:convert'] }));
    expectProblem(await nowhere.post(`${at(id)}/convert`, {}), 403, 'forbidden');
    expect((await sales.get(at(id))).body.status).toBe('lead');
  });
});

describe('duplicates', () => {
  test('are found by name, mail and phone, spelling apart, among prospects, MerchantOrgs and merchants', async () => {
    const org = (await owner.post('/api/merchant-orgs', { name: 'Café-Nord' })).body.id;
    const merchant = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Other', phone: '+49 40 123' }))
      .body.id;
    const known = (await newProspect({ name: 'CAFÉ NORD', email: 'Info@Nord.test' })).id;
    const { id } = await newProspect({ name: 'Café Nord!', email: 'info@nord.test', phone: '(+49) 40-123' });
    const found = (await sales.get(`${at(id)}/duplicates`)).body.data;
    const seen = found.map((each) => [each.kind, each.id, each.matches]);
    expect(seen).toContainEqual(['merchant_org', org, ['name']]);
    expect(seen).toContainEqual(['merchant', merchant, ['phone']]);
    expect(seen).toContainEqual(['prospect', known, ['name', 'email']]);
    expect(seen).toHaveLength(3);
    // Who may not read the others is not told of them.
    const role = { name: 'Only prospects', permissions: ['prospect:read'] };
    const made = await owner.post('/api/roles', role);
    expect(made.status, made.text).toBe(201);
    const key = (await owner.post('/api/api-keys', { name: 'Reader', role_id: made.body.id })).body as unknown as {
      key: string;
    };
    const told = (await tenant.as(key.key).get(`${at(id)}/duplicates`)).body.data;
    expect(told.map((each) => each.kind)).toEqual(['prospect']);
    expect((await sales.get(`${at((await newProspect()).id)}/duplicates`)).body.data).toEqual([]);
  });

  test('are merged once: what is empty is filled, activities move, and the merged one leads to the other', async () => {
    const [keep, drop] = [
      await newProspect({ email: 'a@keep.test' }),
      await newProspect({ phone: '77', email: 'b@drop.test' }),
    ];
    await sales.post('/api/prospect-activities', { prospect_id: drop.id, kind: 'note', subject: 'Wants two chairs' });
    const tries = await Promise.all(
      Array.from({ length: 6 }, (_, turn) =>
        turn % 2 === 0
          ? sales.post(`${at(keep.id)}/merge`, { prospect_id: drop.id })
          : sales.post(`${at(drop.id)}/merge`, { prospect_id: keep.id }),
      ),
    );
    expect(tries.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const other of tries.filter(({ status }) => status !== 200)) expectProblem(other, 409, 'conflict');
    const [kept, merged] =
      tries.find(({ status }) => status === 200)!.body.id === keep.id ? [keep, drop] : [drop, keep];
    expect((await sales.get(at(kept.id))).body).toMatchObject({ email: kept.email, phone: '77' });
    expect((await sales.get(at(merged.id))).body).toMatchObject({ status: 'merged', merged_into: kept.id });
    const timeline = (await sales.get(`${at(kept.id)}/timeline`)).body.data;
    expect(timeline.map(({ subject }) => subject)).toContain('Wants two chairs');
    expectProblem(await sales.patch(at(merged.id), { name: 'Again' }), 409, 'conflict');
    const note = { prospect_id: merged.id, kind: 'note', subject: 'Too late' };
    expectProblem(await sales.post('/api/prospect-activities', note), 409, 'conflict');
    expectProblem(await sales.post(`${at(kept.id)}/merge`, { prospect_id: kept.id }), 422, 'invalid');
  });
});

describe('the figures', () => {
  test('are sums over the prospects, per currency, month and stage, and those of the board add up to them', async () => {
    await newProspect({ value: usd(1_005), expected_close: '2031-03-31', probability: 50 });
    await newProspect({ value: usd(2_000), expected_close: '2031-03-01' });
    const euro = await newProspect({ value: { amount: 999, currency: 'EUR' }, expected_close: '2031-04-01' });
    await sales.post(`${at(euro.id)}/move`, { status: 'proposal' });
    const { data } = (await sales.get('/api/pipeline/forecast')).body;
    expect(data).toContainEqual({
      month: '2031-03',
      currency: 'USD',
      status: 'lead',
      count: 2,
      value: 3_005,
      weighted: 703,
    });
    expect(data).toContainEqual({
      month: '2031-04',
      currency: 'EUR',
      status: 'proposal',
      count: 1,
      value: 999,
      weighted: 599,
    });
    const stages = (await sales.get('/api/prospects/board')).body.stages as unknown as {
      status: string;
      count: number;
      totals: { currency: string; value: number; weighted: number }[];
      cards: { status: string }[];
    }[];
    const rows = data as unknown as {
      status: string;
      currency: string;
      count: number;
      value: number;
      weighted: number;
    }[];
    for (const { status, count: inAll, totals, cards } of stages.slice(0, 3)) {
      const own = rows.filter((row) => row.status === status);
      expect(inAll).toBe(own.reduce((sum, row) => sum + row.count, 0));
      expect(cards).toHaveLength(Math.min(inAll, 50));
      for (const total of totals) {
        const same = own.filter((row) => row.currency === total.currency);
        expect([total.value, total.weighted]).toEqual([
          same.reduce((sum, row) => sum + row.value, 0),
          same.reduce((sum, row) => sum + row.weighted, 0),
        ]);
      }
    }
    const [truth] = await tenant.rows(
      `SELECT count(*)::integer AS open FROM prospects WHERE status IN ('lead', 'qualified', 'proposal')`,
    );
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(truth?.open);
  });

  test('are exact or refused, never rounded', async () => {
    const many = `INSERT INTO prospects (name, value, currency) SELECT 'Vast', 9999999999999, 'JPY' FROM generate_series(1, 1001)`;
    await tenant.arrange(many);
    for (const path of ['/api/prospects/board', '/api/pipeline/forecast']) {
      expectProblem(await sales.get(path), 422, 'amount_out_of_range');
    }
    await tenant.arrange(`UPDATE prospects SET value = 1 WHERE name = 'Vast'`);
  });

  test('of the funnel count who reached a stage or a later one, and how long they stayed', async () => {
    const other = site.tenants[1]!;
    const add = async (path: readonly string[]) => {
      const { id } = (await other.owner.post('/api/prospects', { name: `P ${path.join(' ')}` })).body;
      for (const status of path) {
        await other.owner.post(`/api/prospects/${id}/move`, {
          status,
          ...(status === 'lost' && { lost_reason: 'price' }),
        });
      }
      return id;
    };
    await add([]);
    await add(['lost']);
    await add(['qualified']);
    const won = await add(['proposal']);
    await other.owner.post(`/api/prospects/${won}/convert`, {});
    const rows = (await other.owner.get('/api/pipeline/funnel')).body.data;
    expect(rows.map((row) => [row.status, row.reached, row.conversion_basis_points, row.now])).toEqual([
      ['lead', 4, null, 1],
      ['qualified', 2, 5_000, 1],
      ['proposal', 1, 5_000, 0],
      ['won', 1, 10_000, 1],
    ]);
    expect(rows[0]).toMatchObject({ median_days: 0, oldest_days: 0 });
    expect((await other.owner.get('/api/pipeline/funnel?to=2020-01-01')).body.data[0]).toMatchObject({ reached: 0 });
  });
});

describe('tasks', () => {
  test('are due on a day, open until they are done, and belong to somebody', async () => {
    const { id } = await newProspect();
    const task = { prospect_id: id, kind: 'task', subject: 'Send the offer' };
    expectProblem(await sales.post('/api/prospect-activities', task), 422, 'invalid');
    const [person] = (await owner.get('/api/users')).body.data;
    const set = await sales.post('/api/prospect-activities', { ...task, due_on: '2031-05-01', user_id: person?.id });
    expect(set.body).toMatchObject({ due_on: '2031-05-01', done_at: null, user: { id: person?.id } });
    const open = async () => (await sales.get(`/api/prospect-activities?prospect_id=${id}&open=true`)).body.data.length;
    expect(await open()).toBe(1);
    expect((await sales.patch(`/api/prospect-activities/${set.body.id}`, { done: true })).body.done_at).not.toBeNull();
    expect(await open()).toBe(0);
    await sales.patch(`/api/prospect-activities/${set.body.id}`, { done: false });
    await sales.post(`${at(id)}/move`, { status: 'lost', lost_reason: 'price' });
    expect(await open()).toBe(0);
    await sales.post(`${at(id)}/move`, { status: 'lead' });
    expect(await open()).toBe(1);
    const note = (await sales.post('/api/prospect-activities', { prospect_id: id, kind: 'note', subject: 'Met' })).body
      .id;
    expectProblem(await sales.patch(`/api/prospect-activities/${note}`, { done: true }), 422, 'invalid');
    const nobody = { ...task, due_on: '2031-05-01', user_id: '0190a0a0-0000-7000-8000-000000000000' };
    expectProblem(await sales.post('/api/prospect-activities', nobody), 422, 'invalid');
  });
});

test('the pipeline is for staff of the whole tenant, read by auditors, and nobody else sees it', async () => {
  const { id } = await newProspect();
  const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
  expect((await auditor.get(at(id))).status).toBe(200);
  expectProblem(await auditor.post(`${at(id)}/move`, { status: 'qualified' }), 403, 'forbidden');
  const support = tenant.as(await tenant.createKey({ role: 'support' }));
  expectProblem(await support.get(at(id)), 403, 'forbidden');
  const org = (await owner.post('/api/merchant-orgs', { name: 'Narrow' })).body.id;
  const narrow = tenant.as(await tenant.createKey({ role: 'owner', merchant_org_id: org }));
  for (const path of ['/api/prospects', at(id), '/api/prospects/board', '/api/prospect-activities']) {
    expectProblem(await narrow.get(path), 403, 'forbidden');
  }
  expectProblem(await site.tenants[1]!.owner.get(at(id)), 404, 'not_found');
});
