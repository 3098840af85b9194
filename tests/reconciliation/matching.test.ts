import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { type Bank, csvOf, MAPPING, openBank, type Row } from './bank.ts';

let bank: Bank;

beforeAll(async () => {
  bank = await openBank(2);
});
afterAll(() => bank?.books.site.stop());

const missingId = '0190a0a0-0000-7000-8000-000000000000';

/** A source with one statement of these rows, its lines in the order of days. */
async function open(rows: readonly Row[], more: object = {}) {
  const opened = await bank.openSource(more);
  const statement = (await bank.import(opened.source, rows)).body.id;
  return { ...opened, statement, lines: (await bank.linesOf(statement)).map(({ id }) => id) };
}
const statementOf = async (id: string) => (await bank.books.owner.get(`/api/reconciliation/statements/${id}`)).body;
const openLedger = async (id: string) =>
  (await bank.books.owner.get(`/api/reconciliation/statements/${id}/ledger-lines`)).body.data;

test('one line with one, one with many, many with one, and lines that cancel out', async () => {
  const { account, statement, lines } = await open([
    ['2026-03-01', 100],
    ['2026-03-02', 500],
    ['2026-03-03', 200],
    ['2026-03-04', 100],
    ['2026-03-05', 70],
    ['2026-03-06', -70],
  ]);
  const post = (amount: number) => bank.post(account, '2026-03-01', amount);
  const [one, two, three, four] = [await post(100), await post(200), await post(300), await post(300)];
  const cancel = [await post(40), await post(-40)];
  expect(await openLedger(statement)).toHaveLength(6);
  const answers = [
    await bank.match(statement, lines.slice(0, 1), [one]),
    await bank.match(statement, lines.slice(1, 2), [two, three]),
    await bank.match(statement, lines.slice(2, 4), [four]),
    await bank.match(statement, lines.slice(4, 6), []),
    await bank.match(statement, [], cancel),
  ];
  expect(answers.map(({ status, body }) => [status, body.amount])).toEqual([
    [201, 100],
    [201, 500],
    [201, 300],
    [201, 0],
    [201, 0],
  ]);
  expect(await statementOf(statement)).toMatchObject({ matched_count: 6, line_count: 6 });
  expect(await openLedger(statement)).toEqual([]);
  const { data } = (await bank.books.owner.get(`/api/reconciliation/matches?statement_id=${statement}`)).body;
  expect(data.map(({ rule }) => rule)).toEqual(['manual', 'manual', 'manual', 'manual', 'manual']);
  expect(data.at(-1)).toMatchObject({
    statement_lines: [{ id: lines[0], amount: 100 }],
    ledger_lines: [{ ...one, amount: 100, effective_date: '2026-03-01', description: 'Entry' }],
    matched_by: { type: 'system' },
  });
});

test('sums that differ are refused, or the difference is posted in the same transaction and reversed when the match is undone', async () => {
  const { account, statement, lines } = await open([['2026-03-02', 9_700]]);
  const line = await bank.post(account, '2026-03-01', 10_000);
  const refused = await bank.match(statement, lines, [line]);
  expectProblem(refused, 422, 'sums_differ');
  expect(refused.body).toMatchObject({ statement_amount: 9_700, ledger_amount: 10_000, difference: -300 });
  const fees = bank.books.account('tenant', 'processor_fees');
  const before = await bank.books.balanceOf(fees);
  const foreign = { difference: { account_id: bank.books.account('merchant', 'processor_fees') } };
  expectProblem(await bank.match(statement, lines, [line], foreign), 422, 'unbalanced');
  expect(await statementOf(statement)).toMatchObject({ matched_count: 0 });

  const difference = { difference: { account_id: fees, description: 'Card fee' } };
  const matched = await bank.match(statement, lines, [line], difference);
  expect(matched.status, matched.text).toBe(201);
  expect(matched.body).toMatchObject({ amount: 9_700, difference: -300 });
  expect((matched.body.ledger_lines as object[]).length).toBe(2);
  expect(await bank.books.balanceOf(fees)).toBe(before + 300);
  expect(await bank.books.balanceOf(account)).toBe(9_700);
  const posted = (await bank.books.owner.get(`/api/transactions/${matched.body.difference_transaction_id}`)).body;
  expect(posted).toMatchObject({ description: 'Card fee', effective_date: '2026-03-02', source: 'reconciliation' });

  expect((await bank.books.owner.delete(`/api/reconciliation/matches/${matched.body.id}`)).status).toBe(204);
  expect(await bank.books.balanceOf(fees)).toBe(before);
  expect(await openLedger(statement)).toMatchObject([{ ...line }]);
  expect(await statementOf(statement)).toMatchObject({ matched_count: 0 });
});

test('nothing is matched twice, by one caller after the other or by many at once', async () => {
  const { source, account, statement, lines } = await open([
    ['2026-03-01', 100],
    ['2026-03-02', 100],
  ]);
  const other = (await bank.import(source, [['2026-04-01', 100]])).body.id;
  const [otherLine] = await bank.linesOf(other);
  const [first, second, third] = [
    await bank.post(account, '2026-03-01', 100),
    await bank.post(account, '2026-03-01', 100),
    await bank.post(account, '2026-03-01', 100),
  ];
  expect((await bank.match(statement, [lines[0]!], [first])).status).toBe(201);
  expectProblem(await bank.match(statement, [lines[0]!], [second]), 409, 'already_matched');
  expectProblem(await bank.match(statement, [lines[1]!], [first]), 409, 'already_matched');
  expectProblem(await bank.match(other, [otherLine!.id], [first]), 409, 'already_matched');

  const racing = await Promise.all([
    bank.match(statement, [lines[1]!], [second]),
    bank.match(statement, [lines[1]!], [third]),
    bank.match(other, [otherLine!.id], [second]),
    bank.match(other, [otherLine!.id], [third]),
  ]);
  expect(racing.filter(({ status }) => status === 201).length).toBe(2);
  for (const lost of racing.filter(({ status }) => status !== 201)) expectProblem(lost, 409, 'already_matched');
  const [{ lines: statementLines, ledger } = {}] = await bank.books.tenant.rows(
    `SELECT (SELECT count(DISTINCT statement_line_id)::integer FROM matched_statement_lines
             WHERE statement_line_id = ANY ($1)) AS lines,
       (SELECT count(*)::integer FROM matched_ledger_lines WHERE journal_id = ANY ($2)) AS ledger`,
    [[...lines, otherLine!.id], [first, second, third].map(({ journal_id }) => journal_id)],
  );
  expect([statementLines, ledger]).toEqual([3, 3]);
  for (const id of [statement, other]) {
    const { line_count: count, matched_count: matched } = await statementOf(id);
    expect(matched).toBe(count);
  }
});

test('only posted lines of the own account, and lines of the own statement, can be matched', async () => {
  const { account, statement, lines } = await open([['2026-03-01', 100]]);
  const elsewhere = await open([['2026-03-01', 100]]);
  const line = await bank.post(account, '2026-03-01', 100);
  const held = await bank.post(account, '2026-03-01', 100, { status: 'pending' });
  const foreign = await bank.post(elsewhere.account, '2026-03-01', 100);
  for (const wrong of [held, foreign, { ...line, position: 2 }, { journal_id: missingId, position: 1 }]) {
    const refused = await bank.match(statement, lines, [wrong]);
    expect([422, refused.status]).toEqual([refused.status, 422]);
  }
  const strange = await bank.match(statement, [elsewhere.lines[0]!], [line]);
  expect([strange.status, ['invalid', 'sums_differ'].includes(strange.body.code)]).toEqual([422, true]);
  expectProblem(await bank.match(statement, [], []), 422, 'invalid');
  expectProblem(await bank.match(missingId, lines, [line]), 422, 'invalid');
  expect((await bank.match(statement, lines, [line, line])).status).toBe(422);
  expect((await bank.match(statement, lines, [line])).status).toBe(201);
});

describe('suggestions', () => {
  test('find references, unique amounts, groups of a day and of a reference, with scores and reasons', async () => {
    const { account, statement } = await open([
      ['2026-03-02', 1_000, 'Transfer', 'INV-1001'],
      ['2026-03-03', 2_345, 'Something'],
      ['2026-03-05', 9_000, 'PAYOUT po_7788', 'po_7788'],
      ['2026-03-10', 777, 'Takings'],
      ['2026-03-15', 400, 'Part one', 'INV-2002'],
      ['2026-03-16', 600, 'Part two', 'INV-2002'],
      ['2026-03-20', 31, 'Nothing like it'],
    ]);
    await bank.post(account, '2026-02-20', 1_000, { external_id: 'inv-1001', source: 'shop' });
    await bank.post(account, '2026-03-02', 2_345);
    for (const amount of [5_000, 4_500, -500]) {
      const lines = [
        { account_id: account, side: amount > 0 ? 'debit' : 'credit', amount: Math.abs(amount), memo: 'po_7788' },
        {
          account_id: bank.books.account('tenant', 'revenue'),
          side: amount > 0 ? 'credit' : 'debit',
          amount: Math.abs(amount),
        },
      ];
      await bank.books.owner.post('/api/transactions', { description: 'Sale', lines, effective_date: '2026-03-04' });
    }
    for (const amount of [700, 77]) await bank.post(account, '2026-03-09', amount);
    await bank.post(account, '2026-03-14', 1_000, { external_id: 'INV-2002', source: 'shop' });
    const { body } = await bank.books.owner.get(`/api/reconciliation/statements/${statement}/suggestions`);
    const found = body.data.map(({ rule, score, statement_lines: own, ledger_lines: ledger }) => [
      rule,
      score,
      (own as object[]).length,
      (ledger as object[]).length,
    ]);
    expect(found.slice(0, 5)).toEqual([
      ['reference', 1, 1, 1],
      ['ledger_group', 0.97, 1, 3],
      ['statement_group', 0.97, 2, 1],
      ['amount', 0.9, 1, 1],
      ['ledger_group', 0.89, 1, 2],
    ]);
    expect(body.data[0]!.reasons).toEqual(['reference INV-1001', 'same amount', '10 days apart']);

    const done = await bank.books.owner.post(`/api/reconciliation/statements/${statement}/auto-match`, {});
    expect(done.body).toEqual({
      statement_id: statement,
      matches: 5,
      matched_lines: 6,
      differences: 0,
      by_rule: { reference: 1, ledger_group: 2, statement_group: 1, amount: 1 },
      remaining_lines: 1,
    });
    const again = await bank.books.owner.post(`/api/reconciliation/statements/${statement}/auto-match`, {});
    expect(again.body).toMatchObject({ matches: 0, remaining_lines: 1 });
  });

  test('leave what could be several to a person, but match what is alike in equal number', async () => {
    const { account, statement } = await open([
      ['2026-03-02', 1_000],
      ['2026-03-10', 50, 'a'],
      ['2026-03-10', 50, 'b'],
    ]);
    for (const date of ['2026-03-01', '2026-03-03', '2026-03-10', '2026-03-10']) {
      await bank.post(account, date, date === '2026-03-10' ? 50 : 1_000);
    }
    const { body } = await bank.books.owner.get(`/api/reconciliation/statements/${statement}/suggestions`);
    expect(body.data.filter(({ score }) => Number(score) < 0.7)).toHaveLength(2);
    const done = await bank.books.owner.post(`/api/reconciliation/statements/${statement}/auto-match`, {});
    expect(done.body).toMatchObject({ matches: 2, remaining_lines: 1, by_rule: { amount: 2 } });
  });

  test('within a tolerance, post the difference where the source says', async () => {
    const fees = bank.books.account('tenant', 'processor_fees');
    const rules = [{ match: 'reference', days: 5, tolerance: 50 }];
    const { account, statement } = await open([['2026-03-02', 980, '', 'INV-10001']], {
      rules,
      difference_account_id: fees,
    });
    await bank.post(account, '2026-03-01', 1_000, { external_id: 'INV-10001', source: 'tolerant' });
    const done = await bank.books.owner.post(`/api/reconciliation/statements/${statement}/auto-match`, {});
    expect(done.body).toMatchObject({ matches: 1, differences: 1, remaining_lines: 0 });
    expect(await bank.books.balanceOf(account)).toBe(980);
    const report = (await bank.books.owner.get(`/api/reconciliation/statements/${statement}/report`)).body;
    expect(report).toMatchObject({ closing_balance: 980, ledger_balance: 980, outstanding: 0, difference: 0 });
  });
});

describe('signing off', () => {
  test('needs every line, keeps the report, forbids changes, happens once, and is undone by somebody else with a reason', async () => {
    const { account, statement, lines } = await open([
      ['2026-03-01', 100],
      ['2026-03-31', 200],
    ]);
    const [first, second] = [await bank.post(account, '2026-03-01', 100), await bank.post(account, '2026-04-01', 200)];
    const outstanding = await bank.post(account, '2026-03-15', 7_777);
    const path = `/api/reconciliation/statements/${statement}`;
    const { owner, tenant } = bank.books;
    const match = (await bank.match(statement, lines.slice(0, 1), [first])).body.id;
    const early = await owner.post(`${path}/sign-off`, {});
    expectProblem(early, 409, 'not_reconciled');
    expect(early.body.unmatched_count).toBe(1);
    await bank.match(statement, lines.slice(1), [second]);
    const report = (await owner.get(`${path}/report`)).body;
    expect(report).toMatchObject({
      opening_balance: 0,
      matched_amount: 300,
      unmatched_amount: 0,
      closing_balance: 300,
      ledger_balance: 7_877,
      outstanding: 7_777,
      cleared_ahead: 200,
      unmatched: 0,
      difference: 0,
      outstanding_lines: [{ ...outstanding, amount: 7_777 }],
    });
    const stale = await owner.post(`${path}/sign-off`, {}, { 'if-match': '"1"' });
    expectProblem(stale, 412, 'stale');

    const signing = await Promise.all([owner.post(`${path}/sign-off`, {}), owner.post(`${path}/sign-off`, {})]);
    expect(signing.map(({ status }) => status).sort()).toEqual([200, 409]);
    expectProblem(await owner.post(`${path}/sign-off`, {}), 409, 'already_signed_off');
    expectProblem(await owner.delete(`/api/reconciliation/matches/${match}`), 409, 'already_signed_off');
    expectProblem(await owner.delete(path), 409, 'already_signed_off');
    expectProblem(await owner.post(`${path}/auto-match`, {}), 409, 'already_signed_off');
    const cancel = [await bank.post(account, '2026-03-02', 5), await bank.post(account, '2026-03-02', -5)];
    expectProblem(await bank.match(statement, [], cancel), 409, 'already_signed_off');
    await bank.post(account, '2026-03-20', 1);
    expect((await owner.get(`${path}/report`)).body).toEqual(report);

    expectProblem(await owner.post(`${path}/reopen`, { reason: 'Mistake' }), 409, 'second_person_needed');
    const other = tenant.as(await tenant.createKey({ role: 'finance' }));
    expectProblem(await other.post(`${path}/reopen`, {}), 422, 'invalid');
    const reopened = await other.post(`${path}/reopen`, { reason: 'A line was wrong' });
    expect(reopened.body).toMatchObject({ status: 'open', signed_off_by: null, reopened_reason: 'A line was wrong' });
    expectProblem(await other.post(`${path}/reopen`, { reason: 'Again' }), 409, 'not_signed_off');
    expect((await owner.get(`${path}/report`)).body).toMatchObject({ ledger_balance: 7_878, difference: 0 });
    expect((await owner.delete(`/api/reconciliation/matches/${match}`)).status).toBe(204);
  });

  test('goes in order, and a difference needs a note', async () => {
    const { source, account, statement, lines } = await open([['2026-03-01', 100]]);
    const gap = (await bank.import(source, [['2026-04-01', 50]], { opening_balance: 130 })).body.id;
    const [line] = await bank.linesOf(gap);
    await bank.match(statement, lines, [await bank.post(account, '2026-03-01', 100)]);
    await bank.match(gap, [line!.id], [await bank.post(account, '2026-04-01', 50)]);
    const { owner, tenant } = bank.books;
    const signOff = (id: string, body: object = {}) =>
      owner.post(`/api/reconciliation/statements/${id}/sign-off`, body);
    expectProblem(await signOff(gap, { note: 'x' }), 409, 'not_reconciled');
    expect((await signOff(statement)).status).toBe(200);
    const unexplained = await signOff(gap);
    expectProblem(unexplained, 409, 'not_reconciled');
    expect(unexplained.body).toMatchObject({ difference: 30, errors: { note: ['must explain the difference'] } });
    const explained = await signOff(gap, { note: 'Opening entry of 0.30 follows' });
    expect(explained.body).toMatchObject({ status: 'signed_off', note: 'Opening entry of 0.30 follows' });
    const other = tenant.as(await tenant.createKey({ role: 'finance' }));
    const reopen = (id: string) => other.post(`/api/reconciliation/statements/${id}/reopen`, { reason: 'Look again' });
    expectProblem(await reopen(statement), 409, 'conflict');
    expect([(await reopen(gap)).status, (await reopen(statement)).status]).toEqual([200, 200]);
  });
});

test('matching and signing off at once never leaves a signed-off statement with an open line', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { account, statement, lines } = await open([['2026-03-01', 100]]);
    const line = await bank.post(account, '2026-03-01', 100);
    const match = (await bank.match(statement, lines, [line])).body.id;
    const path = `/api/reconciliation/statements/${statement}`;
    await Promise.all([
      bank.books.owner.post(`${path}/sign-off`, {}),
      bank.books.owner.delete(`/api/reconciliation/matches/${match}`),
    ]);
    const { status, matched_count: matched } = await statementOf(statement);
    expect([
      ['signed_off', 1],
      ['open', 0],
    ]).toContainEqual([status, matched]);
  }
});

test('who may read may not match, who sees one MerchantOrg sees its statements alone, other tenants see none', async () => {
  const { books } = bank;
  const { owner, tenant } = books;
  const account = books.account('merchant', 'processor_clearing');
  const made = { name: 'Pine', account_id: account, mapping: MAPPING };
  const source = (await owner.post('/api/reconciliation/sources', made)).body.id;
  const csv = csvOf([['2026-03-01', 100]]);
  const statement = (await owner.post('/api/reconciliation/statements', { source_id: source, csv })).body.id;
  const own = await open([['2026-03-01', 100]]);
  const scoped = tenant.as(await tenant.createKey({ role: 'owner', merchant_org_id: books.party.org.id }));
  const listed = async (path: string) =>
    (await scoped.get(`/api/reconciliation/${path}`)).body.data.map(({ id }) => id);
  expect(await listed('sources')).toEqual([source]);
  expect(await listed('statements')).toEqual([statement]);
  expect(await listed('statement-lines')).toHaveLength(1);
  expect(await listed(`statement-lines?statement_id=${own.statement}`)).toEqual([]);
  expect(await listed('matches')).toEqual([]);
  for (const path of ['', '/ledger-lines', '/suggestions', '/report']) {
    expectProblem(await scoped.get(`/api/reconciliation/statements/${own.statement}${path}`), 404, 'not_found');
  }
  const foreign = { source_id: own.source, csv };
  expectProblem(await scoped.post('/api/reconciliation/statements', foreign), 422, 'invalid');
  expectProblem(
    await scoped.post('/api/reconciliation/matches', {
      statement_id: own.statement,
      statement_line_ids: own.lines,
      ledger_lines: [],
      difference: { account_id: books.account('tenant', 'revenue') },
    }),
    422,
    'invalid',
  );
  const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
  expect((await auditor.get(`/api/reconciliation/statements/${own.statement}/report`)).status).toBe(200);
  expectProblem(await auditor.post(`/api/reconciliation/statements/${own.statement}/auto-match`, {}), 403, 'forbidden');
  // Without the right to post, a difference is not for them.
  const matcher = tenant.as(await tenant.createKey({ role: ['reconciliation:read', 'reconciliation:match'] }));
  const difference = { account_id: books.account('tenant', 'revenue') };
  const body = { statement_id: own.statement, statement_line_ids: own.lines, ledger_lines: [] };
  expectProblem(await matcher.post('/api/reconciliation/matches', { ...body, difference }), 403, 'forbidden');
  const stranger = books.site.tenants[1]!.owner;
  expectProblem(await stranger.get(`/api/reconciliation/statements/${own.statement}`), 404, 'not_found');
});

test('a replay matches once, and every change is in the audit trail', async () => {
  const { account, statement, lines } = await open([['2026-03-01', 100]]);
  const line = await bank.post(account, '2026-03-01', 100);
  const body = { statement_id: statement, statement_line_ids: lines, ledger_lines: [line] };
  const send = () =>
    bank.books.owner.post('/api/reconciliation/matches', body, { 'idempotency-key': `once-${statement}` });
  const [first, second] = [await send(), await send()];
  expect([first.status, second.status, second.text, second.headers.get('idempotent-replayed')]).toEqual([
    201,
    201,
    first.text,
    'true',
  ]);
  const [event] = (
    await bank.books.owner.get(`/api/audit-logs?resource_type=reconciliation_match&resource_id=${first.body.id}`)
  ).body.data;
  expect(event).toMatchObject({ action: 'reconciliation.match', outcome: 'success' });
  const { changes } = (await bank.books.owner.get(`/api/audit-logs/${event!.id}`)).body;
  expect(changes).toMatchObject([
    {
      table_name: 'reconciliation_matches',
      verb: 'insert',
      after: { statement_line_ids: lines, ledger_lines: [line] },
    },
    { table_name: 'statements', verb: 'update', after: { matched_count: 1 } },
  ]);
});
