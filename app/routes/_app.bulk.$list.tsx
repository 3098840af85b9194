import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { data } from '@remix-run/server-runtime';
import type { SavedList } from '../../server/contexts/saved-search/schemas.ts';
import { type BulkRow, bulkAction, counted, readRows, runForEach } from '../bulk-actions.ts';
import { chosenIds, formRows, rowField } from '../bulk-form.ts';
import { Badge } from '../components/badge.tsx';
import { BulkResult } from '../components/bulk-result.tsx';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { LoseFields } from '../components/prospect-parts.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { LIST_PAGES, wayBack } from '../saved-views.ts';

export const meta = pageTitle<{ title: string }>(({ title }) => title);

const LABELS = { reason: 'Reason', lost_reason: 'Why' };

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams;
  const name = params.list as SavedList;
  const { list, action } = bulkAction(name, search.get('action') ?? '');
  if (!context.can(action.permission)) throw new Response(null, { status: 403 });
  const ids = chosenIds(search);
  const rows = await readRows(context, list, ids);
  const asked = rows.map((row) => ({ ...row, why: action.whyNot(row, context) }));
  const chosen = asked.filter(({ why }) => why === null);
  const what = counted(chosen.length, list);
  return {
    ...{
      formKey: newFormKey(),
      chosen,
      others: asked.filter(({ why }) => why !== null),
      missing: ids.length - rows.length,
    },
    ...{ label: action.label, means: action.means, asks: action.asks ?? null, what },
    title: `${action.label}: ${chosen.length === ids.length ? what : `${chosen.length} of ${counted(ids.length, list)}`}`,
    crumb: { href: wayBack(search, name), label: LIST_PAGES[name].title },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const search = new URL(request.url).searchParams;
  const { list, action } = bulkAction(params.list, search.get('action') ?? '');
  const rows = formRows(form);
  const values = readFields(form, ['reason', 'lost_reason']);
  const { idempotencyKey = newFormKey() } = formGuards(form);
  const outcomes = await runForEach(context, action, rows, values, idempotencyKey);
  const [first] = outcomes;
  // What is wrong with a field of the form is wrong for every row.
  if (first?.problem?.errors && outcomes.every(({ problem }) => problem?.errors)) {
    return refused<FormState & { result?: undefined }>(first.problem, values);
  }
  const notDone = outcomes.flatMap(({ id, problem }) => (problem ? [{ id, why: problem.detail }] : []));
  const named = await readRows(
    context,
    list,
    notDone.map(({ id }) => id),
  );
  const refusals = notDone.map((each) => ({ ...each, name: named.find(({ id }) => id === each.id)?.name ?? null }));
  const succeeded = outcomes.length - refusals.length;
  return data({ result: { done: `${counted(succeeded, list)} ${action.done}`, succeeded, refusals } });
}

export default function Bulk() {
  const { title, crumb, chosen, others, missing } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <>
      <PageHeader title={answer?.result ? outcomeOf(answer.result) : title} crumbs={[crumb]} />
      <div className="form-narrow stack">
        {!answer?.result && others.length > 0 ? (
          <Card title={`Cannot be done to ${others.length}`}>
            <Names rows={others} />
          </Card>
        ) : null}
        {answer?.result ? (
          <BulkResult result={answer.result} back={crumb} />
        ) : chosen.length > 0 ? (
          <Confirmation state={answer} />
        ) : (
          <Card>
            <Empty icon="check" title="Nothing to do" action={{ href: crumb.href, label: 'Back to the list' }}>
              Nothing was selected that this could be done to.
            </Empty>
          </Card>
        )}
        {!answer?.result && missing > 0 ? (
          <Notice tone="warn">{`${missing} of what was selected is gone, or out of your reach.`}</Notice>
        ) : null}
      </div>
    </>
  );
}

function outcomeOf({ succeeded, refusals }: { succeeded: number; refusals: unknown[] }): string {
  if (succeeded === 0) return 'Nothing was done';
  return refusals.length > 0 ? 'Done in part' : 'Done';
}

function Confirmation({ state }: { state: FormState | undefined }) {
  const { formKey, label, means, asks, what, chosen, crumb } = useLoaderData<typeof loader>();
  return (
    <Card title={`${label}: ${what}?`}>
      <Names rows={chosen} />
      <div className="card-body">
        <p className="bulk-means">{means}</p>
        <PortalForm state={state} formKey={formKey} labels={LABELS}>
          {chosen.map((row) => (
            <input key={row.id} type="hidden" name="row" value={rowField(row)} />
          ))}
          {asks === 'reason' ? <TextField name="reason" label="Reason" maxLength={500} /> : null}
          {asks === 'loss' ? <LoseFields /> : null}
          <div className="form-foot">
            <SubmitButton>{`${label}: ${what}`}</SubmitButton>
            <Link className="button button-plain" to={crumb.href}>
              Cancel
            </Link>
          </div>
        </PortalForm>
      </div>
    </Card>
  );
}

function Names({ rows }: { rows: (BulkRow & { why: string | null })[] }) {
  return (
    <ul className="plain-list bulk-names">
      {rows.map((row) => (
        <li key={row.id}>
          <span>
            {row.name}
            {row.why ? <span className="cell-note">{row.why}</span> : null}
          </span>
          <Badge status={row.isArchived ? 'archived' : row.status} />
        </li>
      ))}
    </ul>
  );
}
