import { randomBytes } from 'node:crypto';
import { newToken } from '../../tenants/credentials.ts';
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
  /** Hashes a password at every well-formed try, so that only malformed ones are tried. */
  isSlow?: boolean;
};

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

/** Every operation with an HTTP door has a row here; one that is missing fails the suite. */
export const doorTable: Readonly<Record<string, DoorRow>> = {
  'tenant.list': list,
  'tenant.get': { valid: () => ({}) },
  'tenant.update': { valid: () => ({ body: { name: 'Acme', locale: 'en-US' } }), texts: ['name', 'legal_name'] },
  'user.list': list,
  'user.get': single('user'),
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
  'role.list': list,
  'role.get': single('role'),
  'api_key.list': list,
  'api_key.create': {
    valid: ({ id }) => ({ body: { name: unique('Key'), role_id: id.role } }),
    texts: ['name'],
  },
  'api_key.revoke': {
    kind: 'api_key',
    valid: async ({ tenant }) => {
      const key = await tenant.createKey();
      const [row] = await tenant.rows('SELECT id FROM api_keys WHERE prefix = $1', [key.slice(0, 12)]);
      return { params: { id: String(row?.id) } };
    },
  },
  'merchant_org.list': list,
  'merchant_org.get': single('merchant_org', 'outside_merchant_org'),
  'merchant_org.create': {
    valid: () => ({ body: { name: 'Harbor', legal_name: 'Harbor LLC', email: 'office@harbor.test', phone: '1' } }),
    texts: ['name', 'legal_name', 'phone', 'tax_id'],
  },
  'merchant_org.update': {
    kind: 'merchant_org',
    outside: 'outside_merchant_org',
    valid: ({ id }) => ({ params: { id: id.merchant_org }, body: { name: 'Inside', tax_id: null } }),
    texts: ['name', 'legal_name', 'phone', 'tax_id'],
  },
  'merchant.list': list,
  'merchant.get': single('merchant', 'outside_merchant'),
  'merchant.create': {
    valid: ({ id }) => ({
      body: { merchant_org_id: id.merchant_org, name: 'Pine Hair', currency: 'EUR', time_zone: 'Europe/Paris' },
    }),
    texts: ['name', 'public_name', 'phone'],
  },
  'merchant.update': {
    kind: 'merchant',
    outside: 'outside_merchant',
    valid: ({ id }) => ({ params: { id: id.merchant }, body: { name: 'Inside', vertical: 'fitness' } }),
    texts: ['name', 'public_name', 'phone'],
  },
  'book.list': list,
  'account.list': list,
  'account.get': single('account', 'outside_account'),
  'account.create': {
    valid: () => ({ body: { code: unique('A'), name: 'Till', type: 'asset', currency: 'USD' } }),
    texts: ['name'],
  },
  'account.balance': single('account', 'outside_account'),
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
  'transaction_journal.list': list,
  'transaction_journal.get': single('journal', 'outside_journal'),
  'ledger.integrity': { valid: () => ({}) },
  'overview.get': { valid: () => ({}) },
  'audit.list': list,
  'audit.get': single('audit_event'),
  'job.list': list,
  'job.get': single('job'),
  'session.delete': { openStatus: 401, needsSession: true, valid: () => ({}) },
};
