import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import * as v from 'valibot';
import { savedSearchCreate, savedSearchList } from '../../server/contexts/saved-search/operations.ts';
import { type SavedList, savedList } from '../../server/contexts/saved-search/schemas.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { ViewFacts } from '../components/view-facts.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { valuesOf } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { LIST_PAGES, viewAddress, viewInput, wayBack } from '../saved-views.ts';

export const meta = pageTitle('New view');

/** The list that the address names, and what of it is to be kept. */
function asked(request: Request) {
  const search = new URL(request.url).searchParams;
  const list = search.get('list');
  if (!v.is(savedList, list)) throw new Response(null, { status: 404 });
  const shown = valuesOf(new URLSearchParams(search.get('query') ?? ''));
  return { list: list as SavedList, view: viewInput(shown), back: wayBack(search, list) };
}

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { list, view, back } = asked(request);
  // Who may not read the list is refused here already.
  await context.run(savedSearchList, { list, limit: 1 });
  return { view, back, title: LIST_PAGES[list].title, formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const { list, view, back } = asked(request);
  const form = await request.formData();
  const values = readFields(form, ['name']);
  const answer = await context.submit(savedSearchCreate, { ...values, list, ...view }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(viewAddress(back, answer.data));
}

export default function NewView() {
  const { view, back, title, formKey } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Save as a view" crumbs={[{ href: back, label: title }]} lead="It is yours alone." />
      <div className="form-narrow">
        <Card padded>
          <ViewFacts view={view} />
          <PortalForm state={useActionData<typeof action>()} formKey={formKey} labels={{ name: 'Name' }}>
            <TextField name="name" label="Name" maxLength={100} required />
            <div className="form-foot">
              <SubmitButton>Save view</SubmitButton>
              <Link className="button button-plain" to={back}>
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
