import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import type { InferOutput } from 'valibot';
import { roleAssignmentDelete, roleAssignmentList } from '../../server/contexts/role-assignment/operations.ts';
import type { RoleAssignment, roleAssignmentListInput } from '../../server/contexts/role-assignment/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { ReviewTable } from '../components/review-table.tsx';
import { TeamTabs } from '../components/team-tabs.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { addressValues, isFiltered, withParameters } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { orForbidden, placeChoices, roleChoices, teamTabs } from '../team-data.ts';
import { placeInput, WHOLE_TENANT } from '../team-places.ts';

export const meta = pageTitle('Access review');

type Input = InferOutput<typeof roleAssignmentListInput>;

const STATES = [
  { value: 'current', label: 'Holds now' },
  { value: 'expired', label: 'Expired' },
];

const FILTERS = ['role_id', 'at', 'state', 'user_id', 'sort', 'cursor'];

export async function loader({ context, request }: LoaderFunctionArgs) {
  const values = addressValues(request, FILTERS);
  const { at, ...rest } = values;
  const filters = { ...rest, ...(at ? placeInput(at) : {}) };
  const [page, roles, places] = await Promise.all([
    context.run(roleAssignmentList, { ...filters, limit: 50 } as Input),
    roleChoices(context),
    placeChoices(context, 'role_assignment:read'),
  ]);
  const taken = new URL(request.url).searchParams.get('take');
  const mayTake = context.can('role_assignment:delete');
  return {
    values,
    filters,
    page,
    roles,
    places: places.filter(({ value }) => value !== 'tenant'),
    taking: mayTake ? (page.data.find(({ id }) => id === taken) ?? null) : null,
    mayTake,
    self: context.actor?.id ?? '',
    tabs: teamTabs(context),
    formKey: newFormKey(),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, ['id']);
  const answer = await orForbidden(context.submit(roleAssignmentDelete, values, formGuards(form)));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/team/review${withParameters(addressValues(request, FILTERS), { saved: '1' })}`);
}

export default function Review() {
  const { values, filters, page, roles, places, taking, mayTake, self, tabs, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The role is taken away." />
      <PageHeader
        title="Access review"
        lead="Who holds which role where, who gave it, and whether they still come here."
      />
      <TeamTabs may={tabs} />
      {taking ? <Take assignment={taking} values={values} formKey={formKey} state={state} /> : null}
      <Filters values={values}>
        {roles.length > 0 ? <SelectFilter name="role_id" label="Role" values={values} choices={roles} /> : null}
        <SelectFilter name="at" label="Place" values={values} choices={places} />
        <SelectFilter name="state" label="State" values={values} choices={STATES} />
        {values.user_id ? <input type="hidden" name="user_id" value={values.user_id} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <ReviewTable rows={page.data} values={values} mayTake={mayTake} self={self} />
        ) : (
          <None values={values} />
        )}
        <ListFoot
          shown={page.data.length}
          nextCursor={page.next_cursor}
          download="/api/role-assignments"
          filters={filters}
        />
      </Card>
    </>
  );
}

function None({ values }: { values: Record<string, string> }) {
  if (isFiltered(values)) return <EmptyResult href="/team/review" />;
  return (
    <Empty icon="people" title="Nobody holds a role here">
      As soon as somebody does, it is listed with who gave it and until when it holds.
    </Empty>
  );
}

type TakeProps = {
  assignment: RoleAssignment;
  values: Record<string, string>;
  formKey: string;
  state: FormState | undefined;
};

/** Asked before a role is taken. */
function Take({ assignment, values, formKey, state }: TakeProps) {
  const { id, role_name, user_name, place, version } = assignment;
  return (
    <div className="review-take">
      <Card title={`Take ${role_name} from ${user_name}?`} padded>
        <PortalForm state={state} formKey={formKey} labels={{}} version={version}>
          <input type="hidden" name="id" value={id} />
          <p className="soft">
            It holds at: {place ?? WHOLE_TENANT.toLowerCase()}. They may no longer do what only this role lets them do,
            from now on.
          </p>
          <div className="form-foot">
            <SubmitButton>{`Take ${role_name}`}</SubmitButton>
            <Link className="button button-plain" to={`/team/review${withParameters(values, {})}`}>
              Leave it
            </Link>
          </div>
        </PortalForm>
      </Card>
    </div>
  );
}
