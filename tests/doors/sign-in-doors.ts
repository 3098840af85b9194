import { randomBytes } from 'node:crypto';
import { newChallenge } from '../../server/auth/passkeys.ts';
import { sealerOf } from '../../server/auth/sealer.ts';
import { newTotpSecret } from '../../server/auth/totp.ts';
import { newToken } from '../../tenants/credentials.ts';
import { Authenticator, ownPasskey } from '../support/authenticator.ts';
import { codeOf, ownFactor } from '../support/second-factor.ts';
import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';
import { newRole } from './people-doors.ts';

/** A session of somebody, by its handle: nobody knows its secret. */
export async function openSessionOf(tenant: TestTenant, email: string): Promise<string> {
  const [row] = await tenant.rows(
    `INSERT INTO sessions (id, user_id, expires_at)
     SELECT $1, u.id, now() + interval '1 day' FROM users u WHERE u.email = $2
     RETURNING handle`,
    [randomBytes(32).toString('hex'), email],
  );
  return String(row?.handle);
}

const own: Pick<DoorRow, 'openStatus' | 'needsSession' | 'isSlow'> = {
  openStatus: 401,
  needsSession: true,
  isSlow: true,
};

const unique = (stem: string) => `${stem}-${randomBytes(6).toString('hex')}`;

/** The doors of sessions, passwords and the second factor: what needs a factor starts from one in the state that it needs. */
export const signInDoors: Readonly<Record<string, DoorRow>> = {
  'session.list': { openStatus: 401, valid: () => ({}) },
  'session.revoke': {
    openStatus: 401,
    kind: 'session',
    needsSession: true,
    valid: async ({ tenant, staff }) => ({ params: { id: await openSessionOf(tenant, staff.email) } }),
  },
  'session.revoke_others': { openStatus: 401, needsSession: true, valid: () => ({}) },
  'password.change': {
    openStatus: 401,
    needsSession: true,
    isSlow: true,
    valid: ({ staff }) => ({ body: { current_password: staff.password, password: staff.password } }),
  },
  'password_reset.request': { openStatus: 422, valid: () => ({ body: { email: 'nobody@acme.test' } }) },
  'password_reset.use': {
    openStatus: 422,
    isSlow: true,
    valid: async ({ tenant }) => {
      const token = newToken();
      const id = await tenant.createUser({ email: `${unique('forgot')}@acme.test`, password: 'x', role: 'auditor' });
      await tenant.arrange(
        `INSERT INTO password_resets (user_id, token_hash, expires_at)
         VALUES ($1, encode(sha256($2::bytea), 'hex'), now() + interval '1 hour')`,
        [id, token],
      );
      return { body: { token, password: 'correct horse battery' } };
    },
  },

  'mailbox.list': { valid: () => ({ query: { limit: '2' } }) },
  'second_factor.get': { openStatus: 401, valid: () => ({}) },
  'second_factor.begin': {
    ...own,
    valid: async ({ tenant, staff }) => {
      await ownFactor(tenant, staff.email, null);
      return { body: { password: staff.password } };
    },
  },
  'second_factor.confirm': {
    ...own,
    valid: async ({ tenant, staff }) => {
      const secret = newTotpSecret();
      await ownFactor(tenant, staff.email, secret, false);
      return { body: { totp: await codeOf(secret) } };
    },
  },
  'second_factor.renew_codes': { ...own, valid: ({ tenant, staff }) => proven(tenant, staff) },
  'second_factor.disable': { ...own, valid: ({ tenant, staff }) => proven(tenant, staff) },
  'second_factor.reset': { kind: 'user', valid: ({ id }) => ({ params: { id: id.user } }) },
  'second_factor.requirements': { valid: () => ({}) },
  'second_factor.require': {
    kind: 'role',
    valid: async ({ tenant }) => ({ params: { id: await newRole(tenant) }, body: { required: false } }),
  },
};

/** The doors of passkeys, with an authenticator of their own. */
export const passkeyDoors: Readonly<Record<string, DoorRow>> = {
  'passkey.list': { openStatus: 401, valid: () => ({}) },
  'passkey.begin': { ...own, valid: ({ staff }) => ({ body: { password: staff.password } }) },
  'passkey.create': {
    openStatus: 401,
    needsSession: true,
    valid: async ({ tenant, staff }) => {
      const [user] = await tenant.rows('SELECT id FROM users WHERE email = $1', [staff.email]);
      // Hostile values add many.
      await tenant.arrange(`DELETE FROM passkeys WHERE user_id = $1 AND name <> 'Laptop'`, [user?.id]);
      const challenge = await challengeFor(tenant, String(user?.id));
      return { body: { name: 'Phone', credential: new Authenticator().make({ origin: tenant.origin, challenge }) } };
    },
  },
  'passkey.rename': {
    openStatus: 401,
    kind: 'passkey',
    needsSession: true,
    valid: ({ id }) => ({ params: { id: id.passkey }, body: { name: 'Laptop' } }),
  },
  'passkey.remove': {
    ...own,
    kind: 'passkey',
    valid: async ({ tenant, staff }) => ({
      params: { id: await ownPasskey(tenant, staff.email, new Authenticator()) },
      body: { password: staff.password },
    }),
  },
  'passkey.challenge': { openStatus: 200, valid: () => ({}) },
  'passkey.sign_in': {
    openStatus: 422,
    valid: async ({ tenant, staff }) => {
      const [user] = await tenant.rows('SELECT id FROM users WHERE email = $1', [staff.email]);
      const authenticator = new Authenticator();
      await ownPasskey(tenant, staff.email, authenticator);
      const challenge = await challengeFor(tenant, null);
      return { body: { credential: authenticator.give({ origin: tenant.origin, challenge }, String(user?.id)) } };
    },
  },
};

function challengeFor(tenant: TestTenant, userId: string | null): Promise<string> {
  const sealer = sealerOf(tenant.settings.MASTER_SECRET, tenant.record.id);
  return newChallenge(sealer, { userId, host: new URL(tenant.origin).hostname }, new Date());
}

async function proven(tenant: TestTenant, staff: { email: string; password: string }) {
  const secret = newTotpSecret();
  await ownFactor(tenant, staff.email, secret);
  return { body: { password: staff.password, totp: await codeOf(secret) } };
}
