import type { Answer, Client } from './door.ts';
import type { Holding, TestTenant } from './tenant.ts';

export const password = 'correct horse battery';
export const REASON = 'Ticket 4711: the price list looks wrong';

export type Parties = { org: string; merchant: string; sibling: string; other_org: string; other: string };

/** Two MerchantOrgs; the first has two merchants. */
export async function createParties({ owner }: TestTenant): Promise<Parties> {
  const org = async (name: string) => (await owner.post('/api/merchant-orgs', { name })).body.id;
  const merchant = async (merchant_org_id: string, name: string) =>
    (await owner.post('/api/merchants', { merchant_org_id, name })).body.id;
  const [first, second] = [await org('Harbor'), await org('Summit')];
  return {
    org: first,
    merchant: await merchant(first, 'Harbor Spa'),
    sibling: await merchant(first, 'Harbor Gym'),
    other_org: second,
    other: await merchant(second, 'Summit Spa'),
  };
}

export type Person = { id: string; email: string; cookie: string; client: Client };

/** Somebody at a browser of their own. */
export async function signInAs(tenant: TestTenant, email: string): Promise<{ cookie: string; client: Client }> {
  const signedIn = await tenant.as(null).post('/api/sessions', { email, password });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0];
  if (signedIn.status !== 201 || !cookie) throw new Error(`Sign-in failed: ${signedIn.text}`);
  return { cookie, client: tenant.as({ cookie, origin: tenant.origin }) };
}

let people = 0;

/** A person with one role, signed in. */
export async function newPerson(tenant: TestTenant, holding: Holding): Promise<Person> {
  people += 1;
  const email = `person-${people}@acme.test`;
  const id = await tenant.createUser({ email, password, ...holding });
  return { id, email, ...(await signInAs(tenant, email)) };
}

/** Gives somebody one more role. */
export async function assign(tenant: TestTenant, userId: string, role: string, holding: Holding = {}): Promise<void> {
  await tenant.arrange(
    `INSERT INTO role_assignments (user_id, role_id, merchant_org_id, merchant_id, expires_at)
     SELECT $1, r.id, $3, $4, $5 FROM roles r WHERE r.key = $2`,
    [userId, role, holding.merchant_org_id, holding.merchant_id, holding.expires_at],
  );
}

export function startViewing(by: Client, user_id: string, more: object = {}): Promise<Answer> {
  return by.post('/api/impersonations', { user_id, reason: REASON, minutes: 30, ...more });
}

export function stepUp(by: Client, more: object = {}): Promise<Answer> {
  return by.post('/api/impersonations/current/step-up', { password, ...more });
}
