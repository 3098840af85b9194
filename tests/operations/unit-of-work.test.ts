import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../server/operations/registry.ts';
import { allowedCaller, ask, everyDoor } from '../doors/request.ts';
import { createWorld, type World } from '../doors/world.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let world: World;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  world = await createWorld(tenant);
});
afterAll(() => site?.stop());

const isRead = ({ name }: { name: string }) => operations.find((each) => each.name === name)?.kind === 'read';
const isFile = ({ name }: { name: string }) => operations.find((each) => each.name === name)?.isFile === true;
// An export changes nothing, but that it was made is on record.
const reads = everyDoor().filter((door) => isRead(door) && !isFile(door));
const writes = everyDoor().filter((door) => !isRead(door));

async function eventsOf(requestId: string) {
  return tenant.rows('SELECT * FROM audit_events WHERE request_id = $1', [requestId]);
}

describe('through the doors', () => {
  test.each(writes)('$name leaves exactly one audit event, of the transaction that made the change', async (door) => {
    const caller = await allowedCaller(door, world);
    const requestId = `write-${door.name}`;
    const valid = await door.row.valid(world);
    const answer = await ask(caller, door, valid, { headers: { 'x-request-id': requestId } });
    expect([answer.status, answer.headers.get('x-request-id')], answer.text).toEqual([door.status, requestId]);
    const events = await eventsOf(requestId);
    expect(events).toMatchObject([
      {
        action: door.name,
        outcome: 'success',
        door: 'api',
        resource_type: operations.find(({ name }) => name === door.name)?.resource,
        details: { summary: expect.stringMatching(/\S/) },
      },
    ]);
    // What is about the caller's own session names no id; its impersonation stands in the actor.
    const id = door.path.includes('/current/') ? null : (answer.body.id ?? valid.params?.id);
    if (id) expect(events[0]?.resource_id).toBe(id);
    const changed = await tenant.rows(
      `SELECT DISTINCT xmin::text AS xid FROM (
         SELECT xmin FROM audit_events WHERE id = $1
         UNION SELECT xmin FROM audit_changes WHERE event_id = $1
         UNION SELECT xmin FROM transactions WHERE event_id = $1) AS written`,
      [events[0]?.id],
    );
    expect(changed).toHaveLength(1);
  });

  test.each(reads)('$name leaves no audit event', async (door) => {
    const requestId = `read-${door.name}`;
    const answer = await ask(tenant.owner, door, await door.row.valid(world), {
      headers: { 'x-request-id': requestId },
    });
    expect(answer.status).toBe(200);
    expect(await eventsOf(requestId)).toEqual([]);
  });

  test('a write that fails half-way leaves neither change nor event', async () => {
    const before = await tenant.contents();
    const body = { merchant_org_id: world.id.merchant_org, name: 'A', currency: 'XXQ' };
    const refused = await tenant.owner.post('/api/merchants', body, { 'x-request-id': 'half-way' });
    expect([refused.status, refused.body.errors]).toEqual([422, { currency: ['is not an ISO 4217 currency'] }]);
    expect(await tenant.contents()).toEqual(before);
    expect(await eventsOf('half-way')).toEqual([]);
  });

  test('the event holds who, from where, and the changed columns before and after', async () => {
    const headers = { 'x-request-id': 'detailed', 'user-agent': 'tests', 'cf-connecting-ip': '203.0.113.9' };
    const created = (await tenant.owner.post('/api/merchant-orgs', { name: 'Before', phone: '1' })).body;
    await tenant.owner.patch(`/api/merchant-orgs/${created.id}`, { name: 'After' }, headers);
    const [event] = await eventsOf('detailed');
    const detail = (await tenant.owner.get(`/api/audit-logs/${event?.id}`)).body;
    expect(detail).toMatchObject({ actor_type: 'system', address: '203.0.113.9', user_agent: 'tests', door: 'api' });
    expect(detail.changes).toEqual([
      {
        table_name: 'merchant_orgs',
        row_id: created.id,
        verb: 'update',
        before: { name: 'Before', version: 1, updated_at: expect.any(String) },
        after: { name: 'After', version: 2, updated_at: expect.any(String) },
      },
    ]);
  });

  test('secrets are redacted in the trail and found nowhere in it', async () => {
    const created = (await tenant.owner.post('/api/api-keys', { name: 'Till', role_id: world.id.role })).body;
    const [change] = await tenant.rows(`SELECT after FROM audit_changes WHERE row_id = $1`, [created.id]);
    expect(change?.after).toMatchObject({ name: 'Till', key_hash: '[redacted]' });
    const [staff] = await tenant.rows(
      `SELECT password_hash FROM users WHERE password_hash IS NOT NULL ORDER BY id LIMIT 1`,
    );
    const [key] = await tenant.rows('SELECT key_hash FROM api_keys WHERE id = $1', [created.id]);
    const trail = JSON.stringify(await tenant.rows('SELECT * FROM audit_events, audit_changes'));
    for (const secret of [created.key, key?.key_hash, staff?.password_hash]) expect(trail).not.toContain(secret);
  });
});

describe("as the tenant's own role, past the kernel", () => {
  const changes = [
    `UPDATE tenant SET name = 'x'`,
    `UPDATE users SET name = 'x'`,
    `DELETE FROM role_assignments`,
    `INSERT INTO roles (name) VALUES ('x')`,
    `UPDATE api_keys SET revoked_at = NULL`,
    `UPDATE merchant_orgs SET name = 'x'`,
    `UPDATE merchants SET name = 'x'`,
    `INSERT INTO merchant_orgs (name) VALUES ('x')`,
    `UPDATE invitations SET accepted_at = NULL`,
  ];

  test.each(changes)('%s is refused outside an audited unit of work', async (statement) => {
    const client = await tenant.database.connectAs(tenant.record);
    try {
      await tenant.arrange(`INSERT INTO invitations (user_id, token_hash, expires_at)
        SELECT id, gen_random_uuid()::text, now() FROM users LIMIT 1`);
      await expect(client.query(statement)).rejects.toMatchObject({ code: 'SCP02' });
    } finally {
      await client.end();
    }
  });

  test('whoever asks, even past all rights, changes no row of any guarded table outside one', async () => {
    const guarded = await tenant.rows(
      `SELECT c.relname AS name, t.tgenabled AS enabled, t.tgtype::integer AS type,
              EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'version') AS is_updated
         FROM pg_trigger t
         JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = $1::regnamespace AND t.tgname = 'guard_write'
        ORDER BY 1`,
      [tenant.record.schema],
    );
    expect(guarded.length).toBeGreaterThan(10);
    for (const table of ['invitations', 'password_resets']) {
      await tenant.arrange(`INSERT INTO ${table} (user_id, token_hash, expires_at)
        SELECT id, gen_random_uuid()::text, now() FROM users LIMIT 1`);
    }
    await tenant.arrange(`INSERT INTO second_factors (id, sealed_secret) SELECT id, 'sealed' FROM users LIMIT 1`);
    await tenant.arrange(`INSERT INTO recovery_codes (user_id, code_hash) SELECT id, 'hash' FROM second_factors`);
    await tenant.arrange(`INSERT INTO sso_connections (name, issuer, client_id, scopes, email_domains, creates_users,
      forbids_passwords, trusts_amr, is_enabled) VALUES ('x', 'x', 'x', '{}', '{}', false, false, false, false)`);
    await tenant.arrange(`INSERT INTO sso_role_mappings (sso_connection_id, role_id)
      SELECT c.id, r.id FROM sso_connections c, roles r LIMIT 1`);
    await tenant.arrange(`INSERT INTO sso_identities (sso_connection_id, issuer, subject, user_id)
      SELECT c.id, c.issuer, 'x', u.id FROM sso_connections c, users u LIMIT 1`);
    await tenant.arrange(`INSERT INTO contacts (merchant_id, position, name) SELECT id, 1, 'x' FROM merchants LIMIT 1`);
    await tenant.arrange(`INSERT INTO terms_acceptances (merchant_id, terms_version, accepted_by, recorded_by)
      SELECT id, 'x', 'x', 'x' FROM merchants LIMIT 1`);
    await tenant.arrange(`INSERT INTO onboarding_waivers (merchant_id, item, reason, waived_by)
      SELECT id, 'x', 'x', 'x' FROM merchants LIMIT 1`);
    await tenant.arrange(`INSERT INTO quotas (measure, soft_limit) VALUES ('rows', 1000000000) ON CONFLICT DO NOTHING`);
    for (const { name, enabled, type, is_updated: isUpdated } of guarded) {
      // Enabled, for each row, after INSERT, DELETE and UPDATE (pg_trigger.h).
      expect([name, enabled, type]).toEqual([name, 'O', 1 + 4 + 8 + 16]);
      const touched = tenant.rows(isUpdated ? `UPDATE ${name} SET version = version` : `DELETE FROM ${name}`);
      // What is append-only refuses by itself.
      await expect(touched, String(name)).rejects.toMatchObject({ code: expect.stringMatching(/^SCP0[23]$/) });
    }
  });

  test('the event of an earlier transaction, or one that was made up, lets nobody write', async () => {
    const client = await tenant.database.connectAs(tenant.record);
    const [event] = await tenant.rows('SELECT id FROM audit_events ORDER BY id DESC LIMIT 1');
    try {
      for (const forged of [event?.id, '0190a0a0-0000-7000-8000-000000000000', '']) {
        await client.query('BEGIN');
        await client.query(`SELECT set_config('scp.event', $1, true)`, [forged]);
        await expect(client.query(`UPDATE tenant SET name = 'x'`)).rejects.toMatchObject({ code: 'SCP02' });
        await client.query('ROLLBACK');
      }
    } finally {
      await client.end();
    }
  });

  test('every table is guarded, append-only, or a record of the kernel', async () => {
    const rows = await tenant.rows(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND NOT EXISTS (
         SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname IN ('guard_write', 'refuse_change'))
       ORDER BY 1`,
      [tenant.record.schema],
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'access_state',
      // Sums of what the journals say, made by folding.
      'account_counterparty_days',
      'account_days',
      'account_marks',
      'account_months',
      'account_totals',
      // Made of events by the watch and the search, which begin again from the trail; an erasure is what its event says.
      'alert_signals',
      'api_key_uses',
      'audit_erasures',
      'audit_search',
      'audit_search_state',
      'book_totals',
      'chart_templates',
      'currencies',
      'denial_counts',
      'flow_days',
      'flow_lanes',
      'flow_months',
      'idempotency_keys',
      // What an import works with; what it makes is guarded.
      'import_errors',
      'import_parts',
      'import_rows',
      // A count under lock; the invoice that takes the number is guarded.
      'invoice_numbers',
      // What the isolation probe writes, and what it found.
      'isolation_canaries',
      'isolation_probes',
      'jobs',
      'known_devices',
      'ledger_state',
      'ledger_ticks',
      'limited_balances',
      'mailbox',
      // Written by functions only; the match that they belong to is guarded and names the same lines.
      'matched_ledger_lines',
      'matched_statement_lines',
      'outbox',
      'posting_rule_lines',
      'posting_rules',
      // The record at the side of a processor that is not one.
      'sandbox_charges',
      'schema_migrations',
      'search_state',
      'sessions',
      'spent_challenges',
      'sso_flows',
      // What the release says, written by migrations.
      'state_moves',
      'statement_lines',
      'transaction_search',
      // Written by posting functions only; what a transaction posted is in its journals, which never change.
      'transactions',
      // Counts, written by functions only; a quota is guarded.
      'usage_days',
      'usage_state',
      'watch_state',
      'watched_actors',
    ]);
  });
});

test('denials are counted, and a flood of them leaves a few events', async () => {
  const client = tenant.as(world.keys.nothing);
  await tenant.rows(`DELETE FROM denial_counts`);
  const answers = await Promise.all(Array.from({ length: 40 }, () => client.get('/api/users')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
  const counts = await tenant.rows(
    `SELECT sum(count)::integer AS n FROM denial_counts WHERE action = 'user.list' AND subject <> '*'`,
  );
  expect(counts).toEqual([{ n: 40 }]);
  const ids = answers.map(({ body }) => body.request_id);
  const events = await tenant.rows(
    `SELECT (details ->> 'count')::integer AS count FROM audit_events
     WHERE outcome = 'denied' AND request_id = ANY ($1) ORDER BY id`,
    [ids],
  );
  // The first five, then every doubling. Two minutes if the flood met the turn of one.
  expect(events.length).toBeGreaterThanOrEqual(8);
  expect(events.length).toBeLessThanOrEqual(14);
});
