import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { importKind, importStates } from '../../server/contexts/import/schemas.ts';
import { movesFrom, type StateMachine } from '../../server/operations/states.ts';
import { forceState, statesOf, walkInSql } from '../support/states.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

type Body = Record<string, unknown> & { id: string; status: string; version: number };
type Wrong = { line: number; field: string | null; column: string | null; message: string; value: string | null };

let site: Site;
let tenant: TestTenant;
let org: string;
let merchant: string;

const post = async (path: string, body: object = {}, status = 201): Promise<Body> => {
  const answer = await tenant.owner.post(path, body);
  expect([answer.status, answer.text]).toEqual([status, expect.anything()]);
  return answer.body as unknown as Body;
};
const begin = (csv: string, more: object = {}) =>
  post('/api/imports', { kind: 'end_customer', merchant_id: merchant, file_name: 'customers.csv', csv, ...more });
const read = async (id: string) => (await tenant.owner.get(`/api/imports/${id}`)).body as unknown as Body;

/** Has the file checked, and answers the import with what is wrong. */
async function check(id: string): Promise<Body & { wrong: Wrong[] }> {
  await post(`/api/imports/${id}/check`, {}, 202);
  await tenant.home.runJobs();
  const { data } = (await tenant.owner.get(`/api/imports/${id}/errors?limit=200`)).body as unknown as { data: Wrong[] };
  return { ...(await read(id)), wrong: data };
}

async function apply(id: string): Promise<Body> {
  await post(`/api/imports/${id}/apply`, {}, 202);
  await tenant.home.runJobs();
  return read(id);
}

const complaints = async (csv: string, more: object = {}) =>
  (await check((await begin(csv, more)).id)).wrong.map(({ line, field, message }) => [line, field, message]);
const countOf = async (table: string, where: string) =>
  Number((await tenant.rows(`SELECT count(*) AS n FROM ${table} WHERE ${where}`))[0]?.n);

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  org = (await post('/api/merchant-orgs', { name: 'Harbor & Pine' })).id;
  merchant = (await post('/api/merchants', { merchant_org_id: org, name: 'Pine Street Hair' })).id;
});
afterAll(() => site?.stop());

describe('a file', () => {
  test('is checked, applied in one transaction, and every row is in the trail and traced to its line', async () => {
    const { id, ...begun } = await begin(
      'Name,E-mail,External id,Marketing\r\nAnna,anna@acme.test,A1,yes\r\nBob,,A2,no\r\n',
    );
    expect(begun).toMatchObject({
      status: 'uploaded',
      columns: ['Name', 'E-mail', 'External id', 'Marketing'],
      mapping: { delimiter: 'comma', columns: { name: 'Name', email: 'E-mail', accepts_marketing: 'Marketing' } },
    });
    expect(await check(id)).toMatchObject({ status: 'ready', row_count: 2, bad_row_count: 0, wrong: [] });
    expect(await countOf('end_customers', `merchant_id = '${merchant}'`)).toBe(0);
    expect(await apply(id)).toMatchObject({
      status: 'done',
      row_count: 2,
      problem: null,
      finished_at: expect.any(String),
    });
    const { data } = (await tenant.owner.get(`/api/imports/${id}/rows`)).body as unknown as {
      data: { id: string; line: number }[];
    };
    expect(data.map(({ line }) => line)).toEqual([2, 3]);
    expect((await tenant.owner.get(`/api/end-customers/${data[0]!.id}`)).body).toMatchObject({
      name: 'Anna',
      email: 'anna@acme.test',
      external_id: 'A1',
      accepts_marketing: true,
      merchant_id: merchant,
    });
    const events = await tenant.rows(
      `SELECT e.action, e.door, e.actor_name, e.delegator ->> 'id' AS by, e.details ->> 'summary' AS summary, e.resource_id = $2 AS is_about,
         (SELECT count(*)::integer FROM audit_changes c WHERE c.event_id = e.id) AS changes
       FROM audit_events e JOIN audit_changes c ON c.event_id = e.id
       WHERE c.table_name = 'end_customers' AND c.row_id = $1`,
      [data[0]!.id, id],
    );
    const summary = 'Imported 2 customers, up to line 3 of customers.csv';
    const doer = { actor_name: 'First API key', by: 'jobs', door: 'job' };
    expect(events).toEqual([{ action: 'import.write', ...doer, summary, is_about: true, changes: 2 }]);
    expect(await countOf('import_parts', `import_id = '${id}'`)).toBe(0);
  });

  test('may come in parts that divide rows, quotes and ends of lines', async () => {
    const csv = '\ufeffName;Notes;Phone\r\n"Müller; Ann";"two\r\nlines, ""quoted""";1\r\n\r\nBo;;2';
    const { id } = await begin('', { csv: undefined, file_name: 'parts.csv' });
    for (const [index, char] of [...csv].entries()) {
      const part = { position: index + 1, csv: char, is_last: index === [...csv].length - 1 };
      if (index < 62)
        await post(
          `/api/imports/${id}/parts`,
          part.position === 62 ? { ...part, csv: csv.slice(index), is_last: true } : part,
          200,
        );
    }
    expect(await check(id)).toMatchObject({ status: 'ready', row_count: 2, columns: ['Name', 'Notes', 'Phone'] });
    await apply(id);
    const rows = await tenant.rows(
      `SELECT r.line, c.name, c.notes FROM import_rows r JOIN end_customers c ON c.id = r.row_id
      WHERE r.import_id = $1 ORDER BY r.line`,
      [id],
    );
    expect(rows).toEqual([
      { line: 2, name: 'Müller; Ann', notes: 'two\nlines, "quoted"' },
      { line: 5, name: 'Bo', notes: null },
    ]);
  });

  test('parts come in order, and one that is sent again takes the place of the one before', async () => {
    const { id } = await begin('', { csv: undefined });
    const part = (body: object) => tenant.owner.post(`/api/imports/${id}/parts`, body);
    expect((await part({ position: 2, csv: 'x' })).body).toMatchObject({
      code: 'invalid',
      errors: { position: [expect.any(String)] },
    });
    expect((await part({ position: 1, csv: 'Wrong\nx\n' })).status).toBe(200);
    expect((await part({ position: 1, csv: 'Name\nx\n', is_last: true })).body).toMatchObject({
      columns: ['Name'],
      part_count: 1,
    });
    expect((await part({ position: 2, csv: 'x' })).status).toBe(409);
  });

  test('with a NUL, half a character, or no heads is refused, with the line', async () => {
    for (const [csv, message] of [
      ['Name\nA\u0000\n', 'has a NUL character on line 2'],
      ['Name\nA\nB\ud800\n', 'has half a character on line 3'],
      ['\n \n', 'has no line that names its columns'],
    ]) {
      const refused = await tenant.owner.post('/api/imports', { kind: 'end_customer', merchant_id: merchant, csv });
      expect(refused.body).toMatchObject({ code: 'invalid', errors: { csv: [message] } });
    }
  });

  test('is read by the heads that it has, whatever the separator, and doubled heads are told apart', async () => {
    expect(await begin('Customer\tMobile\tName\tName\n')).toMatchObject({
      columns: ['Customer', 'Mobile', 'Name', 'Name (2)'],
      mapping: { delimiter: 'tab', columns: { name: 'Name', phone: 'Mobile' } },
    });
    const { id } = await begin('Wer|Wo;rt\nAnna|x\n', {});
    const mapped = await tenant.owner.patch(`/api/imports/${id}`, { delimiter: 'pipe', columns: { name: 'Wer' } });
    expect(mapped.body).toMatchObject({ columns: ['Wer', 'Wo;rt'], mapping: { columns: { name: 'Wer' } } });
    for (const columns of [{ name: 'Nobody' }, { age: 'Wer' }]) {
      expect((await tenant.owner.patch(`/api/imports/${id}`, { columns })).status).toBe(422);
    }
    expect((await tenant.owner.patch(`/api/imports/${id}`, { columns: {} })).status).toBe(200);
    const refused = await tenant.owner.post(`/api/imports/${id}/check`, {});
    expect(refused.body).toMatchObject({ code: 'invalid', errors: { 'columns.name': ['needs a column'] } });
  });
});

describe('every bad row is named with its line, field and reason', () => {
  test('by the rules of the operation that makes one by hand', async () => {
    const { id } = await begin(
      `Name,E-mail,Marketing,Notes\nAnna,no mail,perhaps,ok\n,b@acme.test,yes,\n"${'x'.repeat(201)}",,,"=1+1"\nBob,b@acme.test,,'=A1\n`,
    );
    const { wrong, ...checked } = await check(id);
    expect(checked).toMatchObject({ status: 'bad', row_count: 4, bad_row_count: 3 });
    expect(wrong.map(({ line, column, message, value }) => [line, column, message, value])).toEqual([
      [2, 'E-mail', 'must be an e-mail address', 'no mail'],
      [2, 'Marketing', 'must be true or false', 'perhaps'],
      [3, 'Name', 'is required', null],
      [4, 'Name', 'must have at most 200 characters', 'x'.repeat(200)],
    ]);
    expect(await tenant.rows(`SELECT fields ->> 'notes' AS notes FROM import_rows WHERE import_id = $1`, [id])).toEqual(
      [{ notes: '=A1' }],
    );
    expect((await tenant.owner.post(`/api/imports/${id}/apply`, {})).status).toBe(409);
    const file = await tenant.owner.get(`/api/imports/${id}/errors?format=csv`);
    expect(file.text.split('\r\n')[0]).toBe('id,line,field,column,message,value');
    expect(file.text).toContain(',2,email,E-mail,must be an e-mail address,no mail');
  });

  test('when rows are ragged, quotes do not close, or there is nothing', async () => {
    expect(await complaints('Name,Phone\nA,1,2\nB\nC,1,\n')).toEqual([
      [2, null, 'has 3 values, the first line has 2'],
      [3, null, 'has 1 values, the first line has 2'],
    ]);
    expect(await complaints('Name,Phone\nA,1\n"B,2\nC,3\n')).toEqual([
      [3, null, expect.stringContaining('quote that is not closed')],
    ]);
    expect(await complaints('Name,Phone\n')).toEqual([[1, null, expect.stringContaining('no rows below')]]);
  });

  test('when they are the same as others in the file, or as what is there', async () => {
    await post('/api/end-customers', { merchant_id: merchant, name: 'Old', external_id: 'OLD' });
    await post('/api/end-customers', { merchant_id: merchant, name: 'Known', email: 'Known@acme.test' });
    const csv = 'Name,E-mail,External id\nA,,OLD\nB,,B1\nC,,B1\nknown,known@acme.test,\nKnown,,\nknown,,\nKnown,,X1\n';
    expect(await complaints(csv)).toEqual([
      [2, 'external_id', 'is there already'],
      [4, 'external_id', 'is the same as on line 3'],
      [5, 'name', 'is there already'],
      [7, 'name', 'is the same as on line 6'],
    ]);
  });

  test('as far as a thousand complaints, and counted beyond', async () => {
    const { id } = await begin(`Name,E-mail\n${'A,nothing\n'.repeat(1_500)}`);
    expect(await check(id)).toMatchObject({ status: 'bad', row_count: 1_500, bad_row_count: 1_500 });
    expect(await countOf('import_errors', `import_id = '${id}'`)).toBe(1_000);
  });
});

describe('each kind', () => {
  const imported = async (body: object, csv: string) => {
    const { id } = await post('/api/imports', { ...body, csv });
    const { wrong, status } = await check(id);
    expect([status, wrong]).toEqual(['ready', []]);
    expect(await apply(id)).toMatchObject({ status: 'done' });
    return id;
  };

  test('MerchantOrgs and merchants open their books, and merchants name their MerchantOrg', async () => {
    await imported({ kind: 'merchant_org' }, 'Company,Tax id\nNorth Group,1\nSouth Group,2\n');
    const [north] = await tenant.rows(`SELECT id FROM merchant_orgs WHERE name = 'North Group'`);
    const csv = `Business,Organisation,Currency,Vertical\nNorth One,north group,eur,Beauty & wellness\nNorth Two,${north?.id},,\n`;
    await imported({ kind: 'merchant' }, csv);
    const rows = await tenant.rows(
      `SELECT m.name, m.public_name, m.vertical, m.currency, m.status, b.currency AS books, o.name AS org
       FROM merchants m JOIN books b ON b.party_id = m.id JOIN merchant_orgs o ON o.id = m.merchant_org_id
       WHERE o.name = 'North Group' ORDER BY m.name`,
    );
    const common = { status: 'onboarding', org: 'North Group' };
    expect(rows).toEqual([
      {
        name: 'North One',
        public_name: 'North One',
        vertical: 'beauty_and_wellness',
        currency: 'EUR',
        books: 'EUR',
        ...common,
      },
      { name: 'North Two', public_name: 'North Two', vertical: 'other', currency: 'USD', books: 'USD', ...common },
    ]);
    expect(await countOf('books', `name IN ('North Group', 'South Group', 'North One', 'North Two')`)).toBe(4);
    const wrong = await post('/api/imports', {
      kind: 'merchant',
      csv: 'Name,MerchantOrg,Currency\nNorth one,North Group,\nX,Nobody,\nY,,\nZ,North Group,XYZ\n',
    });
    expect((await check(wrong.id)).wrong.map(({ line, message }) => [line, message])).toEqual([
      [2, 'is there already'],
      [3, 'names no MerchantOrg that there is'],
      [4, 'is required'],
      [5, 'is not an ISO 4217 currency'],
    ]);
  });

  test('services are priced in the currency of their merchant, which a column may name', async () => {
    const yen = await post('/api/merchants', { merchant_org_id: org, name: 'Tokyo Cuts', currency: 'JPY' });
    const csv = 'Merchant;Service;Duration;Price\nTokyo cuts;Cut;30;4.200\nPine Street Hair;Cut;45;42,50\n';
    await imported({ kind: 'service', merchant_org_id: org }, csv);
    const priced = async (id: string) =>
      (
        await tenant.rows(
          'SELECT name, default_price::integer AS price, default_duration_minutes AS minutes FROM services WHERE merchant_id = $1',
          [id],
        )
      )[0];
    expect(await priced(yen.id)).toEqual({ name: 'Cut', price: 4_200, minutes: 30 });
    expect(await priced(merchant)).toEqual({ name: 'Cut', price: 4_250, minutes: 45 });
    const wrong = await post('/api/imports', {
      kind: 'service',
      merchant_id: merchant,
      csv: 'Name,Duration,Price\nShave,soon,1.234\nTrim,3,\ncut,30,9\n',
    });
    expect((await check(wrong.id)).wrong.map(({ line, field, message }) => [line, field, message])).toEqual([
      [2, 'default_price', 'must be an amount like 1250.50'],
      [2, 'default_duration_minutes', 'must be a number'],
      [3, 'default_duration_minutes', 'must be at least 5 minutes'],
      [3, 'default_price', 'is required'],
      [4, 'name', 'is there already'],
    ]);
  });

  test('prospects come into the pipeline as leads, in the currency of the tenant', async () => {
    await imported(
      { kind: 'prospect' },
      'Company,Person,Value,Close date,Industry\nLakeside Spa,Anna,"12,000.50",2027-03-31,Fitness\nHill Gym,,,,\n',
    );
    const { data } = (await tenant.owner.get('/api/prospects?q=Lakeside')).body as unknown as { data: object[] };
    const value = { amount: 1_200_050, currency: 'USD' };
    const rest = { contact_name: 'Anna', vertical: 'fitness', expected_close: '2027-03-31', status: 'lead' };
    expect(data).toMatchObject([{ name: 'Lakeside Spa', value, ...rest }]);
    const wrong = await post('/api/imports', {
      kind: 'prospect',
      csv: 'Name,Close date\nhill gym,31.03.2027\nHill gym,\n',
    });
    expect((await check(wrong.id)).wrong.map(({ line, message }) => [line, message])).toEqual([
      [2, 'must be a date like 2026-01-31'],
      [3, 'is there already'],
    ]);
  });

  test('has a template that is its own first file', async () => {
    for (const kind of importKind.options) {
      const { text } = await tenant.owner.get(`/api/import-template?kind=${kind}`);
      const made = await post('/api/imports', { kind, csv: text });
      const { fields, mapping } = made as unknown as { fields: { name: string }[]; mapping: { columns: object } };
      expect(Object.keys(mapping.columns).sort()).toEqual(fields.map(({ name }) => name).sort());
    }
  });
});

describe('all or nothing', () => {
  const ready = async (csv: string) => {
    const { id } = await begin(csv);
    expect(await check(id)).toMatchObject({ status: 'ready' });
    return id;
  };

  test('what came to be there since the check leaves nothing, and can be checked again', async () => {
    const id = await ready('Name,External id\nA,Z1\nB,Z2\n');
    await post('/api/end-customers', { merchant_id: merchant, name: 'First', external_id: 'Z2' });
    expect(await apply(id)).toMatchObject({ status: 'failed', problem: expect.stringContaining('1 of the rows') });
    expect(await countOf('end_customers', `external_id = 'Z1'`)).toBe(0);
    expect(await check(id)).toMatchObject({
      status: 'bad',
      problem: null,
      wrong: [{ line: 3, message: 'is there already' }],
    });
  });

  test('a constraint of the database refuses all of it, whatever was checked', async () => {
    const id = await ready('Name,External id\nA,Y1\nB,Y2\n');
    await tenant.rows(`UPDATE import_rows SET fields = fields || '{"external_id": "Y1"}' WHERE import_id = $1`, [id]);
    expect(await apply(id)).toMatchObject({
      status: 'failed',
      problem: 'The merchant has a customer of this external_id.',
    });
    expect(await countOf('end_customers', `external_id = 'Y1'`)).toBe(0);
    const events = await tenant.rows(
      `SELECT details ->> 'summary' AS summary FROM audit_events
      WHERE action = 'import.write' AND resource_id = $1`,
      [id],
    );
    expect(events).toEqual([{ summary: 'Imported a file' }]);
  });

  test('a connection that ends in the middle leaves nothing, and the job does all of it when it runs again', async () => {
    const id = await ready(
      `Name,External id\n${Array.from({ length: 2_500 }, (_, n) => `Customer ${n},W${n}`).join('\n')}\n`,
    );
    await post(`/api/imports/${id}/apply`, {}, 202);
    await tenant.rows(`CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'`);
    await tenant.rows(`CREATE TRIGGER end_connection BEFORE INSERT ON end_customers FOR EACH ROW
      WHEN (NEW.external_id = 'W2400') EXECUTE FUNCTION end_connection()`);
    await tenant.home.runJobs().catch(() => 0);
    await tenant.rows('DROP TRIGGER end_connection ON end_customers');
    expect(await countOf('end_customers', `external_id LIKE 'W%'`)).toBe(0);
    expect(await read(id)).toMatchObject({
      status: 'applying',
      progress: { step: 'writing', rows: 2_000, percent: 80 },
    });
    await tenant.rows(
      `UPDATE jobs SET run_at = now(), locked_until = now() - interval '1 second' WHERE operation = 'import.write' AND state IN ('queued', 'running')`,
    );
    await tenant.home.runJobs();
    expect(await read(id)).toMatchObject({ status: 'done', row_count: 2_500 });
    expect(await countOf('end_customers', `external_id LIKE 'W%'`)).toBe(2_500);
    expect(await countOf('audit_events', `action = 'import.write' AND resource_id = '${id}'`)).toBe(4);
  });

  test('an import that was cancelled makes nothing, whatever job comes late', async () => {
    const id = await ready('Name,External id\nA,V1\n');
    await post(`/api/imports/${id}/apply`, {}, 202);
    expect(await post(`/api/imports/${id}/cancel`, {}, 200)).toMatchObject({ status: 'cancelled' });
    await tenant.home.runJobs();
    expect(await read(id)).toMatchObject({ status: 'cancelled' });
    expect(await countOf('end_customers', `external_id = 'V1'`)).toBe(0);
    expect(await countOf('import_parts', `import_id = '${id}'`)).toBe(0);
  });
});

describe('who may', () => {
  test('import what they may make by hand, where they may; the rest is not there for them', async () => {
    const other = await post('/api/merchants', { merchant_org_id: org, name: 'Other' });
    const staff = tenant.as(await tenant.createKey({ role: 'merchant_staff', merchant_id: merchant }));
    const own = await staff.post('/api/imports', { kind: 'end_customer', merchant_id: merchant, csv: 'Name\nA\n' });
    expect(own.status).toBe(201);
    expect((await staff.post('/api/imports', { kind: 'service', merchant_id: merchant })).status).toBe(403);
    expect((await staff.post('/api/imports', { kind: 'end_customer' })).status).toBe(403);
    expect((await staff.post('/api/imports', { kind: 'end_customer', merchant_id: other.id })).body).toMatchObject({
      code: 'invalid',
      errors: { merchant_id: ['does not exist'] },
    });
    const { id } = await begin('Name\nA\n', { merchant_id: other.id });
    for (const path of [`/api/imports/${id}`, `/api/imports/${id}/errors`, `/api/imports/${id}/rows`]) {
      expect((await staff.get(path)).status).toBe(404);
    }
    expect((await staff.post(`/api/imports/${id}/check`, {})).status).toBe(404);
    expect((await site.tenants[1]!.owner.get(`/api/imports/${id}`)).status).toBe(404);
    const seen = (await staff.get('/api/imports')).body as unknown as { data: Body[] };
    expect(seen.data.every((each) => each.merchant_id === merchant)).toBe(true);
    const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
    expect((await auditor.get(`/api/imports/${id}`)).status).toBe(200);
    expect((await auditor.post(`/api/imports/${id}/check`, {})).status).toBe(403);
  });

  test('of a MerchantOrg name no merchant of another', async () => {
    const elsewhere = await post('/api/merchant-orgs', { name: 'Elsewhere' });
    const far = await post('/api/merchants', { merchant_org_id: elsewhere.id, name: 'Far Away' });
    const csv = `Merchant,Name\nFar Away,A\n${far.id},B\nPine Street Hair,C\n`;
    expect(await complaints(csv, { merchant_id: undefined, merchant_org_id: org })).toEqual([
      [2, 'merchant_id', 'names no merchant that there is'],
      [3, 'merchant_id', 'names no merchant that there is'],
    ]);
    expect(
      (await tenant.owner.post('/api/imports', { kind: 'merchant_org', merchant_org_id: org })).body,
    ).toMatchObject({
      code: 'invalid',
      errors: { merchant_org_id: [expect.any(String)] },
    });
  });
});

describe('states', () => {
  const STEPS = ['upload', 'map', 'check', 'apply', 'cancel'] as const;

  test('move in the database as they are declared', async () => {
    await walkInSql(tenant, importStates as StateMachine, 'imports', (await begin('Name\nA\n')).id);
  });

  test('take over the API exactly the steps that leave them', async () => {
    for (const state of statesOf(importStates as StateMachine)) {
      for (const step of STEPS) {
        const { id } = await begin('Name\nA\n');
        await forceState(tenant, 'imports', id, state);
        const answer = await {
          upload: () => tenant.owner.post(`/api/imports/${id}/parts`, { position: 1, csv: 'Name\n' }),
          map: () => tenant.owner.patch(`/api/imports/${id}`, { columns: { name: 'Name' } }),
          check: () => tenant.owner.post(`/api/imports/${id}/check`, {}),
          apply: () => tenant.owner.post(`/api/imports/${id}/apply`, {}),
          cancel: () => tenant.owner.post(`/api/imports/${id}/cancel`, {}),
        }[step]();
        const isMove =
          movesFrom(importStates as StateMachine, state).includes(step) || (step === 'map' && state === 'uploaded');
        expect([state, step, answer.status < 300]).toEqual([state, step, isMove]);
        if (!isMove) expect(answer.body.code).toBe('conflict');
      }
    }
    await tenant.rows(`DELETE FROM jobs WHERE operation LIKE 'import.%'`);
  });

  test('of a version that is gone are not left', async () => {
    const { id, version } = await begin('Name\nA\n');
    const stale = await tenant.owner.patch(`/api/imports/${id}`, { columns: {} }, { 'if-match': `"${version - 1}"` });
    expect(stale.status).toBe(412);
  });

  test('after thirty days what was left lying is cancelled, and findings are swept', async () => {
    const { id } = await begin('Name\nA\n');
    const done = await begin('Name,External id\nA,U1\n');
    await check(done.id);
    await apply(done.id);
    await tenant.rows('SET session_replication_role = replica');
    await tenant.rows(
      `UPDATE imports SET updated_at = now() - interval '31 days', finished_at = finished_at - interval '31 days'`,
    );
    await tenant.rows('SET session_replication_role = origin');
    await tenant.rows(`INSERT INTO jobs (operation) VALUES ('housekeeping.sweep')`);
    await vi.waitFor(() => tenant.home.runJobs());
    expect(await read(id)).toMatchObject({ status: 'cancelled' });
    expect(await read(done.id)).toMatchObject({ status: 'done' });
    expect(await countOf('import_rows', `import_id = '${done.id}'`)).toBe(0);
  });
});
