import { randomBytes } from 'node:crypto';
import { newToken } from '../../tenants/credentials.ts';
import { auditDoors } from './audit-doors.ts';
import { flagDoors } from './flag-doors.ts';
import { impersonationDoors } from './impersonation-doors.ts';
import { importDoors } from './import-doors.ts';
import { partyDoors } from './party-doors.ts';
import { paymentDoors } from './payment-doors.ts';
import { peopleDoors } from './people-doors.ts';
import { pipelineDoors } from './pipeline-doors.ts';
import { passkeyDoors, signInDoors } from './sign-in-doors.ts';
import { ssoDoors } from './sso-doors.ts';
import { MAPPING, newAccount, newFile, newStatement } from './statements.ts';
import { workspaceDoors } from './workspace-doors.ts';
import type { Kind, World } from './world.ts';

/** A request that the owner may make and that succeeds. */
export type Valid = { params?: { id: string }; query?: Record<string, string>; body?: Record<string, unknown> };

/** One row of the table that drives every HTTP door. */
export type DoorRow = {
  valid(world: World): Valid | Promise<Valid>;
  /** For doors with an id in the path: what it names. */
  kind?: Kind;
  /** An object of the same tenant that the scoped key may not see. */
  outside?: Kind;
  /** Fields that keep text: hostile text is stored and answered verbatim. */
  texts?: readonly string[];
  /** Everybody may ask; then this is how the door answers nobody. */
  openStatus?: number;
  /** Needs a session rather than a key. */
  needsSession?: boolean;
  /** Answers nothing without its parameters. */
  needsQuery?: boolean;
  /** Hashes a password at every well-formed try, so that only malformed ones are tried. */
  isSlow?: boolean;
};

/** A PNG of one dot. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const unique = (stem: string) => `${stem}-${randomBytes(6).toString('hex')}`;

const list: DoorRow = { valid: () => ({ query: { limit: '2' } }) };
const single = (kind: Kind, outside?: Kind): DoorRow => ({
  kind,
  ...(outside ? { outside } : {}),
  valid: ({ id }) => ({ params: { id: id[kind] } }),
});

const entry = (id: World['id']) => ({
  description: 'Takings',
  lines: [
    { account_id: id.account, side: 'debit', amount: 100 },
    { account_id: id.second_account, side: 'credit', amount: 100 },
  ],
});

async function posted({ owner }: World['tenant'], body: object): Promise<string> {
  return (await owner.post('/api/transactions', body)).body.id;
}

async function paidOut({ owner }: World['tenant'], id: World['id'], more: object = {}): Promise<string> {
  const amount = { amount: 5, currency: 'USD' };
  return (await owner.post('/api/payouts', { merchant_id: id.merchant, amount, ...more })).body.id;
}

async function accountOf({ owner }: World['tenant'], id: World['id']): Promise<string> {
  const body = { book_id: id.book, code: unique('A'), name: 'Till', type: 'asset', currency: 'USD' };
  return (await owner.post('/api/accounts', body)).body.id;
}

async function keyOf(tenant: World['tenant']): Promise<string> {
  const key = await tenant.createKey();
  const [row] = await tenant.rows('SELECT id FROM api_keys WHERE prefix = $1', [key.slice(0, 12)]);
  return String(row?.id);
}

async function emptyBook({ owner }: World['tenant'], id: World['id']): Promise<string> {
  const merchant = await owner.post('/api/merchants', { merchant_org_id: id.merchant_org, name: 'Short-lived' });
  return (await owner.get(`/api/books?party_id=${merchant.body.id}`)).body.data[0]!.id;
}

/** The last closed day of a book, and the end of the month after it: long before anything was posted. */
async function nextMonth({ owner }: World['tenant'], id: World['id']) {
  const { closed_through: last } = (await owner.get(`/api/periods?book_id=${id.book}`)).body;
  const day = new Date(`${last ?? '1949-12-31'}T00:00:00Z`);
  const next = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 2, 0));
  return { last, next: next.toISOString().slice(0, 10) };
}

/** Every operation with an HTTP door has a row here; one that is missing fails the suite. */
export const doorTable: Readonly<Record<string, DoorRow>> = {
  'tenant.list': list,
  'tenant.get': { valid: () => ({}) },
  'tenant_logo.set': { valid: () => ({ body: { image: PICTURE } }) },
  'tenant_logo.remove': { valid: () => ({}) },
  'branding.preview': { valid: () => ({ body: { brand_colour: '#b4236a' } }) },
  'tenant.update': { valid: () => ({ body: { name: 'Acme', locale: 'en-US' } }), texts: ['name', 'legal_name'] },
  'invitation.accept': {
    openStatus: 422,
    isSlow: true,
    valid: async ({ tenant }) => {
      const token = newToken();
      const [user] = await tenant.arrange(`INSERT INTO users (email, name) VALUES ($1, 'New') RETURNING id`, [
        `${unique('new')}@acme.test`,
      ]);
      await tenant.arrange(
        `INSERT INTO invitations (user_id, token_hash, expires_at)
         VALUES ($1, encode(sha256($2::bytea), 'hex'), now() + interval '1 day')`,
        [user?.id, token],
      );
      return { body: { token, name: 'New', password: 'correct horse battery' } };
    },
  },
  'session.create': { openStatus: 422, isSlow: true, valid: ({ staff }) => ({ body: { ...staff } }) },
  ...signInDoors,
  ...peopleDoors,
  ...impersonationDoors,
  ...passkeyDoors,
  ...ssoDoors,
  ...workspaceDoors,
  ...paymentDoors,
  ...flagDoors,
  'api_key.list': list,
  'api_key.create': {
    valid: ({ id }) => ({ body: { name: unique('Key'), role_id: id.role } }),
    texts: ['name'],
  },
  'api_key.get': single('api_key'),
  'api_key.rotate': {
    kind: 'api_key',
    valid: async ({ tenant }) => ({
      params: { id: await keyOf(tenant) },
      body: { overlap_hours: 1, expires_at: '2099-01-01T00:00:00Z' },
    }),
  },
  'api_key.revoke': { kind: 'api_key', valid: async ({ tenant }) => ({ params: { id: await keyOf(tenant) } }) },
  ...partyDoors,
  ...pipelineDoors,
  'book.list': list,
  'book.chart': single('book', 'outside_book'),
  'account.list': list,
  'account.get': single('account', 'outside_account'),
  'account.create': {
    valid: () => ({ body: { code: unique('A'), name: 'Till', type: 'asset', currency: 'USD' } }),
    texts: ['name'],
  },
  'account.update': {
    kind: 'account',
    outside: 'outside_account',
    valid: async ({ tenant, id }) => ({
      params: { id: await accountOf(tenant, id) },
      body: { name: 'Till', minimum_balance: 0, maximum_balance: 900 },
    }),
    texts: ['name'],
  },
  'account.close': {
    kind: 'account',
    outside: 'outside_account',
    valid: async ({ tenant, id }) => ({ params: { id: await accountOf(tenant, id) } }),
  },
  'account.reopen': {
    kind: 'account',
    outside: 'outside_account',
    valid: async ({ tenant, id }) => {
      const account = await accountOf(tenant, id);
      await tenant.owner.post(`/api/accounts/${account}/close`, {});
      return { params: { id: account } };
    },
  },
  'book.close': {
    kind: 'book',
    outside: 'outside_book',
    valid: async ({ tenant, id }) => ({ params: { id: await emptyBook(tenant, id) }, body: { reason: 'Sold' } }),
  },
  'book.reopen': {
    kind: 'book',
    outside: 'outside_book',
    valid: async ({ tenant, id }) => {
      const book = await emptyBook(tenant, id);
      await tenant.owner.post(`/api/books/${book}/close`, { reason: 'Sold' });
      return { params: { id: book }, body: { reason: 'Bought back' } };
    },
  },
  'period.list': { valid: ({ id }) => ({ query: { book_id: id.book, year: '2026' } }) },
  'period.readiness': {
    kind: 'book',
    outside: 'outside_book',
    valid: ({ id }) => ({ params: { id: id.book }, query: { through: '2026-01-31' } }),
  },
  'period.close': {
    kind: 'book',
    outside: 'outside_book',
    valid: async ({ tenant, id }) => ({
      params: { id: id.book },
      body: { through: (await nextMonth(tenant, id)).next, book_ids: [id.book] },
    }),
  },
  'period.reopen': {
    kind: 'book',
    outside: 'outside_book',
    valid: async ({ tenant, id }) => {
      const other = tenant.as(await tenant.createKey());
      const { last, next } = await nextMonth(tenant, id);
      await other.post(`/api/books/${id.book}/close-period`, { through: next });
      return { params: { id: id.book }, body: { through: last, reason: 'A bill came late' } };
    },
  },
  'account.balance': single('account', 'outside_account'),
  'account.statement': single('account', 'outside_account'),
  'transaction.list': list,
  'transaction.get': single('transaction', 'outside_transaction'),
  'transaction.create': {
    valid: ({ id }) => ({
      body: {
        description: 'Takings',
        external_id: unique('ext'),
        metadata: { visits: 3, paid: true },
        lines: [
          { account_id: id.account, side: 'debit', amount: 100, memo: 'till' },
          { account_id: id.second_account, side: 'credit', amount: 100 },
        ],
      },
    }),
    texts: ['description'],
  },
  'transaction.create_batch': {
    valid: ({ id }) => ({ body: { transactions: [entry(id), { ...entry(id), external_id: unique('ext') }] } }),
  },
  'transaction.preview': { valid: ({ id }) => ({ body: entry(id) }), texts: ['description'] },
  'transaction.post': {
    kind: 'transaction',
    outside: 'outside_transaction',
    valid: async ({ tenant, id }) => ({
      params: { id: await posted(tenant, { ...entry(id), status: 'pending' }) },
      body: { amount: 60 },
    }),
  },
  'transaction.void': {
    kind: 'transaction',
    outside: 'outside_transaction',
    valid: async ({ tenant, id }) => ({
      params: { id: await posted(tenant, { ...entry(id), status: 'pending' }) },
      body: { reason: 'Gone' },
    }),
    texts: ['reason'],
  },
  'transaction.reverse': {
    kind: 'transaction',
    outside: 'outside_transaction',
    valid: async ({ tenant, id }) => ({
      params: { id: await posted(tenant, entry(id)) },
      body: { reason: 'Typed wrong' },
    }),
    texts: ['reason'],
  },
  'transaction.trace': single('transaction', 'outside_transaction'),
  'report.flow_of_funds': { valid: () => ({ query: { from: '2026-01-01', to: '2026-01-31', currency: 'USD' } }) },
  'transaction_journal.list': list,
  'transaction_journal.get': single('journal', 'outside_journal'),
  'payout.list': list,
  'payout.get': single('payout', 'outside_payout'),
  'payout_balance.list': list,
  'payout.create': {
    valid: ({ id }) => ({
      body: { merchant_id: id.merchant, amount: { amount: 5, currency: 'USD' }, destination: 'Bank ••42' },
    }),
    texts: ['description', 'destination'],
  },
  'payout.settle': {
    kind: 'payout',
    outside: 'outside_payout',
    valid: async ({ tenant, id }) => ({ params: { id: await paidOut(tenant, id) }, body: {} }),
  },
  'payout.fail': {
    kind: 'payout',
    outside: 'outside_payout',
    valid: async ({ tenant, id }) => ({
      params: { id: await paidOut(tenant, id) },
      body: { reason: 'Account closed' },
    }),
    texts: ['reason'],
  },
  'payout.cancel': {
    kind: 'payout',
    outside: 'outside_payout',
    valid: async ({ tenant, id }) => ({
      params: { id: await paidOut(tenant, id, { scheduled_for: '2999-01-01' }) },
      body: { reason: 'Not yet' },
    }),
    texts: ['reason'],
  },
  'report.trial_balance': { valid: ({ id }) => ({ query: { book_id: id.book, at: '2026-06-30' } }) },
  'report.balance_sheet': { valid: ({ id }) => ({ query: { merchant_org_id: id.merchant_org } }) },
  'report.income_statement': { valid: () => ({ query: { from: '2026-01-01', to: '2026-06-30' } }) },
  'ledger.integrity': { valid: () => ({}) },
  'ledger.verify': { valid: () => ({ body: {} }) },
  'ledger.export': { valid: () => ({ query: { format: 'csv', from: '2000-01-01' } }) },
  'overview.get': { valid: () => ({}) },
  'statement_source.list': list,
  'statement_source.get': single('statement_source', 'outside_statement_source'),
  'statement_source.create': {
    valid: async ({ tenant, id }) => ({
      body: { name: 'Bank', account_id: await newAccount(tenant, id.book), mapping: MAPPING },
    }),
    texts: ['name'],
  },
  'statement_source.update': {
    kind: 'statement_source',
    outside: 'outside_statement_source',
    valid: ({ id }) => ({
      params: { id: id.statement_source },
      body: { name: 'Bank', rules: [{ match: 'amount', days: 3, tolerance: 1 }] },
    }),
    texts: ['name'],
  },
  'statement.preview': {
    valid: ({ id }) => ({ body: { source_id: id.statement_source, csv: newFile(), mapping: MAPPING } }),
  },
  'statement.import': {
    valid: ({ id }) => ({ body: { source_id: id.statement_source, csv: newFile(), file_name: 'march.csv' } }),
    texts: ['file_name'],
  },
  'statement.list': list,
  'statement.get': single('statement', 'outside_statement'),
  'statement.discard': {
    kind: 'statement',
    outside: 'outside_statement',
    valid: async ({ tenant, id }) => ({
      params: { id: (await newStatement(tenant, id.book, { isMatched: false })).statement },
    }),
  },
  'statement_line.list': list,
  'reconciliation.ledger_lines': single('statement', 'outside_statement'),
  'reconciliation.suggest': single('statement', 'outside_statement'),
  'reconciliation.list_matches': list,
  'reconciliation.match': {
    valid: async ({ tenant, id }) => {
      const { body, other } = await newStatement(tenant, id.book, { isMatched: false });
      return { body: { ...body, ledger_lines: [], difference: { account_id: other, description: 'Rest' } } };
    },
  },
  'reconciliation.unmatch': {
    kind: 'match',
    outside: 'outside_match',
    valid: async ({ tenant, id }) => ({
      params: { id: (await newStatement(tenant, id.book, { isMatched: true })).match },
    }),
  },
  'reconciliation.auto_match': {
    kind: 'statement',
    outside: 'outside_statement',
    valid: async ({ tenant, id }) => ({
      params: { id: (await newStatement(tenant, id.book, { isMatched: false })).statement },
      body: { minimum_score: 0.8 },
    }),
  },
  'reconciliation.sign_off': {
    kind: 'statement',
    outside: 'outside_statement',
    valid: async ({ tenant, id }) => ({
      params: { id: (await newStatement(tenant, id.book, { isMatched: true })).statement },
      body: { note: 'Checked' },
    }),
    texts: ['note'],
  },
  'reconciliation.reopen': {
    kind: 'statement',
    outside: 'outside_statement',
    valid: async ({ tenant, id }) => {
      const { statement } = await newStatement(tenant, id.book, { isMatched: true });
      const other = tenant.as(await tenant.createKey());
      await other.post(`/api/reconciliation/statements/${statement}/sign-off`, {});
      return { params: { id: statement }, body: { reason: 'Look again' } };
    },
  },
  'reconciliation.report': single('statement', 'outside_statement'),
  ...auditDoors,
  ...importDoors,
  'health.get': { valid: () => ({}) },
  'job.list': list,
  'job.get': single('job'),
  'session.delete': { openStatus: 401, needsSession: true, valid: () => ({}) },
};
