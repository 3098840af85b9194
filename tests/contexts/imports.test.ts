import { afterAll, describe, expect, test } from 'vitest';
import { importKind } from '../../server/contexts/import/schemas.ts';
import { openImportDesk } from '../support/imports.ts';

const { site, tenant, org, merchant, post, begin, check, apply, complaints, countOf } = await openImportDesk();
afterAll(() => site.stop());

describe('a file', () => {
  test('is checked, applied in one transaction, and every row is in the trail and traced to its line', async () => {
    const { id, ...begun } = await begin(
      'Name,E-mail,External id,Marketing\r\nAnna,anna@acme.test,A1,yes\r\nBob,,A2,no\r\n',
    );
    expect(begun).toMatchObject({
      status: 'uploaded',
      columns: ['Name', 'E-mail', 'External id', 'Marketing'],
      sample: [
        ['Anna', 'anna@acme.test', 'A1', 'yes'],
        ['Bob', '', 'A2', 'no'],
      ],
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
    expect((await tenant.owner.get(`/api/imports/${id}`)).body.sample).toEqual([]);
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

  test('shows its first three whole rows, also where one of them is long', async () => {
    const rows = ['A,1', 'B,2', 'C,3', 'D,4'].join('\n');
    expect((await begin(`Name,Notes\n\n${rows}\n`)).sample).toEqual([
      ['A', '1'],
      ['B', '2'],
      ['C', '3'],
    ]);
    const long = await begin(`Name,Notes\nA,"${'x'.repeat(15_000)}"\nB,"${'y'.repeat(15_000)}"\n`);
    expect(long.sample).toEqual([['A', 'x'.repeat(60)]]);
  });

  test('is mapped by fields that there are, whatever JavaScript thinks of their names', async () => {
    const { id } = await begin('Name\nA\n');
    for (const field of ['constructor', '__proto__', 'luck']) {
      const columns = JSON.parse(`{"${field}": "Name"}`);
      const refused = await tenant.owner.patch(`/api/imports/${id}`, { columns });
      expect([field, refused.status]).toEqual([field, 422]);
    }
    expect((await tenant.owner.get(`/api/imports/${id}`)).body.mapping).toMatchObject({ columns: { name: 'Name' } });
  });

  test('is read by the heads that it has, whatever the separator, and doubled heads are told apart', async () => {
    expect(await begin('Customer\tMobile\tName\tName\n')).toMatchObject({
      columns: ['Customer', 'Mobile', 'Name', 'Name (2)'],
      sample: [],
      mapping: { delimiter: 'tab', columns: { name: 'Name', phone: 'Mobile' } },
    });
    const { id } = await begin('Wer|Wo;rt\nAnna|x\n', {});
    const mapped = await tenant.owner.patch(`/api/imports/${id}`, { delimiter: 'pipe', columns: { name: 'Wer' } });
    expect(mapped.body).toMatchObject({
      columns: ['Wer', 'Wo;rt'],
      sample: [['Anna', 'x']],
      mapping: { columns: { name: 'Wer' } },
    });
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
