// What the buttons of a person's page do.
import type { AppLoadContext } from '@remix-run/server-runtime';
import {
  roleAssignmentCreate,
  roleAssignmentDelete,
  roleAssignmentUpdate,
} from '../server/contexts/role-assignment/operations.ts';
import { secondFactorReset } from '../server/contexts/second-factor/operations.ts';
import { ssoConnectionUnlink } from '../server/contexts/sso-connection/operations.ts';
import {
  userDisable,
  userEnable,
  userRemove,
  userResendInvitation,
  userUpdate,
} from '../server/contexts/user/operations.ts';
import type { Problem } from '../server/operations/errors.ts';
import { type FormValues, formGuards } from './forms.ts';
import { roleInput, toldByField } from './role-rows.ts';
import { orForbidden } from './team-data.ts';
import { endOfDay } from './team-places.ts';

export const USER_FIELDS = ['intent', 'name', 'role_id', 'place', 'until'];

type Answer = { data: unknown } | { problem: Problem };
type Act = (
  context: AppLoadContext,
  id: string,
  values: FormValues,
  guards: ReturnType<typeof formGuards>,
) => Promise<Answer>;

const give: Act = async (context, id, values, guards) => {
  const fields = { role_id: '', place: '', until: '', ...values };
  const input = { user_id: id, ...roleInput(fields, context.tenant.time_zone) };
  const answer = await context.submit(roleAssignmentCreate, input, guards);
  return 'problem' in answer ? { problem: toldByField(answer.problem, fields) } : answer;
};

const changeEnd: Act = async (context, _id, { assignment_id = '', until = '' }, guards) => {
  const input = { id: assignment_id, expires_at: endOfDay(until, context.tenant.time_zone) };
  const answer = await context.submit(roleAssignmentUpdate, input, guards);
  return 'problem' in answer ? { problem: toldByField(answer.problem, { role_id: '', place: '', until }) } : answer;
};

const actions: Readonly<Record<string, Act>> = {
  rename: (context, id, { name }, guards) => context.submit(userUpdate, { id, name }, guards),
  disable: (context, id, _, guards) => context.submit(userDisable, { id }, guards),
  enable: (context, id, _, guards) => context.submit(userEnable, { id }, guards),
  remove: (context, id, _, guards) => context.submit(userRemove, { id }, guards),
  resend: (context, id, _, guards) => context.submit(userResendInvitation, { id }, guards),
  'reset-factor': (context, id, _, guards) => context.submit(secondFactorReset, { id }, guards),
  unlink: (context, id, _, guards) => context.submit(ssoConnectionUnlink, { id }, guards),
  give,
  end: changeEnd,
  take: (context, _id, { assignment_id }, guards) =>
    context.submit(roleAssignmentDelete, { id: assignment_id }, guards),
};

/** Does what the pressed button says. An intent may carry the assignment that it is about: `take-ID`. */
export async function actOnUser(
  context: AppLoadContext,
  id: string,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const intent = values.intent ?? '';
  const [, kind = intent, assignment_id = ''] = /^(end|take)-(.+)$/.exec(intent) ?? [];
  const act = actions[kind];
  if (!act) throw new Response(null, { status: 400 });
  return orForbidden(act(context, id, { ...values, assignment_id }, formGuards(form)));
}
