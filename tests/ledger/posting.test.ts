import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';

let books: Books;
let cash: string;
let revenue: string;

beforeAll(async () => {
  books = await openBooks(2);
  cash = books.account('tenant', 'cash');
  revenue = books.account('tenant', 'revenue');
});
afterAll(() => books?.site.stop());

const missing = '0190a0a0-0000-7000-8000-000000000000';

describe('a balanced posting', () => {
  test('answers the transaction with its journal, and is read back the same', async () => {
    const metadata = { visits: 3, paid: true, note: null, ключ: 'значение' };
    const posted = await books.post([{ ...debit(cash, 700), memo: 'till' }, credit(revenue, 700)], {
      effective_date: '2026-01-31',
      external_id: 'pos-1',
      metadata,
    });
    expect(posted.status).toBe(201);
    expect(posted.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'journal',
      category: null,
      status: 'posted',
      description: 'Entry',
      from: null,
      to: null,
      amount: null,
      posted_amount: null,
      effective_date: '2026-01-31',
      expires_at: null,
      source: 'api',
      caused_by: null,
      reason: null,
      recorded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      external_id: 'pos-1',
      metadata,
      journals: [
        {
          id: expect.any(String),
          transaction_id: posted.body.id,
          book_id: books.book.tenant,
          kind: 'post',
          effective_date: '2026-01-31',
          original_effective_date: null,
          recorded_at: expect.any(String),
          lines: [
            { account_id: cash, side: 'debit', amount: 700, currency: 'USD', counterparty_book_id: null, memo: 'till' },
            {
              account_id: revenue,
              side: 'credit',
              amount: 700,
              currency: 'USD',
              counterparty_book_id: null,
              memo: null,
            },
          ],
        },
      ],
    });
    const location = posted.headers.get('location') ?? '';
    expect((await books.owner.get(location)).body).toEqual(posted.body);
    expect((await books.owner.get('/api/transactions?external_id=pos-1')).body.data).toEqual([posted.body]);
    const [journal] = posted.body.journals;
    expect((await books.owner.get(`/api/transaction-journals/${(journal as { id?: string }).id}`)).body).toEqual(
      journal,
    );
  });

  test('is one transaction over many books, with a journal in each', async () => {
    const lines = [
      debit(cash, 100),
      debit(books.account('merchant', 'cash'), 300),
      credit(revenue, 100),
      credit(books.account('merchant', 'revenue'), 250),
      credit(books.account('merchant', 'payable'), 50),
    ];
    const posted = await books.post(lines);
    expect(posted.status).toBe(201);
    const byBook = Object.fromEntries(posted.body.journals.map((each) => [each.book_id, each.lines.length]));
    expect(byBook).toEqual({ [books.book.tenant]: 2, [books.book.merchant]: 3 });
  });

  test('may name an account more than once, and keeps the order of its lines', async () => {
    const posted = await books.post([debit(cash, 1), credit(revenue, 3), debit(cash, 2)]);
    expect(posted.body.journals[0]?.lines.map(({ amount }) => amount)).toEqual([1, 3, 2]);
  });

  test('without a date is of today in the zone of the tenant', async () => {
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      await books.owner.patch('/api/tenants/current', { time_zone: zone });
      const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());
      expect((await books.post([debit(cash, 1), credit(revenue, 1)])).body.effective_date).toBe(today);
    }
    await books.owner.patch('/api/tenants/current', { time_zone: 'UTC' });
  });

  test('takes null for everything optional, and the lists still answer', async () => {
    const nothing = { effective_date: null, external_id: null, metadata: null };
    const posted = await books.post([{ ...debit(cash, 1), ...{ memo: null } } as never, credit(revenue, 1)], nothing);
    expect([posted.status, posted.body.metadata]).toEqual([201, {}]);
    expect((await books.owner.get('/api/transactions')).status).toBe(200);
    expect((await books.owner.get(`/api/transactions/${posted.body.id}`)).status).toBe(200);
  });

  test('keeps several currencies apart', async () => {
    const open = async (code: string, currency: string) =>
      (await books.owner.post('/api/accounts', { code, name: code, type: 'asset', currency })).body.id;
    const [euro, euro2, yen, yen2] = [
      await open('E1', 'EUR'),
      await open('E2', 'EUR'),
      await open('Y1', 'JPY'),
      await open('Y2', 'JPY'),
    ];
    expect((await books.post([debit(euro, 5), credit(euro2, 5), debit(yen, 9), credit(yen2, 9)])).status).toBe(201);
    const refused = await books.post([debit(euro, 5), credit(yen2, 5), debit(yen, 9), credit(yen2, 9)]);
    expectProblem(refused, 422, 'currency_mismatch');
    expect(refused.body.imbalances).toEqual([
      { book_id: books.book.tenant, currency: 'EUR', debits: 5, credits: 0 },
      { book_id: books.book.tenant, currency: 'JPY', debits: 9, credits: 14 },
    ]);
  });
});

describe('refused, with nothing written', () => {
  const refuse = async (lines: Parameters<Books['post']>[0], code: string, more: object = {}) => {
    const before = await books.tenant.contents();
    const answer = await books.post(lines, more);
    expectProblem(answer, code === 'conflict' ? 409 : 422, code);
    expect(await books.tenant.contents()).toEqual(before);
    return answer.body;
  };

  test('an unbalanced posting, naming book, currency, debits and credits', async () => {
    const { imbalances } = await refuse([debit(cash, 100), credit(revenue, 99)], 'unbalanced');
    expect(imbalances).toEqual([{ book_id: books.book.tenant, currency: 'USD', debits: 100, credits: 99 }]);
  });

  test('one that balances in all but not in each book', async () => {
    const merchantRevenue = books.account('merchant', 'revenue');
    const { imbalances } = await refuse([debit(cash, 100), credit(merchantRevenue, 100)], 'unbalanced');
    const expected = [
      { book_id: books.book.tenant, currency: 'USD', debits: 100, credits: 0 },
      { book_id: books.book.merchant, currency: 'USD', debits: 0, credits: 100 },
    ];
    expect(imbalances).toEqual(expected.sort((left, right) => (left.book_id < right.book_id ? -1 : 1)));
  });

  test('one with debits alone', async () => {
    await refuse([debit(cash, 1), debit(revenue, 1)], 'unbalanced');
  });

  test("accounts that are absent or another tenant's, alike", async () => {
    const foreign = (await books.site.tenants[1]!.owner.get('/api/accounts')).body.data[0]!.id;
    for (const id of [missing, foreign]) {
      expect((await refuse([debit(id, 1), credit(revenue, 1)], 'account_not_found')).account_ids).toEqual([id]);
    }
  });

  test('accounts out of the scope of the caller, like absent ones', async () => {
    const key = await books.tenant.createKey({ role: 'owner', merchant_org_id: books.party.org.id });
    const scoped = books.tenant.as(key);
    const inside = [debit(books.account('merchant', 'cash'), 5), credit(books.account('merchant', 'revenue'), 5)];
    const posted = await scoped.post('/api/transactions', { description: 'Own', lines: inside });
    expect(posted.status).toBe(201);
    const outside = books.account('otherMerchant', 'cash');
    const lines = [debit(outside, 5), credit(books.account('otherMerchant', 'revenue'), 5)];
    expectProblem(await scoped.post('/api/transactions', { description: 'Foreign', lines }), 422, 'account_not_found');
    const mixed = [...inside, debit(cash, 1), credit(revenue, 1)];
    expectProblem(
      await scoped.post('/api/transactions', { description: 'Mixed', lines: mixed }),
      422,
      'account_not_found',
    );
  });

  test('closed accounts', async () => {
    const body = { code: 'CL', name: 'Closed', type: 'asset', currency: 'USD' };
    const { id } = (await books.owner.post('/api/accounts', body)).body;
    await books.tenant.arrange(`UPDATE accounts SET status = 'closed' WHERE id = $1`, [id]);
    expect((await refuse([debit(id, 1), credit(revenue, 1)], 'account_closed')).account_ids).toEqual([id]);
  });

  test('an external id that is taken', async () => {
    const lines = [debit(cash, 1), credit(revenue, 1)];
    expect((await books.post(lines, { external_id: 'taken' })).status).toBe(201);
    expect((await refuse(lines, 'conflict', { external_id: 'taken' })).errors).toEqual({ external_id: ['is taken'] });
  });

  test.each(['2026-02-30', '2026-1-1', '0000-01-01', '1899-12-31', '10000-01-01', 'today', '2026-01-01T00:00:00Z', ''])(
    'the date %s',
    async (date) => {
      const { errors } = await refuse([debit(cash, 1), credit(revenue, 1)], 'invalid', { effective_date: date });
      expect(Object.keys(errors)).toEqual(['effective_date']);
    },
  );

  test('fewer than two lines, more than 500, and sides that are neither', async () => {
    await refuse([], 'invalid');
    await refuse([debit(cash, 1)], 'invalid');
    await refuse(
      Array.from({ length: 501 }, () => debit(cash, 1)),
      'invalid',
    );
    await refuse([{ ...debit(cash, 1), side: 'both' as never }, credit(revenue, 1)], 'invalid');
  });

  test('metadata that is too much, or no flat set of values', async () => {
    const lines = [debit(cash, 1), credit(revenue, 1)];
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 1]));
    for (const metadata of [
      many,
      { a: {} },
      { a: [] },
      { ['k'.repeat(65)]: 1 },
      { a: 'x'.repeat(1001) },
      [],
      [1],
      'text',
      1,
    ]) {
      await refuse(lines, 'invalid', { metadata });
    }
  });

  test('metadata with names that JavaScript keeps for itself, which would be lost', async () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const body = JSON.stringify({ description: 'A', lines: [debit(cash, 1), credit(revenue, 1)] });
      const answer = await books.owner.send('POST', '/api/transactions', {
        body: `${body.slice(0, -1)}, "metadata": {"${name}": 1}}`,
        headers: { 'content-type': 'application/json' },
      });
      expectProblem(answer, 422, 'invalid');
    }
  });

  test('a status that cannot be asked for', async () => {
    await refuse([debit(cash, 1), credit(revenue, 1)], 'invalid', { status: 'voided' });
  });
});

describe('who may post', () => {
  test('raw lines need a permission of their own', async () => {
    const lines = [debit(cash, 1), credit(revenue, 1)];
    const poster = books.tenant.as(await books.tenant.createKey({ role: ['transaction:post'] }));
    expectProblem(await poster.post('/api/transactions', { description: 'Raw', lines }), 403, 'forbidden');
    const typed = {
      type: 'adjustment',
      from: books.party.merchant,
      to: books.party.tenant,
      amount: { amount: 1, currency: 'USD' },
    };
    expect((await poster.post('/api/transactions', typed)).status).toBe(201);
  });

  test('a reader sees only the journals of books in scope', async () => {
    const posted = await books.post([
      debit(cash, 1),
      credit(revenue, 1),
      debit(books.account('merchant', 'cash'), 2),
      credit(books.account('merchant', 'revenue'), 2),
    ]);
    const reader = books.tenant.as(
      await books.tenant.createKey({ role: 'merchant_manager', merchant_id: books.party.merchant.id }),
    );
    const seen = (await reader.get(`/api/transactions/${posted.body.id}`)).body;
    expect(seen.journals.map(({ book_id }) => book_id)).toEqual([books.book.merchant]);
    const listed = (await reader.get('/api/transactions?limit=200')).body.data;
    expect(new Set(listed.flatMap(({ journals }) => journals.map(({ book_id }) => book_id)))).toEqual(
      new Set([books.book.merchant]),
    );
    const integrity = (await reader.get('/api/ledger/integrity')).body;
    expect((integrity.books as { book_id: string }[]).map(({ book_id }) => book_id)).toEqual([books.book.merchant]);
  });
});
