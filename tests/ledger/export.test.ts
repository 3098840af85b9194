import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';
import { postMix } from './sealed.ts';

const isInstalled = spawnSync('hledger', ['--version']).status === 0;
if (!isInstalled) console.warn('hledger is not installed: its journals are not checked here');

const hostile = [
  'a; b  c | d',
  '(code) * ! "quoted" {cost} @ 5 = 7',
  'date: 2020-01-01, [2020-01-01] date:never',
  '  leading,\ttabs\r\nand lines\u0085\u2028',
  '; only a comment',
  'Ünïcode 😀 \u202eمرحبا',
];

let books: Books;
let folder: string;
beforeAll(async () => {
  books = await openBooks();
  folder = mkdtempSync(join(tmpdir(), 'scp-export-'));
  const { owner, account } = books;
  await postMix(books);
  const cash = account('tenant', 'cash');
  for (const [place, text] of hostile.entries()) {
    const name = { code: `${place} ${text}`.slice(0, 40), name: text, type: 'asset', currency: 'USD' };
    const created = await owner.post('/api/accounts', {
      ...name,
      code: name.code.replace(/[^\x20-\x7e]/g, ' ').trim(),
    });
    const other = created.status === 201 ? created.body.id : account('tenant', 'equity');
    const posted = await books.post([{ ...debit(cash, 100 + place), memo: text }, credit(other, 100 + place)], {
      description: text,
    });
    expect(posted.status, posted.text).toBe(201);
  }
  // Two merchants of one name are two books all the same.
  await owner.post('/api/merchants', { merchant_org_id: books.party.org.id, name: 'Pine' });
  // More than a page.
  for (let part = 0; part < 3; part += 1) {
    const lines = [debit(cash, 7), credit(account('tenant', 'equity'), 7)];
    const transactions = Array.from({ length: 150 }, (_, place) => ({
      description: `Sale ${part}-${place}`,
      lines,
      effective_date: '2025-06-30',
    }));
    expect((await owner.post('/api/transactions/batch', { transactions })).status).toBe(201);
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await books?.site.stop();
});

const fetchExport = (query: string, headers: Record<string, string> = {}) =>
  books.owner.get(`/api/ledger/export?${query}`, headers);
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Posted balances from the lines themselves, of accounts that have one: code → decimal, in the tenant's own book or another. */
async function balances(where = 'true'): Promise<string[]> {
  const rows = await books.tenant.rows(`
    SELECT (sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) / 10 ^ c.exponent::numeric)::numeric(20, 4)::float8 AS balance, l.currency
    FROM transaction_lines l JOIN accounts a ON a.id = l.account_id JOIN currencies c ON c.code = l.currency
    WHERE l.kind IN ('post', 'reversal') AND ${where}
    GROUP BY a.id, l.currency, c.exponent
    HAVING sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) <> 0`);
  return rows.map(({ currency, balance }) => `${currency} ${balance}`).sort();
}

test.runIf(process.env.CI === 'true')('hledger is installed where the build runs', () => {
  expect(isInstalled).toBe(true);
});

describe.skipIf(!isInstalled)('the journal for hledger', () => {
  const hledger = (text: string, ...args: string[]): string => {
    const path = join(folder, 'ledger.journal');
    writeFileSync(path, text);
    return execFileSync('hledger', ['-f', path, ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
  };
  const balancesIn = (text: string): string[] =>
    hledger(text, 'balance', '--flat', '--no-total', '-O', 'csv')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => {
        const [, currency, amount] = /"([A-Z]{3}) (-?[\d.]+)"$/.exec(row)!;
        return `${currency} ${Number(amount)}`;
      })
      .sort();

  test('passes all of its checks, and adds up to our trial balance', async () => {
    const { status, text, headers } = await fetchExport('format=hledger');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    hledger(text, 'check', '--strict');
    expect(balancesIn(text)).toEqual(await balances());
  });

  test('of one book, and of some days, adds up to theirs', async () => {
    const book = books.book.merchant;
    const ofBook = (await fetchExport(`format=hledger&book_id=${book}`)).text;
    hledger(ofBook, 'check', '--strict');
    expect(balancesIn(ofBook)).toEqual(await balances(`l.book_id = '${book}'`));
    const ofDays = (await fetchExport('format=hledger&from=2024-02-01&to=2025-06-30')).text;
    hledger(ofDays, 'check', '--strict');
    expect(balancesIn(ofDays)).toEqual(await balances(`l.effective_date BETWEEN '2024-02-01' AND '2025-06-30'`));
  });
});

test('JSONL holds every journal once, with its lines, in one file however many pages it takes', async () => {
  const { text, headers } = await fetchExport('format=jsonl');
  expect(headers.get('content-disposition')).toBe(`attachment; filename="${books.tenant.slug}-ledger.jsonl"`);
  const journals = linesOf(text);
  const [counted] = await books.tenant.rows('SELECT count(*) AS n FROM transaction_journals');
  expect(new Set(journals.map(({ id }) => id)).size).toBe(Number(counted?.n));
  expect(journals).toHaveLength(Number(counted?.n));
  expect(journals[0]).toMatchObject({
    book: expect.stringContaining('Acme'),
    lines: [{ side: 'debit', amount: 12_500, memo: 'from the till', account_code: '1000' }, { side: 'credit' }],
  });
  expect(text).toBe((await fetchExport('')).text);
});

test('CSV has a row per line, in decimals of its currency', async () => {
  const { text, headers } = await fetchExport('format=csv&to=2024-12-31');
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  const [header, first, second, ...rest] = text.split('\r\n');
  expect(header?.split(',').slice(0, 4)).toEqual(['effective_date', 'recorded_at', 'book', 'journal_id']);
  expect(first).toMatch(/^2024-02-29,.*,1000,Cash,USD,3\.00,,300,from the till$/);
  expect(second).toMatch(/,USD,,3\.00,300,$/);
  expect(rest).toEqual(['']);
});

test('CSV has no cell that a spreadsheet would calculate', async () => {
  const lines = [
    { ...debit(books.account('tenant', 'cash'), 5), memo: '@SUM(A1)' },
    { ...credit(books.account('tenant', 'revenue'), 5), memo: '+49 30 1234' },
  ];
  const answer = await books.post(lines, {
    description: '=HYPERLINK("http://a.test";"b")',
    effective_date: '2023-01-05',
  });
  expect(answer.status, answer.text).toBe(201);
  const { text } = await fetchExport('format=csv&to=2023-12-31');
  expect(text).toContain(`,"'=HYPERLINK(""http://a.test"";""b"")",`);
  expect(text).toContain(",'@SUM(A1)");
  expect(text).toContain(',+49 30 1234');
  const list = await books.owner.get('/api/transactions?format=csv&to=2023-12-31');
  expect(list.text).toContain(`,"'=HYPERLINK(""http://a.test"";""b"")",`);
  expect((await fetchExport('format=jsonl&to=2023-12-31')).text).toContain('"@SUM(A1)"');
});

describe('who may', () => {
  test('a scoped reader gets the journals of books in scope and no others', async () => {
    const { tenant, party, book } = books;
    const scoped = tenant.as(await tenant.createKey({ role: 'merchant_manager', merchant_org_id: party.org.id }));
    const journals = linesOf((await scoped.get('/api/ledger/export')).text);
    expect(new Set(journals.map(({ book_id }) => book_id))).toEqual(new Set([book.org, book.merchant]));
    const { text } = await scoped.get('/api/ledger/export?format=hledger');
    expect(text).not.toContain('Yoga');
    const missing = await scoped.get('/api/ledger/export?book_id=0190a0a0-0000-7000-8000-000000000000');
    const foreign = await scoped.get(`/api/ledger/export?book_id=${book.tenant}`);
    for (const answer of [missing, foreign]) expectProblem(answer, 404, 'not_found');
    expectProblem(await scoped.get('/api/ledger/export?format=bundle'), 403, 'forbidden');
  });

  test('a name that is taken outside the scope is not told by the name of an account', async () => {
    const { tenant, owner, party } = books;
    const reader = tenant.as(await tenant.createKey({ role: 'merchant_manager', merchant_id: party.merchant.id }));
    const before = (await reader.get('/api/ledger/export?format=hledger')).text;
    await owner.post('/api/merchants', { merchant_org_id: party.otherOrg.id, name: 'Pine' });
    expect((await reader.get('/api/ledger/export?format=hledger')).text).toBe(before);
  });

  test('a bundle needs the audit trail too, and is never a part', async () => {
    const reader = books.tenant.as(await books.tenant.createKey({ role: ['transaction:read'] }));
    expect((await reader.get('/api/ledger/export?format=csv')).status).toBe(200);
    expectProblem(await reader.get('/api/ledger/export?format=bundle'), 403, 'forbidden');
    const part = await fetchExport('format=bundle&from=2026-01-01');
    expectProblem(part, 422, 'invalid');
    expect(part.body.errors).toEqual({ from: ['is not for a bundle, which is always whole'] });
    expectProblem(await fetchExport('format=xlsx'), 422, 'invalid');
    expectProblem(await fetchExport('from=2026-02-31'), 422, 'invalid');
  });
});

test('what is posted while an export is read is not in it', async () => {
  const headers = { authorization: `Bearer ${books.tenant.apiKey}` };
  const before = linesOf((await fetchExport('')).text).length;
  const response = await books.tenant.door('/api/ledger/export', { headers });
  const reader = response.body!.getReader();
  const chunks = [(await reader.read()).value!];
  await books.post([debit(books.account('tenant', 'cash'), 1), credit(books.account('tenant', 'equity'), 1)]);
  for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value);
  expect(linesOf(Buffer.concat(chunks).toString())).toHaveLength(before);
});

test('that an export was made, and how it ended, is on record', async () => {
  await fetchExport('format=csv', { 'x-request-id': 'exported' });
  const events = await books.tenant.rows(
    `SELECT action, details ->> 'summary' AS summary FROM audit_events WHERE request_id = 'exported' ORDER BY id`,
  );
  expect(events).toEqual([
    { action: 'ledger.export', summary: `Export of ${books.tenant.slug}-ledger.csv began` },
    { action: 'ledger.export', summary: expect.stringMatching(/-ledger\.csv ended: \d+ characters$/) },
  ]);
});
