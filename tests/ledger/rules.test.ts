import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { type Books, openBooks } from './books.ts';

let books: Books;
const usd = (amount: number) => ({ amount, currency: 'USD' });
const named = (id: string) => ({ type: 'account', id });

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.site.stop());

const post = (type: string, from: object, to: object, more: object = {}) =>
  books.owner.post('/api/transactions', { type, from, to, amount: usd(250), ...more });

/** The lines of a posting as `book: side purpose → counterparty`. */
async function linesOf(answer: Awaited<ReturnType<typeof post>>): Promise<string[]> {
  expect(answer.status, answer.text).toBe(201);
  const accounts = (await books.owner.get('/api/accounts?limit=200')).body.data;
  const nameOf = (book: unknown) => Object.entries(books.book).find(([, id]) => id === book)?.[0];
  return answer.body.journals
    .flatMap(({ book_id, lines }) =>
      lines.map(
        (line) =>
          `${nameOf(book_id)}: ${line.side} ${accounts.find(({ id }) => id === line.account_id)?.purpose} ${line.amount} → ${nameOf(line.counterparty_book_id) ?? 'nobody'}`,
      ),
    )
    .sort();
}

async function refuse(code: string, type: string, from: object, to: object, more: object = {}) {
  const before = await books.tenant.contents();
  const answer = await post(type, from, to, more);
  expectProblem(answer, 422, code);
  expect(await books.tenant.contents()).toEqual(before);
}

describe('between parties', () => {
  test('a transfer moves cash and what each owes the other, in both books', async () => {
    expect(await linesOf(await post('transfer', books.party.merchant, books.party.tenant))).toEqual([
      'merchant: credit cash 250 → nobody',
      'merchant: debit due_from_related 250 → tenant',
      'tenant: credit due_to_related 250 → merchant',
      'tenant: debit cash 250 → nobody',
    ]);
  });

  test('an adjustment is an expense of one and an income of the other', async () => {
    expect(await linesOf(await post('adjustment', books.party.tenant, books.party.org))).toEqual([
      'org: credit adjustment_income 250 → tenant',
      'org: debit due_from_related 250 → tenant',
      'tenant: credit due_to_related 250 → org',
      'tenant: debit adjustment_expense 250 → org',
    ]);
  });

  test('keeps the type, both parties and the amount', async () => {
    const posted = await post('transfer', books.party.org, books.party.merchant, { description: 'Loan' });
    const { from, to, amount, description, type } = posted.body;
    expect({ from, to, amount, description, type }).toEqual({
      from: books.party.org,
      to: books.party.merchant,
      amount: usd(250),
      description: 'Loan',
      type: 'transfer',
    });
  });

  test('opens the accounts of a currency that a party meets for the first time, once, whoever comes first', async () => {
    const { merchant, otherMerchant } = books.party;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        post('transfer', index % 2 ? merchant : otherMerchant, index % 2 ? otherMerchant : merchant, {
          amount: { amount: 10, currency: 'JPY' },
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    const opened = await books.tenant.rows(
      `SELECT book_id, count(*)::integer AS n FROM accounts WHERE currency = 'JPY' GROUP BY book_id`,
    );
    expect(opened.map(({ n }) => n)).toEqual([22, 22]);
  });

  test('one and the same party is refused, and an id in capitals is none', async () => {
    const { merchant } = books.party;
    await refuse('rule_violation', 'transfer', merchant, merchant);
    await refuse('invalid', 'transfer', merchant, { ...merchant, id: merchant.id.toUpperCase() });
  });

  test('a party that is absent, of another kind, or out of scope does not exist', async () => {
    const { merchant, org, tenant, otherMerchant } = books.party;
    await refuse('party_not_found', 'transfer', merchant, {
      type: 'merchant',
      id: '0190a0a0-0000-7000-8000-000000000000',
    });
    await refuse('party_not_found', 'transfer', tenant, { type: 'merchant', id: org.id });
    const scoped = books.tenant.as(await books.tenant.createKey({ role: 'owner', merchant_org_id: org.id }));
    const between = (to: object) => ({ type: 'transfer', from: merchant, to, amount: usd(1) });
    expect((await scoped.post('/api/transactions', between(org))).status).toBe(201);
    expectProblem(await scoped.post('/api/transactions', between(otherMerchant)), 422, 'party_not_found');
    expectProblem(await scoped.post('/api/transactions', between(tenant)), 422, 'party_not_found');
  });
});

describe('between accounts', () => {
  const account = (purpose: string) => named(books.account('tenant', purpose));

  test('a transfer moves from one to the other', async () => {
    expect(await linesOf(await post('transfer', account('cash'), account('payable')))).toEqual([
      'tenant: credit cash 250 → nobody',
      'tenant: debit payable 250 → nobody',
    ]);
  });

  test('a transfer joins balance sheet accounts only, an adjustment needs equity, revenue or expense', async () => {
    await refuse('rule_violation', 'transfer', account('cash'), account('revenue'));
    await refuse('rule_violation', 'transfer', account('operating_expense'), account('cash'));
    await refuse('rule_violation', 'adjustment', account('cash'), account('payable'));
    expect((await post('adjustment', account('revenue'), account('cash'))).status).toBe(201);
    expect((await post('adjustment', account('cash'), account('equity'))).status).toBe(201);
  });

  test('both are in one book, and are two', async () => {
    await refuse('rule_violation', 'transfer', account('cash'), named(books.account('merchant', 'cash')));
    await refuse('rule_violation', 'transfer', account('cash'), account('cash'));
    const shouted = named(books.account('tenant', 'cash').toUpperCase());
    await refuse('invalid', 'transfer', account('cash'), shouted);
  });

  test('an account does not meet a party', async () => {
    await refuse('rule_violation', 'transfer', account('cash'), books.party.merchant);
    await refuse('rule_violation', 'transfer', books.party.merchant, account('cash'));
  });

  test('both are in the currency of the amount', async () => {
    await refuse('currency_mismatch', 'transfer', account('cash'), account('payable'), {
      amount: { amount: 1, currency: 'EUR' },
    });
  });

  test('one that is absent is not found', async () => {
    await refuse('account_not_found', 'transfer', named('0190a0a0-0000-7000-8000-000000000000'), account('cash'));
  });
});

test('a type without a rule, and a currency that ISO 4217 does not have, are refused', async () => {
  const { merchant, tenant } = books.party;
  await refuse('invalid', 'gift', merchant, tenant);
  await refuse('invalid', 'transfer', merchant, tenant, { amount: { amount: 1, currency: 'XXQ' } });
  await refuse('invalid', 'transfer', merchant, tenant, { amount: { amount: 1, currency: 'usd' } });
  await refuse('invalid', 'transfer', merchant, tenant, { lines: [] });
});
