import { hashSecret } from '../../tenants/credentials.ts';
import { Authenticator, ownPasskey } from '../support/authenticator.ts';
import type { TestTenant } from '../support/tenant.ts';
import { newAlert, newErasure, savedBy } from './audit-objects.ts';
import { newFlag } from './flag-doors.ts';
import { newImpersonation } from './impersonation-doors.ts';
import { type ImportKind, newImport } from './import-doors.ts';
import { newTransfer } from './party-doors.ts';
import { newPayments, type PaymentKind, paymentsOutside } from './payment-doors.ts';
import { newAssignment, newUser } from './people-doors.ts';
import { newActivity, newProspect } from './pipeline-doors.ts';
import { openSessionOf } from './sign-in-doors.ts';
import { newConnection } from './sso-doors.ts';
import { newStatement } from './statements.ts';
import { asOutside, newWorkspace, type WorkspaceKind } from './workspace-doors.ts';

/** One object of every kind in a tenant, and callers who may do less. */
export type World = {
  tenant: TestTenant;
  id: Record<Kind, string>;
  keys: {
    /** A role without any permission. */
    nothing: string;
    revoked: string;
    expired: string;
    /** Every permission, but within the first MerchantOrg only. */
    scoped: string;
  };
  staff: { email: string; password: string };
  /** Cookies of people at a browser. */
  cookies: {
    staff: string;
    /** Signed out. */
    revoked: string;
    expired: string;
    /** A role without any permission. */
    nothing: string;
    /** Every permission, but within the first MerchantOrg only. */
    scoped: string;
  };
};

export type Kind =
  | WorkspaceKind
  | PaymentKind
  | ImportKind
  | 'user'
  | 'role'
  | 'role_assignment'
  | 'outside_user'
  | 'outside_role_assignment'
  | 'session'
  | 'passkey'
  | 'api_key'
  | 'impersonation'
  | 'outside_impersonation'
  | 'sso_connection'
  | 'merchant_org'
  | 'merchant'
  | 'merchant_transfer'
  | 'book'
  | 'account'
  | 'second_account'
  | 'transaction'
  | 'journal'
  | 'audit_event'
  | 'audit_erasure'
  | 'saved_search'
  | 'own_view'
  | 'alert'
  | 'alert_rule'
  | 'feature_flag'
  | 'prospect'
  | 'prospect_activity'
  | 'job'
  | 'payout'
  | 'outside_payout'
  | 'statement_source'
  | 'statement'
  | 'match'
  | 'outside_statement_source'
  | 'outside_statement'
  | 'outside_match'
  | 'outside_merchant_org'
  | 'outside_merchant'
  | 'outside_account'
  | 'outside_book'
  | 'outside_transaction'
  | 'outside_journal';

/** Fills a tenant through its operations. Whatever is called outside lies under another MerchantOrg than the rest. */
export async function createWorld(tenant: TestTenant): Promise<World> {
  const { owner } = tenant;
  const inside = await createParties(tenant, 'Inside');
  const outside = await createParties(tenant, 'Outside');
  const workspace = {
    inside: await newWorkspace(tenant, inside.merchant),
    outside: await newWorkspace(tenant, outside.merchant),
  };
  const staff = { email: `staff@${tenant.slug}.test`, password: 'correct horse battery' };
  await tenant.createUser(staff);
  const prospect = await newProspect(tenant);
  const first = async (path: string) => (await owner.get(path)).body.data[0]!.id;
  const [revoked, expired, scoped] = [
    await tenant.createKey(),
    await tenant.createKey({ expires_at: '2020-01-01T00:00:00Z' }),
    await tenant.createKey({ role: 'owner', merchant_org_id: inside.merchant_org }),
  ];
  await tenant.arrange('UPDATE api_keys SET revoked_at = now() WHERE prefix = $1', [revoked.slice(0, 12)]);
  const cookies = await createCookies(tenant, staff, inside.merchant_org);
  return {
    tenant,
    id: {
      ...inside,
      ...(await createPeople(tenant, inside.merchant_org, outside.merchant_org)),
      role: await first('/api/roles'),
      session: await openSessionOf(tenant, staff.email),
      passkey: await ownPasskey(tenant, staff.email, new Authenticator()),
      api_key: await first('/api/api-keys'),
      impersonation: await newImpersonation(tenant, inside.merchant),
      outside_impersonation: await newImpersonation(tenant, outside.merchant),
      sso_connection: await newConnection(tenant),
      audit_event: await first('/api/audit-logs'),
      audit_erasure: await newErasure(owner),
      saved_search: await savedBy(owner),
      own_view: await savedBy(tenant.as({ cookie: cookies.staff, origin: tenant.origin })),
      alert: await newAlert(tenant),
      alert_rule: await first('/api/alert-rules'),
      feature_flag: await newFlag(tenant),
      prospect,
      merchant_transfer: (await newTransfer(tenant, inside.merchant_org)).id,
      prospect_activity: await newActivity(tenant, prospect),
      job: await first('/api/jobs'),
      ...workspace.inside,
      ...asOutside(workspace.outside),
      ...(await newPayments(tenant, { ...inside, ...workspace.inside })),
      ...paymentsOutside(await newPayments(tenant, { ...outside, ...workspace.outside })),
      import: await newImport(tenant, inside.merchant),
      outside_import: await newImport(tenant, outside.merchant),
      outside_merchant_org: outside.merchant_org,
      outside_merchant: outside.merchant,
      outside_account: outside.account,
      outside_book: outside.book,
      outside_transaction: outside.transaction,
      outside_journal: outside.journal,
      outside_payout: outside.payout,
      outside_statement_source: outside.statement_source,
      outside_statement: outside.statement,
      outside_match: outside.match,
    },
    keys: { nothing: await tenant.createKey({ role: [] }), revoked, expired, scoped },
    staff,
    cookies,
  };
}

async function createPeople(tenant: TestTenant, inside: string, outside: string) {
  const [user, stranger] = [await newUser(tenant, inside), await newUser(tenant, outside)];
  return {
    user,
    role_assignment: await newAssignment(tenant, user, inside),
    outside_user: stranger,
    outside_role_assignment: await newAssignment(tenant, stranger, outside),
  };
}

async function createCookies(tenant: TestTenant, staff: World['staff'], org: string): Promise<World['cookies']> {
  const signIn = async (as: World['staff']) => {
    const signedIn = await tenant.as(null).post('/api/sessions', as);
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0];
    if (signedIn.status !== 201 || !cookie) throw new Error(`Sign-in failed: ${signedIn.text}`);
    return cookie;
  };
  const nobody = { ...staff, email: `nothing@${tenant.slug}.test` };
  const manager = { ...staff, email: `scoped@${tenant.slug}.test` };
  await tenant.createUser({ ...nobody, role: [] });
  await tenant.createUser({ ...manager, role: 'owner', merchant_org_id: org });
  const [revoked, expired] = [await signIn(staff), await signIn(staff)];
  await tenant.as({ cookie: revoked, origin: tenant.origin }).delete('/api/sessions/current');
  await tenant.arrange(`UPDATE sessions SET expires_at = '2020-01-01' WHERE id = $1`, [
    hashSecret(expired.split('=')[1] ?? ''),
  ]);
  return {
    staff: await signIn(staff),
    revoked,
    expired,
    nothing: await signIn(nobody),
    scoped: await signIn(manager),
  };
}

async function createParties(tenant: TestTenant, name: string) {
  const { owner } = tenant;
  const org = (await owner.post('/api/merchant-orgs', { name })).body;
  const merchant = (await owner.post('/api/merchants', { merchant_org_id: org.id, name })).body;
  const book = (await owner.get(`/api/books?party_type=merchant&party_id=${merchant.id}`)).body.data[0]!;
  const accounts = (await owner.get(`/api/accounts?book_id=${book.id}`)).body.data;
  const [account, second] = [accounts[0]!.id, accounts[1]!.id];
  const posted = await owner.post('/api/transactions', {
    description: name,
    lines: [
      { account_id: account, side: 'debit', amount: 500 },
      { account_id: second, side: 'credit', amount: 500 },
    ],
  });
  const to = { type: 'merchant', id: merchant.id };
  const takings = { type: 'payment', category: 'full', to, amount: { amount: 1_000_000, currency: 'USD' } };
  await owner.post('/api/transactions', takings);
  const payout = await owner.post('/api/payouts', {
    merchant_id: merchant.id,
    amount: { amount: 100, currency: 'USD' },
  });
  const journal = (await owner.get(`/api/transaction-journals?transaction_id=${posted.body.id}`)).body.data[0]!;
  const { source, statement, match } = await newStatement(tenant, book.id, { isMatched: true });
  return {
    merchant_org: org.id,
    merchant: merchant.id,
    book: book.id,
    account,
    second_account: second,
    transaction: posted.body.id,
    journal: journal.id,
    payout: payout.body.id,
    statement_source: source,
    statement,
    match,
  };
}
