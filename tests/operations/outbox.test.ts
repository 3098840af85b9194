import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let ownerRole: string;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  await tenant.createUser({ email: 'first@acme.test', password: 'correct horse battery' });
  await tenant.createUser({ email: 'second@acme.test', password: 'correct horse battery' });
  await tenant.createUser({ email: 'gone@acme.test', password: 'correct horse battery', status: 'disabled' });
  await tenant.createUser({ email: 'finance@acme.test', password: 'correct horse battery', role: 'finance' });
  const [role] = await tenant.rows(`SELECT id FROM roles WHERE key = 'owner'`);
  ownerRole = String(role?.id);
});
afterAll(() => site?.stop());

test('a new API key mails every active owner, and nobody else, once, even when the job runs twice', async () => {
  const created = await tenant.owner.post('/api/api-keys', { name: 'Till', role_id: ownerRole });
  expect(created.status).toBe(201);
  expect(await tenant.rows('SELECT * FROM mailbox')).toEqual([]);
  const queued = await tenant.rows('SELECT id, payload FROM outbox');
  await tenant.home.runJobs();
  const delivered = () =>
    tenant.rows(`SELECT recipient, subject, body FROM mailbox WHERE subject LIKE 'API key%' ORDER BY recipient`);
  const mails = await delivered();
  expect(mails.map(({ recipient }) => recipient)).toEqual(['first@acme.test', 'second@acme.test']);
  expect(mails[0]?.subject).toBe('API key Till was created');
  expect(JSON.stringify(mails)).not.toContain(created.body.key);

  await tenant.rows(
    `UPDATE outbox o SET delivered_at = NULL, payload = q.payload
     FROM jsonb_to_recordset($1) AS q (id uuid, payload jsonb) WHERE o.id = q.id`,
    [JSON.stringify(queued)],
  );
  await tenant.rows(`UPDATE jobs SET state = 'queued', run_at = now() WHERE operation = 'outbox.deliver'`);
  await Promise.all([tenant.home.runJobs(), tenant.anotherHome().runJobs()]);
  expect(await delivered()).toEqual(mails);
  expect(await tenant.rows('SELECT FROM outbox WHERE delivered_at IS NULL')).toEqual([]);
});

test('what is refused sends nothing', async () => {
  const before = await tenant.contents();
  expectProblem(await tenant.owner.post('/api/api-keys', { name: 'Till', role_id: tenant.record.id }), 422, 'invalid');
  expect(await tenant.contents()).toEqual(before);
});

test('a side effect carries the audit event of the change that caused it', async () => {
  const rows = await tenant.rows(
    `SELECT DISTINCT e.action, o.payload ->> 'subject' AS subject
     FROM outbox o JOIN audit_events e ON e.id = o.event_id ORDER BY 1`,
  );
  // When the watch has found that somebody made a key, it has told the owners too.
  expect(rows.filter(({ action }) => action !== 'alert.raise')).toEqual([
    { action: 'api_key.create', subject: 'API key Till was created' },
  ]);
  expect(await tenant.rows('SELECT FROM outbox WHERE event_id IS NULL')).toEqual([]);
});
