// The second factor of a person: a TOTP (RFC 6238) in an authenticator app, and ten recovery codes. It counts once a code
// has proved that the app has it. A code is good once: a time step that was used, or an older one, is refused.
import { hashSecret } from '../../../tenants/credentials.ts';
import { openSession, sessionsOn } from '../../auth/sessions.ts';
import { newRecoveryCodes, newTotpSecret, qrPath, stepOf, totpUri } from '../../auth/totp.ts';
import { requirePerson, requireSomebody, requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { sendToOutbox } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { confirmPassword } from '../password/operations.ts';
import { requireNotHeld } from '../role/operations.ts';
import { requireAuthorityOver } from '../role-assignment/operations.ts';
import {
  deleteFactor,
  deletePasskeys,
  isConfirmed,
  lockFactor,
  replaceCodes,
  selectRequirements,
  selectState,
  selectUserAddress,
  spendRecoveryCode,
  spendStep,
  updateRequirement,
  upsertUnconfirmed,
} from './queries.ts';
import {
  codes,
  confirmed,
  confirmInput,
  provenInput,
  renewed,
  requireInput,
  roleRequirement,
  roleRequirements,
  secondFactor,
  setUp,
  setUpInput,
} from './schemas.ts';

export function hasSecondFactor(ctx: Context, userId: string): Promise<boolean> {
  return isConfirmed(ctx.tx, userId);
}

function wrongCode(userId: string): DomainError {
  return new DomainError(
    'second_factor_wrong',
    'The code is wrong, was used already, or has run out. Wait for the next.',
    {
      subject: userId,
    },
  );
}

/** Uses a code up: of the app, or for recovery. @throws DomainError second_factor_wrong */
export async function consumeSecondFactor(ctx: Context, userId: string, code: string, isKept = true): Promise<void> {
  const factor = await lockFactor(ctx.tx, userId, isKept);
  if (!factor) {
    throw wrongCode(userId);
  }
  if (!/^\d{6}$/.test(code)) {
    if (!isKept || !(await spendRecoveryCode(ctx.tx, userId, hashSecret(code.toLowerCase())))) {
      throw wrongCode(userId);
    }
    return;
  }
  const step = await stepOf(await ctx.services.sealer.open(userId, factor.sealed_secret), code, ctx.now);
  if (step === null || step <= factor.last_step) {
    throw wrongCode(userId);
  }
  await spendStep(ctx.tx, userId, step);
}

async function newCodes(ctx: Context, userId: string): Promise<string[]> {
  const fresh = newRecoveryCodes();
  await replaceCodes(ctx.tx, userId, fresh.map(hashSecret));
  return fresh;
}

async function tell(ctx: Context, recipient: string, what: string): Promise<void> {
  await sendToOutbox(ctx, 'mail', {
    recipient,
    subject: `Your second factor of ${ctx.tenant.name}: ${what}`,
    body: `Your second factor was ${what}.\n\nIf you did not expect this, set a new password at once: ${ctx.call.origin ?? ''}/forgot`,
  });
}

/** Guesses of codes while signed in count like failures to sign in. */
async function countCode(ctx: Context): Promise<void> {
  await ctx.services.limit('sign_in', `code ${requirePerson(ctx.actor).id}`);
}

export const secondFactorGet = defineOperation({
  name: 'second_factor.get',
  kind: 'read',
  risk: 'read',
  permission: null,
  openBecause: 'Everybody sees the state of their own second factor.',
  resource: 'second_factor',
  summary: "Read the state of one's own second factor",
  input: empty,
  output: secondFactor,
  http: { method: 'GET', path: '/api/me/second-factor' },
  closedDoors: { mcp: 'Agents have no second factor.' },
  run: (ctx) => selectState(ctx.tx, requireSomebody(ctx.actor).id),
});

export const secondFactorBegin = defineOperation({
  name: 'second_factor.begin',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'Everybody who is signed in may protect their own account.',
  resource: 'second_factor',
  summary: 'Begin to set up a second factor; the answer shows its secret this one time',
  input: setUpInput,
  output: setUp,
  http: { method: 'POST', path: '/api/me/second-factor' },
  closedDoors: { mcp: 'Agents have no second factor.' },
  isAnswerSecret: true,
  describe: () => 'Began to set up a second factor',
  outside: async (ctx, { password }) => {
    const user = await confirmPassword(ctx, password, 'password');
    const secret = newTotpSecret();
    return { user, secret, sealed: await ctx.services.sealer.seal(user.id, secret) };
  },
  run: async (ctx, _input, { user, secret, sealed }) => {
    if (!(await upsertUnconfirmed(ctx.tx, user.id, sealed))) {
      throw new DomainError('conflict', 'There is a second factor already. Remove it first.');
    }
    const uri = totpUri(ctx.tenant.name, user.email, secret);
    return { secret, uri, qr: qrPath(uri) };
  },
});

export const secondFactorConfirm = defineOperation({
  name: 'second_factor.confirm',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'Everybody who is signed in may protect their own account.',
  resource: 'second_factor',
  summary: 'Confirm the second factor by a code; the answer shows the recovery codes this one time',
  input: confirmInput,
  output: confirmed,
  http: { method: 'POST', path: '/api/me/second-factor/confirm', cookie: 'from-token' },
  closedDoors: { mcp: 'Agents have no second factor.' },
  isAnswerSecret: true,
  describe: () => 'Set up a second factor',
  outside: async (ctx) => {
    await countCode(ctx);
    return {};
  },
  run: async (ctx, { totp }) => {
    const { id, email = '' } = requirePerson(ctx.actor);
    await consumeSecondFactor(ctx, id, totp, false);
    const recovery = await newCodes(ctx, id);
    // What was opened without the factor ends, this session gets a new id.
    await sessionsOn(ctx.tx).invalidateUserSessions(id);
    await tell(ctx, email, 'set up');
    return { recovery_codes: recovery, ...(await openSession(ctx, id)) };
  },
});

/** The password, before the code is looked at in the transaction that it opens. */
async function proveOneself(ctx: Context, password: string | undefined) {
  await countCode(ctx);
  return { user: await confirmPassword(ctx, password, 'password') };
}

export const secondFactorRenewCodes = defineOperation({
  name: 'second_factor.renew_codes',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'Everybody who is signed in may renew their own recovery codes.',
  resource: 'second_factor',
  summary: 'Make new recovery codes; the ones before are void',
  input: provenInput,
  output: codes,
  http: { method: 'POST', path: '/api/me/second-factor/recovery-codes' },
  closedDoors: { mcp: 'Agents have no second factor.' },
  isAnswerSecret: true,
  describe: () => 'Made new recovery codes',
  outside: (ctx, { password }) => proveOneself(ctx, password),
  run: async (ctx, { totp }, { user }) => {
    await consumeSecondFactor(ctx, user.id, totp);
    const recovery = await newCodes(ctx, user.id);
    await tell(ctx, user.email, 'given new recovery codes');
    return { recovery_codes: recovery };
  },
});

export const secondFactorDisable = defineOperation({
  name: 'second_factor.disable',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'Everybody who is signed in may remove their own second factor, and needs a code of it.',
  resource: 'second_factor',
  summary: "Remove one's own second factor",
  input: provenInput,
  output: renewed,
  http: { method: 'POST', path: '/api/me/second-factor/disable', cookie: 'from-token' },
  closedDoors: { mcp: 'Agents have no second factor.' },
  isAnswerSecret: true,
  describe: () => 'Removed the own second factor',
  outside: (ctx, { password }) => proveOneself(ctx, password),
  run: async (ctx, { totp }, { user }) => {
    await consumeSecondFactor(ctx, user.id, totp);
    await deleteFactor(ctx.tx, user.id);
    await sessionsOn(ctx.tx).invalidateUserSessions(user.id);
    await tell(ctx, user.email, 'removed');
    return openSession(ctx, user.id);
  },
});

export const secondFactorReset = defineOperation({
  name: 'second_factor.reset',
  kind: 'write',
  risk: 'credential',
  permission: 'second_factor:reset',
  resource: 'user',
  summary: "Remove somebody's second factor and passkeys, who has lost them; all their sessions end",
  input: idInput,
  output: secondFactor,
  http: { method: 'POST', path: '/api/users/{id}/second-factor/reset' },
  closedDoors: { mcp: 'A person has to make sure who asks for it.' },
  describe: () => "Removed somebody's second factor",
  run: async (ctx, { id }) => {
    await requireAuthorityOver(ctx, id);
    if (id === ctx.actor.id) {
      throw new DomainError('second_person_needed', 'Remove your own second factor with your password and a code.');
    }
    const user = orNotFound(await selectUserAddress(ctx.tx, id));
    const factor = await deleteFactor(ctx.tx, id);
    const passkeys = await deletePasskeys(ctx.tx, id);
    if (factor || passkeys > 0) {
      await sessionsOn(ctx.tx).invalidateUserSessions(id);
      await tell(ctx, user.email, `removed by ${ctx.actor.name}${passkeys > 0 ? ', and your passkeys with it' : ''}`);
    }
    return selectState(ctx.tx, id);
  },
});

export const secondFactorRequirements = defineOperation({
  name: 'second_factor.requirements',
  kind: 'read',
  risk: 'read',
  permission: 'role:read',
  resource: 'role',
  summary: 'List which roles ask for a second factor',
  input: empty,
  output: roleRequirements,
  http: { method: 'GET', path: '/api/second-factor/requirements' },
  run: async (ctx) => ({ data: [...(await selectRequirements(ctx.tx))] }),
});

export const secondFactorRequire = defineOperation({
  name: 'second_factor.require',
  kind: 'write',
  risk: 'credential',
  permission: 'second_factor:require',
  resource: 'role',
  summary: 'Have a role ask for a second factor, or no more',
  input: requireInput,
  output: roleRequirement,
  http: { method: 'PUT', path: '/api/roles/{id}/second-factor' },
  describe: ({ required }) => (required ? 'Has a role ask for a second factor' : 'Has a role ask for no second factor'),
  run: async (ctx, { id, required }) => {
    requireWholeTenant(ctx.scope, 'Roles');
    await requireNotHeld(ctx, id);
    const changed = await updateRequirement(ctx.tx, id, required);
    if (!changed) {
      throw notFound();
    }
    return changed;
  },
});
