import { randomUUID } from 'node:crypto';
import type { Answer, Client, Question } from './client.ts';

type Consumer = { slug: string; apiKey: string };

/**
 * Walks through the API as its first consumer would: parties, accounts, postings good and bad, replays, lists, integrity.
 * @throws Error naming the first step that answered another status than it must
 */
export async function smokeApi(client: Client, consumer: Consumer): Promise<void> {
  const expect = async (status: number, path: string, question?: Question): Promise<Answer> => {
    const answered = await client.api(consumer, path, question);
    if (answered.status === status) return answered;
    throw new Error(
      `${question?.method ?? (question?.json ? 'POST' : 'GET')} ${path}: ${answered.status}, not ${status}: ${answered.text}`,
    );
  };
  const create = async (path: string, json: object): Promise<string> =>
    JSON.parse((await expect(201, path, { json })).text).id;

  const unique = randomUUID().slice(0, 8);
  const org = await create('/api/merchant-orgs', { name: `Org ${unique}` });
  const merchant = await create('/api/merchants', { merchant_org_id: org, name: `Shop ${unique}` });
  await expect(200, `/api/merchants/${merchant}`, { method: 'PATCH', json: { name: `Shop ${unique} and sons` } });
  await expect(404, `/api/merchants/${randomUUID()}`);
  const account = (code: string) => ({ code: `${code}-${unique}`, name: code, type: 'asset', currency: 'USD' });
  const debit = await create('/api/accounts', account('till'));
  const credit = await create('/api/accounts', account('safe'));
  await expect(409, '/api/accounts', { json: account('till') });

  const posting = (debits: number, credits: number) => ({
    description: `Smoke ${unique}`,
    lines: [
      { account_id: debit, side: 'debit', amount: debits },
      { account_id: credit, side: 'credit', amount: credits },
    ],
  });
  const headers = { 'idempotency-key': randomUUID() };
  const first = await expect(201, '/api/transactions', { json: posting(500, 500), headers });
  const again = await expect(201, '/api/transactions', { json: posting(500, 500), headers });
  if (again.text !== first.text || again.headers['idempotent-replayed'] !== 'true')
    throw new Error('A replay answers something else');
  await expect(409, '/api/transactions', { json: posting(600, 600), headers });
  const refused = await expect(422, '/api/transactions', { json: posting(500, 400) });
  if (JSON.parse(refused.text).code !== 'unbalanced') throw new Error(`Unbalanced was answered ${refused.text}`);
  await expect(200, `/api/transactions/${JSON.parse(first.text).id}`);
  for (const list of ['transactions', 'transaction-journals', 'users', 'roles', 'audit-logs', 'merchants', 'tenants']) {
    await expect(200, `/api/${list}`);
  }
  const integrity = await expect(200, '/api/ledger/integrity');
  if (JSON.parse(integrity.text).balanced !== true) throw new Error(`The ledger is not balanced: ${integrity.text}`);
}
