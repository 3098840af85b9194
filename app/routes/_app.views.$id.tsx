import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { savedSearchDelete, savedSearchGet, savedSearchUpdate } from '../../server/contexts/saved-search/operations.ts';
import type { SavedSearch } from '../../server/contexts/saved-search/schemas.ts';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { ViewFacts } from '../components/view-facts.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { keptOf, valuesOf } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { LIST_PAGES, viewAddress, viewInput, viewValues, wayBack } from '../saved-views.ts';

export const meta = pageTitle<{ view: SavedSearch }>(({ view }) => view.name);

/** What its list shows at the moment, where the address says so. */
function shownNow(search: URLSearchParams): Record<string, string> | null {
  const query = search.get('query');
  return query === null ? null : keptOf(valuesOf(new URLSearchParams(query)));
}

function isSame(view: SavedSearch, shown: Record<string, string>): boolean {
  const kept = keptOf(viewValues(view));
  const names = new Set([...Object.keys(kept), ...Object.keys(shown)]);
  return [...names].every((name) => kept[name] === shown[name]);
}

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const view = await context.run(savedSearchGet, { id: idParam(params) });
  const search = new URL(request.url).searchParams;
  const shown = shownNow(search);
  return {
    view,
    shown: shown && !isSame(view, shown) ? viewInput(shown) : null,
    back: { href: wayBack(search, view.list), label: LIST_PAGES[view.list].title },
    formKey: newFormKey(),
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const search = new URL(request.url).searchParams;
  const form = await request.formData();
  const { intent = '', name } = readFields(form, ['intent', 'name']);
  const guards = formGuards(form);
  const answers = {
    rename: () => context.submit(savedSearchUpdate, { id, name }, guards),
    replace: () => context.submit(savedSearchUpdate, { id, ...viewInput(shownNow(search) ?? {}) }, guards),
    delete: () => context.submit(savedSearchDelete, { id }, guards),
  };
  if (!Object.hasOwn(answers, intent)) throw new Response(null, { status: 400 });
  const answer = await answers[intent as keyof typeof answers]();
  if ('problem' in answer) return refused(answer.problem, { intent, ...(name ? { name } : {}) });
  const back = wayBack(search, answer.data.list);
  throw redirect(intent === 'delete' ? back : viewAddress(back, answer.data));
}

export default function View() {
  const { view, shown, back, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const form = { formKey, state, version: view.version, labels: { name: 'Name' } };
  return (
    <>
      <PageHeader title={view.name} crumbs={[back]} lead="A view of yours." />
      <div className="form-narrow stack">
        <Card title="What it keeps">
          <ViewFacts view={view} />
        </Card>
        <Card title="Change it">
          {shown ? (
            <ChoiceForm {...form} intent="replace" title="Keep what the list shows now instead" button="Keep this">
              <ViewFacts view={shown} />
            </ChoiceForm>
          ) : null}
          <ChoiceForm {...form} intent="rename" title="Rename" button="Rename" values={{ name: view.name }}>
            <TextField name="name" label="Name" maxLength={100} required />
          </ChoiceForm>
          <ChoiceForm {...form} intent="delete" title="Delete" button="Delete this view">
            <p className="hint">The list stays as it is; only this view of it goes.</p>
          </ChoiceForm>
        </Card>
      </div>
    </>
  );
}
