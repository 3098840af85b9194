import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Mapping } from '../../server/contexts/statement/schemas.ts';
import { readAmount, readDate, readStatementFile } from '../../server/reconciliation/csv.ts';
import { expectProblem } from '../support/door.ts';
import { type Bank, csvOf, MAPPING, openBank } from './bank.ts';

let bank: Bank;

beforeAll(async () => {
  bank = await openBank(2);
});
afterAll(() => bank?.books.site.stop());

const DOLLARS = { currency: 'USD', exponent: 2 };

describe('a cell', () => {
  test.each([
    ['1,250.50', '.', 125050n],
    ['-1250.5', '.', -125050n],
    ['(1,250.50)', '.', -125050n],
    ['1250.50-', '.', -125050n],
    ['\u22125.00', '.', -500n],
    ['$ 3', '.', 300n],
    ['+3.10', '.', 310n],
    ['1.250,50', ',', 125050n],
    ["1'250,50", ',', 125050n],
    ['1 250,5', ',', 125050n],
    ['0.1000', '.', 10n],
    ['', '.', null],
    ['1,25.00', '.', null],
    ['1.250.50', '.', null],
    ['1.005', '.', null],
    ['12x', '.', null],
    ['(5', '.', null],
    ['99999999999999', '.', null],
    ['1e5', '.', null],
  ] as const)('%j with the separator %j is the amount %s', (text, separator, amount) => {
    expect(readAmount(text, separator, 2)).toBe(amount);
  });

  test.each([
    ['2026-01-31', 'YYYY-MM-DD', '2026-01-31'],
    ['2026-01-31T10:00:00Z', 'YYYY-MM-DD', '2026-01-31'],
    ['31/1/2026', 'DD/MM/YYYY', '2026-01-31'],
    ['1/31/2026 10:15', 'MM/DD/YYYY', '2026-01-31'],
    ['31.01.26', 'DD.MM.YY', '2026-01-31'],
    ['20260131', 'YYYYMMDD', '2026-01-31'],
    ['31/02/2026', 'DD/MM/YYYY', null],
    ['2026-13-01', 'YYYY-MM-DD', null],
    ['01-31-2026', 'DD-MM-YYYY', null],
    ['31x01x26', 'DD.MM.YY', null],
  ] as const)('%j as %s is the day %s', (text, format, date) => {
    expect(readDate(text, format)).toBe(date);
  });
});

describe('a file', () => {
  const read = (csv: string, mapping: Partial<Mapping> = {}) =>
    readStatementFile(csv, { ...MAPPING, ...mapping } as Mapping, DOLLARS).lines;

  test('reads with quotes, a byte order mark, lines above its head, blank lines and Windows line ends', () => {
    const csv = '\ufeffMy bank\r\n\r\nDate,Amount,Description,Reference\r\n2026-01-02,5.00,"Rent, ""May""",R1\r\n\r\n';
    expect(read(csv, { skip_lines: 2 })).toMatchObject([
      { row: 4, date: '2026-01-02', amount: 500, description: 'Rent, "May"', reference: 'R1', errors: [] },
    ]);
  });

  test('reads columns of what came in and what went out, by number, with the sign turned round', () => {
    const mapping = {
      has_header: false,
      delimiter: 'semicolon' as const,
      decimal_separator: ',' as const,
      date_column: '1',
      amount_column: null,
      paid_in_column: '2',
      paid_out_column: '3',
      description_column: '4',
      reference_column: null,
      is_sign_reversed: true,
    };
    const lines = read(
      '2026-01-02;;12,50;Fee\n2026-01-03;3,00;0,00;In\n2026-01-03;0;;Nothing\n2026-01-04;;;Blank',
      mapping,
    );
    expect(lines.map(({ amount, errors }) => [amount, errors.length])).toEqual([
      [1250, 0],
      [-300, 0],
      [null, 1],
    ]);
  });

  test('names what is wrong with a row', () => {
    const csv =
      'Date,Amount,Description,Reference,Id,Currency\nx,1.00,,,a,USD\n2026-01-01,y,,,a,EUR\n2026-01-01,1,"open,,b,USD';
    const lines = read(csv, { id_column: 'Id', currency_column: 'Currency' });
    expect(lines.map(({ row, errors }) => [row, errors])).toEqual([
      [2, ['has no date like YYYY-MM-DD']],
      [3, ['has no amount like -1250.50', 'is not in USD', 'has the id of row 2']],
      [4, ['has no id', 'has a quote that does not end']],
    ]);
  });
});

test('a file is imported whole; balances and period follow from its lines', async () => {
  const { source, account } = await bank.openSource();
  const imported = await bank.import(
    source,
    [
      ['2026-03-02', 5000],
      ['2026-03-01', -1250, 'Fee', 'F-1'],
    ],
    { file_name: 'march.csv' },
  );
  expect([imported.status, imported.headers.get('location')], imported.text).toEqual([
    201,
    `/api/reconciliation/statements/${imported.body.id}`,
  ]);
  expect(imported.body).toMatchObject({
    source_id: source,
    account_id: account,
    currency: 'USD',
    file_name: 'march.csv',
    period_from: '2026-03-01',
    period_to: '2026-03-02',
    opening_balance: 0,
    closing_balance: 3750,
    line_count: 2,
    skipped_count: 0,
    matched_count: 0,
    status: 'open',
  });
  expect(await bank.linesOf(imported.body.id)).toMatchObject([
    { date: '2026-03-01', amount: -1250, description: 'Fee', reference: 'F-1', match_id: null },
    { date: '2026-03-02', amount: 5000, description: '', reference: null },
  ]);
});

test('the same file is refused and leads to the first import; an overlap is skipped; like lines of one day are kept', async () => {
  const { source } = await bank.openSource();
  const rows = [
    ['2026-03-01', 100, 'Coffee'],
    ['2026-03-01', 100, 'Coffee'],
    ['2026-03-02', 300],
  ] as const;
  const first = await bank.import(source, rows, { opening_balance: 1000 });
  expect(first.body).toMatchObject({ line_count: 3, opening_balance: 1000, closing_balance: 1500 });
  const again = await bank.import(source, rows);
  expectProblem(again, 409, 'already_imported');
  expect(again.body.statement_id).toBe(first.body.id);
  const later = await bank.import(source, [...rows.slice(1), ['2026-03-03', 50]], { opening_balance: 1100 });
  expect(later.status, later.text).toBe(201);
  // One of the two coffees, and the 3.00, were in the first file.
  expect(later.body).toMatchObject({ line_count: 1, skipped_count: 2, opening_balance: 1500, closing_balance: 1550 });
  const nothingNew = await bank.import(source, rows.slice(0, 1));
  expectProblem(nothingNew, 409, 'already_imported');
  expect((await bank.books.owner.get(`/api/reconciliation/statements?source_id=${source}`)).body.data).toHaveLength(2);
});

test("the bank's own id of a line tells it from others, and a line that has changed since is refused", async () => {
  const { source } = await bank.openSource({ mapping: { ...MAPPING, id_column: 'Reference' } });
  expect(
    (
      await bank.import(source, [
        ['2026-03-01', 100, 'A', 'tx1'],
        ['2026-03-01', 100, 'A', 'tx2'],
      ])
    ).body.line_count,
  ).toBe(2);
  const more = await bank.import(source, [
    ['2026-03-01', 100, 'Renamed', 'tx2'],
    ['2026-03-02', 5, '', 'tx3'],
  ]);
  expect(more.body).toMatchObject({ line_count: 1, skipped_count: 1 });
  const changed = await bank.import(source, [
    ['2026-03-02', 6, '', 'tx3'],
    ['2026-03-03', 5, '', 'tx4'],
  ]);
  expectProblem(changed, 422, 'invalid');
  expect(changed.body.errors).toEqual({ 'rows.2': ['was imported before with another date or amount'] });
});

test('one bad row refuses the file: which, and why, and nothing is kept', async () => {
  const { source } = await bank.openSource();
  const before = await bank.books.tenant.contents();
  const csv = `${csvOf([['2026-03-01', 100]])}\nyesterday,1.00,,\n2026-03-01,"1,2",,`;
  const refused = await bank.books.owner.post('/api/reconciliation/statements', { source_id: source, csv });
  expectProblem(refused, 422, 'invalid');
  expect(refused.body.errors).toEqual({
    'rows.3': ['has no date like YYYY-MM-DD'],
    'rows.4': ['has no amount like -1250.50'],
  });
  const lacking = await bank.books.owner.post('/api/reconciliation/statements', {
    source_id: source,
    csv: 'Day,Amount\n1,2',
  });
  expect(lacking.body.errors).toMatchObject({ 'mapping.date_column': ['is not a column of this file'] });
  for (const empty of ['\n', 'Date,Amount,Description,Reference\n']) {
    expectProblem(
      await bank.books.owner.post('/api/reconciliation/statements', { source_id: source, csv: empty }),
      422,
      'invalid',
    );
  }
  expect(await bank.books.tenant.contents()).toEqual(before);
});

test('balances and a period that the lines contradict are refused', async () => {
  const { source } = await bank.openSource();
  const rows = [
    ['2026-03-01', 100],
    ['2026-03-31', 200],
  ] as const;
  const balances = await bank.import(source, rows, { opening_balance: 50, closing_balance: 351 });
  expectProblem(balances, 422, 'invalid');
  expect(balances.body).toMatchObject({
    expected_closing_balance: 350,
    errors: { closing_balance: [expect.any(String)] },
  });
  const period = await bank.import(source, rows, { period_from: '2026-03-02' });
  expect(period.body.errors).toEqual({ period_from: ['must cover the lines, which are of 2026-03-01 to 2026-03-31'] });
  const closing = await bank.import(source, rows, { closing_balance: 350, period_to: '2026-04-01' });
  expect(closing.body).toMatchObject({ opening_balance: 50, closing_balance: 350, period_to: '2026-04-01' });
});

test('a preview shows how a file reads with another mapping; an import saves that one', async () => {
  const { source } = await bank.openSource();
  const mapping = {
    ...MAPPING,
    delimiter: 'semicolon',
    date_column: 'Tag',
    date_format: 'DD.MM.YYYY',
    decimal_separator: ',',
    amount_column: 'Betrag',
    description_column: 'Text',
    reference_column: null,
  };
  const csv = 'Tag;Betrag;Text\n05.03.2026;1.234,50;Miete\n06.03.2026;;Fehlt\n';
  const before = await bank.books.tenant.contents();
  const preview = await bank.books.owner.post('/api/reconciliation/statements/preview', {
    source_id: source,
    csv,
    mapping,
  });
  expect([preview.status, preview.body]).toMatchObject([
    200,
    {
      columns: ['Tag', 'Betrag', 'Text'],
      line_count: 2,
      error_count: 1,
      duplicate_count: 0,
      total: 123450,
      from: '2026-03-05',
      lines: [
        { row: 2, date: '2026-03-05', amount: 123450, description: 'Miete', errors: [] },
        { row: 3, amount: null, errors: [expect.any(String)] },
      ],
    },
  ]);
  expect(await bank.books.tenant.contents()).toEqual(before);
  const imported = await bank.books.owner.post('/api/reconciliation/statements', {
    source_id: source,
    csv: csv.replace(';;', ';2,00;'),
    mapping,
  });
  expect([imported.status, imported.body.line_count], imported.text).toEqual([201, 2]);
  const saved = (await bank.books.owner.get(`/api/reconciliation/sources/${source}`)).body;
  expect(saved.mapping).toMatchObject({ date_column: 'Tag', decimal_separator: ',' });
});

test('a mapping names one column of amounts or two, and a source accounts of one book', async () => {
  const { account, source } = await bank.openSource();
  const { owner } = bank.books;
  const send = (more: object) =>
    owner.post('/api/reconciliation/sources', { name: 'B', account_id: account, mapping: MAPPING, ...more });
  expect((await send({})).body).toMatchObject({ code: 'conflict', errors: { account_id: ['has a source already'] } });
  for (const amounts of [
    { amount_column: null },
    { paid_in_column: 'In' },
    { amount_column: null, paid_in_column: 'In' },
  ]) {
    expectProblem(await send({ mapping: { ...MAPPING, ...amounts } }), 422, 'invalid');
  }
  const foreign = bank.books.account('merchant', 'cash');
  const differences = await owner.patch(`/api/reconciliation/sources/${source}`, { difference_account_id: foreign });
  expect(differences.body.errors).toEqual({
    difference_account_id: ['must be another account of the same book and currency'],
  });
  const stale = await owner.patch(`/api/reconciliation/sources/${source}`, { name: 'X' }, { 'if-match': '"9"' });
  expectProblem(stale, 412, 'stale');
  const rules = await owner.patch(`/api/reconciliation/sources/${source}`, { rules: [{ match: 'amount', days: 91 }] });
  expectProblem(rules, 422, 'invalid');
});

test('an import of which nothing is matched can be discarded, and imported again', async () => {
  const { source, account } = await bank.openSource();
  const rows = [['2026-03-01', 100]] as const;
  const first = (await bank.import(source, rows)).body.id;
  expect((await bank.books.owner.delete(`/api/reconciliation/statements/${first}`)).status).toBe(204);
  expectProblem(await bank.books.owner.get(`/api/reconciliation/statements/${first}`), 404, 'not_found');
  const second = (await bank.import(source, rows)).body.id;
  const [line] = await bank.linesOf(second);
  expect((await bank.match(second, [line!.id], [await bank.post(account, '2026-03-01', 100)])).status).toBe(201);
  expectProblem(await bank.books.owner.delete(`/api/reconciliation/statements/${second}`), 409, 'conflict');
});

test('two imports of one file at once keep one', async () => {
  const { source } = await bank.openSource();
  const rows = Array.from({ length: 50 }, (_, index) => ['2026-03-01', 100 + index] as const);
  const answers = await Promise.all([1, 2, 3].map(() => bank.import(source, rows)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
});
