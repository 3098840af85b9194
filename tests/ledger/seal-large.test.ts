import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Books, openBooks } from './books.ts';
import { settle } from './sealed.ts';

let books: Books;

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.site.stop());

test('a batch with more journals than a block takes is sealed as a block of its own, also after ids that recorded nothing', async () => {
  await settle(books.tenant);
  const { merchant, org } = books.party;
  const one = { type: 'adjustment', from: merchant, to: org, amount: { amount: 1, currency: 'USD' } };
  for (let round = 0; round < 3; round += 1) {
    await books.tenant.rows('SELECT pg_current_xact_id()');
    const transactions = Array.from({ length: 600 }, () => one);
    expect((await books.owner.post('/api/transactions/batch', { transactions })).status).toBe(201);
  }
  await settle(books.tenant);
  const blocks = await books.tenant.rows(
    'SELECT journals::integer FROM seal_blocks WHERE journals > 1000 ORDER BY number',
  );
  expect(blocks).toEqual([{ journals: 1200 }, { journals: 1200 }, { journals: 1200 }]);
  const [left] = await books.tenant.rows(
    `SELECT count(*)::integer AS unsealed FROM transaction_journals j
     WHERE NOT EXISTS (SELECT FROM seal_leaves l WHERE l.kind = 'journal' AND l.id = j.id)`,
  );
  expect(left).toEqual({ unsealed: 0 });
});
