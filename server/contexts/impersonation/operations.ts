// Impersonation ("view as"): staff look at the portal as a merchant's person does, for a reason and a time. It is carried by
// the impersonator's own session and bounded by both people's rights; what ends it is decided in the database
// (tenants/functions/15-impersonation.sql), what it may do in server/operations/impersonated.ts. Those concerned are told.
import { type Actor, requirePerson, requireSomebody, type Scope } from '../../operations/actor.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { sendToOutbox } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { confirmPassword } from '../password/operations.ts';
import { consumeSecondFactor, hasSecondFactor } from '../second-factor/operations.ts';
import {
  insertImpersonation,
  leaveImpersonation,
  lockPeople,
  pageOfEvents,
  pageOfImpersonations,
  selectImpersonation,
  selectOwn,
  selectTarget,
  selectTold,
  stopImpersonation,
  updateSteppedUp,
} from './queries.ts';
import {
  eventListInput,
  eventList as eventListSchema,
  type Impersonation,
  impersonation,
  impersonationListInput,
  impersonationList as impersonationListSchema,
  startInput,
  stepUpInput,
} from './schemas.ts';

const EVERYWHERE: Scope = { all: true, merchant_org_ids: [], merchant_ids: [] };

async function read(ctx: Context, id: string, scope: Scope = EVERYWHERE): Promise<Impersonation> {
  return orNotFound(await selectImpersonation(ctx.tx, scope, id));
}

function isTaken(): DomainError {
  return new DomainError('conflict', 'You view as somebody else already. End that first.');
}

export const impersonationStart = defineOperation({
  name: 'impersonation.start',
  kind: 'write',
  risk: 'credential',
  permission: 'user:impersonate',
  resource: 'impersonation',
  summary: 'View the portal as a person of a merchant, for a reason and at most an hour',
  input: startInput,
  output: impersonation,
  http: { method: 'POST', path: '/api/impersonations', status: 201 },
  closedDoors: { mcp: 'A person who is signed in begins it, for themself.' },
  onConstraint: { impersonations_one_per_session: isTaken },
  describe: ({ minutes }) => `Began to view as somebody else for ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`,
  run: async (ctx, { user_id, reason, minutes }) => {
    const self = requirePerson(ctx.actor);
    await lockPeople(ctx.tx, [self.id, user_id]);
    const target = orNotFound(await selectTarget(ctx.tx, ctx.scope, user_id));
    if (target.id === self.id || !target.is_merchant_staff) {
      throw new DomainError(
        'forbidden',
        'Only people whose every role is at a MerchantOrg or a merchant can be viewed as, and nobody as themself.',
        { subject: target.id },
      );
    }
    if (target.status !== 'active') {
      throw new DomainError('conflict', 'Their account is not active, so there is nothing that they could see.');
    }
    const given = { id: ctx.id, impersonatorId: self.id, sessionId: self.sessionId, target, reason, minutes };
    if (!(await insertImpersonation(ctx.tx, given))) {
      throw new DomainError('unauthenticated', 'Your session has ended.');
    }
    const started = await read(ctx, ctx.id, ctx.scope);
    await sendToOutbox(ctx, 'mail', startMail(ctx, target.email, started));
    return started;
  },
});

function startMail(ctx: Context, recipient: string, { id, impersonator, reason, expires_at }: Impersonation) {
  return {
    recipient,
    subject: `${impersonator.name} views ${ctx.tenant.name} as you`,
    body: `${impersonator.name} of ${ctx.tenant.name} looks at the portal with your rights, until ${expires_at.slice(0, 16).replace('T', ' ')} UTC at the latest.\n\nThe reason: ${reason}\n\nThey cannot move money or change how you sign in. What they see and change is recorded: ${ctx.call.origin ?? ''}/support-access/${id}`,
  };
}

/** The person behind an impersonation, as themself. @throws DomainError conflict when there is none */
function behind(ctx: Context): { self: Context; id: string } {
  const { sessionId, impersonator } = requirePerson(ctx.actor);
  if (!impersonator) {
    throw new DomainError('conflict', 'You view as nobody else.');
  }
  const actor: Actor = { type: 'staff', id: impersonator.id, name: impersonator.name, sessionId, grants: [] };
  return { self: { ...ctx, actor }, id: impersonator.impersonation_id };
}

/** A wrong password is a denial here, so that guesses leave events. */
async function confirmOwnPassword(self: Context, password: string) {
  const own = await confirmPassword(self, password, 'password').catch((error: unknown) => {
    throw error instanceof DomainError && error.code === 'invalid'
      ? new DomainError('invalid_credentials', error.message, { ...error.detail, subject: self.actor.id })
      : error;
  });
  // A session of the last minutes stands in for a password elsewhere. Here it proves nothing: viewing began in it.
  if (own.password_hash === null) {
    throw new DomainError(
      'forbidden',
      'You have no password to prove who you are, so you can look and change nothing.',
    );
  }
}

export const impersonationStepUp = defineOperation({
  name: 'impersonation.step_up',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'Whoever views as another proves who they are; nobody else has anything to prove.',
  isForImpersonators: true,
  resource: 'impersonation',
  summary: 'Prove by password and second factor who views as another, to change something',
  input: stepUpInput,
  output: impersonation,
  http: { method: 'POST', path: '/api/impersonations/current/step-up' },
  closedDoors: { mcp: 'Agents have no password.' },
  describe: () => 'Proved who views as somebody else',
  outside: async (ctx, { password, totp }) => {
    const { self, id } = behind(ctx);
    await confirmOwnPassword(self, password);
    const needsFactor = await hasSecondFactor(self, self.actor.id);
    if (needsFactor && totp === undefined) {
      throw new DomainError('second_factor_required', 'Enter the code of your authenticator app, or a recovery code.');
    }
    if (!needsFactor && totp !== undefined) {
      throw new DomainError('invalid', 'You have no second factor.', { errors: { totp: ['is not needed'] } });
    }
    if (needsFactor) {
      await ctx.services.limit('sign_in', `code ${self.actor.id}`);
    }
    return { self: self.actor, id, needsFactor };
  },
  run: async (ctx, { totp }, { self, id, needsFactor }) => {
    if (needsFactor) {
      await consumeSecondFactor(ctx, self.id, totp ?? '');
    }
    if (!(await updateSteppedUp(ctx.tx, id))) {
      throw new DomainError('impersonation_over');
    }
    return read(ctx, id);
  },
});

export const impersonationEnd = defineOperation({
  name: 'impersonation.end',
  kind: 'write',
  risk: 'write',
  permission: null,
  openBecause: 'Everybody may end their own; whoever may view as others ends those in their scope.',
  alsoRequires: ['user:impersonate'],
  isForImpersonators: true,
  resource: 'impersonation',
  summary: 'End an impersonation: one of your own at any time, or one in scope',
  input: idInput,
  output: impersonation,
  http: { method: 'POST', path: '/api/impersonations/{id}/end' },
  describe: () => 'Ended an impersonation',
  run: async (ctx, { id }) => {
    const actor = requireSomebody(ctx.actor);
    if (actor.impersonation) {
      if (actor.impersonation.id !== id) throw notFound();
      await leaveImpersonation(ctx.tx, id);
    } else if (await selectOwn(ctx.tx, actor.id, id)) {
      await stopImpersonation(ctx.tx, id, 'impersonator');
    } else {
      const scope = ctx.require('user:impersonate');
      await read(ctx, id, scope);
      await stopImpersonation(ctx.tx, id, 'staff');
      return read(ctx, id, scope);
    }
    return read(ctx, id);
  },
});

export const impersonationList = defineOperation({
  name: 'impersonation.list',
  kind: 'read',
  risk: 'read',
  permission: 'impersonation:read',
  resource: 'impersonation',
  summary: 'List who viewed the portal as whom, why and for how long',
  input: impersonationListInput,
  output: impersonationListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/impersonations' },
  run: (ctx, input) => pageOfImpersonations(ctx.tx, ctx.scope, input),
});

export const impersonationGet = defineOperation({
  name: 'impersonation.get',
  kind: 'read',
  risk: 'read',
  permission: 'impersonation:read',
  resource: 'impersonation',
  summary: 'Read who viewed the portal as whom, why and for how long',
  input: idInput,
  output: impersonation,
  http: { method: 'GET', path: '/api/impersonations/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectImpersonation(ctx.tx, ctx.scope, id)),
});

export const impersonationEvents = defineOperation({
  name: 'impersonation.list_events',
  kind: 'read',
  risk: 'read',
  permission: 'impersonation:read',
  resource: 'impersonation',
  summary: 'List what was seen, changed and refused in an impersonation',
  input: eventListInput,
  output: eventListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/impersonations/{id}/events' },
  run: async (ctx, input) => {
    orNotFound(await selectTold(ctx.tx, ctx.scope, input.id));
    return pageOfEvents(ctx.tx, input);
  },
});
