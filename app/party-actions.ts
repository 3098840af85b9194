import type { AppLoadContext } from '@remix-run/server-runtime';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgStates } from '../server/contexts/merchant-org/schemas.ts';
import type { Operation } from '../server/operations/operation.ts';
import { formGuards, readFields, refused } from './forms.ts';
import { actOnChecklist, ONBOARDING_FIELDS } from './onboarding.ts';

type Operations<Update, Named> = {
  update: Operation<Update, unknown>;
  archive: Operation<Named, unknown>;
  restore: Operation<Named, unknown>;
};

/** Does what one of the forms of `PartyActions` or the checklist says, and leads back to the party. */
export async function actOnParty<Update, Named>(
  context: AppLoadContext,
  request: Request,
  id: string,
  operations: Operations<Update, Named>,
  home: string,
) {
  const form = await request.formData();
  const values = readFields(form, ['intent', 'status_reason', ...ONBOARDING_FIELDS]);
  const { intent = '', status_reason = '' } = values;
  const isMove = Object.hasOwn(merchantOrgStates.moves, intent);
  const move = isMove ? merchantOrgStates.moves[intent as keyof typeof merchantOrgStates.moves] : null;
  const answer = move
    ? await context.submit(
        operations.update,
        { id, status: move.to, ...(status_reason ? { status_reason } : {}) },
        formGuards(form),
      )
    : intent === 'archive' || intent === 'restore'
      ? await context.submit(operations[intent], { id }, formGuards(form))
      : await actOnChecklist(context, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`${home}?saved=1`);
}
