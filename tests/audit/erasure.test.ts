import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Books, openBooks } from '../ledger/books.ts';
import { bundleOf, settle, verify, verifyBundle } from '../ledger/sealed.ts';
import { expectProblem } from '../support/door.ts';
import { tablesWith } from '../support/tables-with.ts';

let books: Books;
let userId: string;
const person = { email: 'petra@acme.test', password: 'correct horse battery' };
const from = { 'cf-connecting-ip': '203.0.113.77', 'user-agent': 'Petrabrowser' };

async function act(name: string): Promise<void> {
  const { tenant } = books;
  const signedIn = await tenant.as(null).post('/api/sessions', person, from);
  const cookie = String(signedIn.headers.get('set-cookie')).split(';')[0]!;
  const her = tenant.as({ cookie, origin: tenant.origin, ...from });
  const answer = await her.patch(`/api/merchants/${books.party.merchant.id}`, { name });
  expect(answer.status, answer.text).toBe(200);
}

const erase = (body: object) => books.owner.post('/api/audit-erasures', body);
const textsOf = async (id: string) =>
  JSON.stringify(
    await books.tenant.rows(
      `SELECT e.actor_name, e.address, e.user_agent, e.details, c.before, c.after FROM audit_events e
     LEFT JOIN audit_changes c ON c.event_id = e.id WHERE e.actor_id = $1`,
      [id],
    ),
  );

beforeAll(async () => {
  books = await openBooks();
  userId = await books.tenant.createUser(person);
  await act('Petras Laden');
});
afterAll(() => books?.site.stop());

describe('an erasure', () => {
  test('waits for the seal, then leaves ids and times alone, and the chain fits online and offline', async () => {
    const { tenant, owner } = books;
    const asked = await erase({ actor_id: userId, reason: 'Article 17 request 12' });
    expect(asked.status, asked.text).toBe(201);
    expect(asked.body).toMatchObject({ status: 'pending', erased: 0, actor_id: userId });
    expect(await textsOf(userId)).toContain('Petrabrowser');

    await settle(tenant);
    const done = (await owner.get(`/api/audit-erasures/${asked.body.id}`)).body;
    expect(done).toMatchObject({ status: 'done', erased: 2 });
    expect(await textsOf(userId)).not.toMatch(/Petra|203\.0\.113|Staff/);
    const [event] = (await owner.get(`/api/audit-logs?actor_id=${userId}&action=merchant.update`)).body.data;
    expect(event).toMatchObject({
      actor_name: '[erased]',
      address: null,
      user_agent: null,
      summary: null,
      details: {},
    });
    expect((await owner.get('/api/audit-logs?q=Petras')).body.data).toEqual([]);
    expect((await owner.get('/api/audit-logs?address=203.0.113.77')).body.data).toEqual([]);

    const verified = await verify(tenant);
    expect(verified).toMatchObject({ problems: 0, erased: 2 });
    const offline = await verifyBundle(await bundleOf(tenant));
    expect(offline.code, offline.output).toBe(0);
  });

  test('is an audit event itself, with its reason', async () => {
    const [event] = (await books.owner.get('/api/audit-logs?action=audit.erase')).body.data;
    expect(event).toMatchObject({ resource_type: 'audit_erasure', outcome: 'success' });
    expect(event!.summary).toBe(`Had personal data of actor ${userId} erased: Article 17 request 12`);
  });

  test('of a resource reaches the events about it, whoever caused them, and none that come later', async () => {
    const { tenant, owner, party } = books;
    const orgs = `/api/merchant-orgs/${party.org.id}`;
    await owner.patch(orgs, { name: 'Frau Schmidt' });
    const asked = await erase({ resource_type: 'merchant_org', resource_id: party.org.id, reason: 'Sole trader left' });
    await owner.patch(orgs, { name: 'After' });
    await settle(tenant);
    expect((await owner.get(`/api/audit-erasures/${asked.body.id}`)).body).toMatchObject({ status: 'done', erased: 2 });
    const trail = JSON.stringify(
      await tenant.rows('SELECT before, after FROM audit_changes WHERE table_name = $1', ['merchant_orgs']),
    );
    // What came later says what it replaced.
    expect(trail.match(/Frau Schmidt/g)).toHaveLength(1);
    expect(await verify(tenant)).toMatchObject({ problems: 0, erased: 4 });
  });

  test('goes on in steps, and a second one finds nothing left', async () => {
    const { tenant, owner } = books;
    for (const name of ['A', 'B', 'C']) await act(name);
    const [first, second] = [
      await erase({ actor_id: userId, reason: 'All of it' }),
      await erase({ actor_id: userId, reason: 'Once more' }),
    ];
    await settle(tenant);
    const status = async (id: string) => (await owner.get(`/api/audit-erasures/${id}`)).body;
    expect(await status(first.body.id)).toMatchObject({ status: 'done', erased: 6 });
    expect(await status(second.body.id)).toMatchObject({ status: 'done', erased: 0 });
    expect(await verify(tenant)).toMatchObject({ problems: 0 });
  });

  test('of the address that somebody tried to sign in with reaches the tries, and leaves it nowhere', async () => {
    const { tenant, owner } = books;
    const email = 'wrong.petra@acme.test';
    await tenant.as(null).post('/api/sessions', { email, password: 'wrong horse battery' }, from);
    const tries = () => owner.get(`/api/audit-logs?action=session.create&resource_id=${email}`);
    expect((await tries()).body.data).toHaveLength(1);
    const asked = await erase({ resource_type: 'session', resource_id: 'Wrong.Petra@acme.test', reason: 'Article 17' });
    expect(asked.status, asked.text).toBe(201);
    await settle(tenant);
    expect((await owner.get(`/api/audit-erasures/${asked.body.id}`)).body).toMatchObject({ status: 'done', erased: 1 });
    expect((await tries()).body.data).toEqual([]);
    expect(await tablesWith(tenant, 'wrong.petra')).toEqual([]);
    expect(await verify(tenant)).toMatchObject({ problems: 0 });
    const offline = await verifyBundle(await bundleOf(tenant));
    expect(offline.code, offline.output).toBe(0);
  });

  test.each([
    [{}, 'actor_id'],
    [{ actor_id: 'x', resource_type: 'user', resource_id: 'y' }, 'actor_id'],
    [{ resource_type: 'user' }, 'resource_id'],
    [{ resource_id: 'y' }, 'resource_type'],
  ])('of %j is refused', async (subject, field) => {
    const refused = await erase({ ...subject, reason: 'Because' });
    expectProblem(refused, 422, 'invalid');
    expect(Object.keys(refused.body.errors)).toEqual([field]);
  });

  test('needs a reason, and a permission of its own for the whole tenant', async () => {
    expectProblem(await erase({ actor_id: userId }), 422, 'invalid');
    const { tenant, party } = books;
    for (const role of ['auditor', 'finance']) {
      const key = await tenant.createKey({ role });
      expectProblem(await tenant.as(key).post('/api/audit-erasures', { actor_id: 'x', reason: 'Because' }), 403);
    }
    const scoped = tenant.as(await tenant.createKey({ merchant_org_id: party.org.id }));
    expectProblem(await scoped.post('/api/audit-erasures', { actor_id: 'x', reason: 'Because' }), 403, 'forbidden');
  });
});

describe('beside an erasure', () => {
  test('blanks that no erasing event explains are found', async () => {
    const { tenant } = books;
    const [event] = await tenant.rows(
      `SELECT id FROM audit_events WHERE action = 'merchant_org.create' AND actor_name <> '[erased]' LIMIT 1`,
    );
    await tenant.rows('BEGIN');
    await tenant.rows(`UPDATE audit_changes SET before = NULL, after = NULL WHERE event_id = $1`, [event?.id]);
    await tenant.rows(
      `UPDATE audit_events SET actor_name = '[erased]', impersonator = NULL, delegator = NULL, address = NULL, user_agent = NULL, details = '{}' WHERE id = $1`,
      [event?.id],
    );
    const found = await tenant.rows(
      `SELECT f ->> 'id' AS id, f ->> 'problem' AS problem FROM seal_blocks b, jsonb_array_elements(verify_block(b.number) -> 'findings') f
       WHERE f ->> 'what' = 'event'`,
    );
    await tenant.rows('ROLLBACK');
    expect(found).toEqual([{ id: event?.id, problem: 'changed' }]);
  });

  test('nothing else of an event can be changed, not even by the owner of the tables', async () => {
    const { tenant } = books;
    for (const change of [
      `UPDATE audit_events SET actor_name = 'Somebody'`,
      `UPDATE audit_events SET actor_name = '[erased]'`,
      `UPDATE audit_events SET actor_name = '[erased]', impersonator = NULL, delegator = NULL, address = NULL, user_agent = NULL, details = '{}', action = 'x'`,
      `UPDATE audit_changes SET before = '{}'`,
      `DELETE FROM audit_changes`,
    ]) {
      await expect(tenant.rows(change), change).rejects.toMatchObject({ code: 'SCP03' });
    }
  });

  test('none can be asked for outside its unit of work', async () => {
    const asked = books.tenant.arrange(`SELECT request_erasure(uuidv7(), 'x', NULL, NULL, 'why')`);
    await expect(asked).rejects.toMatchObject({ code: 'SCP02' });
  });
});
