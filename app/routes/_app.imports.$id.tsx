import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  importApply,
  importCancel,
  importCheck,
  importGet,
  importUpdate,
} from '../../server/contexts/import/operations.ts';
import { type Import, importStates } from '../../server/contexts/import/schemas.ts';
import { importErrorList } from '../../server/contexts/import-row/operations.ts';
import { MOST_ERRORS } from '../../server/contexts/import-row/schemas.ts';
import { movesFrom } from '../../server/operations/states.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { ImportErrors } from '../components/import-errors.tsx';
import { ImportMappingForm } from '../components/import-mapping.tsx';
import { ImportRunning, ImportSteps } from '../components/import-progress.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { type FormState, formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { mappingInput, readMappingForm } from '../import-mapping.ts';
import { anotherFile, counted, KIND_LABELS, STATUS_LABELS, whereImported } from '../import-words.ts';
import { listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ found: Import }>(
  ({ found }) => `Import · ${found.file_name ?? KIND_LABELS[found.kind]}`,
);

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const found = await context.run(importGet, { id: idParam(params) });
  const { values, input } = listQuery(request, importErrorList, ['field']);
  const errors = found.status === 'bad' ? await context.run(importErrorList, { ...input, id: found.id }) : null;
  return { found, values, errors, mayRun: context.can('import:run'), formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readMappingForm(form);
  const { intent } = values;
  const guards = formGuards(form);
  const answer =
    intent === 'apply' || intent === 'cancel'
      ? await context.submit(intent === 'apply' ? importApply : importCancel, { id }, guards)
      : await context.submit(intent === 'read' ? importUpdate : importCheck, { id, ...mappingInput(values) }, guards);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/imports/${id}`);
}

export default function ImportPage() {
  const { found, values, errors, mayRun, formKey } = useLoaderData<typeof loader>();
  const state: FormState | undefined = useActionData<typeof action>();
  const { status } = found;
  const isOpen = mayRun && movesFrom(importStates, status).includes('check');
  return (
    <>
      <PageHeader
        title={found.file_name ?? KIND_LABELS[found.kind]}
        beside={<Badge status={status} label={STATUS_LABELS[status]} />}
        lead={`${KIND_LABELS[found.kind]} of ${found.place_name ?? 'the whole network'}`}
        crumbs={[{ href: '/imports', label: 'Imports' }]}
      />
      <div className="stack">
        <ImportSteps status={status} />
        <Outcome found={found} mayRun={mayRun} formKey={formKey} state={state} />
        {errors ? <ImportErrors found={found} page={errors} values={values} most={MOST_ERRORS} /> : null}
        {isOpen ? (
          <ImportMappingForm found={found} formKey={formKey} state={state} isFolded={status !== 'uploaded'} />
        ) : null}
        <About found={found} />
        {mayRun && status !== 'done' && status !== 'cancelled' ? (
          <Card>
            <ChoiceForm
              intent="cancel"
              title="Cancel this import"
              button="Cancel the import"
              formKey={formKey}
              state={state}
              labels={{}}
            >
              <p className="hint">Nothing is made, and the file is dropped.</p>
            </ChoiceForm>
          </Card>
        ) : null}
      </div>
    </>
  );
}

type OutcomeProps = { found: Import; mayRun: boolean; formKey: string; state: FormState | undefined };

/** What came of the step before, and what can be done now. */
function Outcome({ found, mayRun, formKey, state }: OutcomeProps) {
  const { locale } = useTenant();
  const rows = counted(found.row_count ?? 0, 'row', locale);
  switch (found.status) {
    case 'uploading':
      return <Notice tone="warn">The upload of this file did not end. Cancel it and upload the file again.</Notice>;
    case 'checking':
    case 'applying':
      return <ImportRunning found={found} />;
    case 'ready':
      return (
        <Card title={`${rows}, and nothing wrong with any`}>
          {mayRun ? (
            <ChoiceForm
              intent="apply"
              title={`Import ${rows}`}
              button="Import all of them"
              formKey={formKey}
              state={state}
              labels={{}}
              version={found.version}
            >
              <p className="hint">
                All of them are made at once, or none. They cannot be taken back together afterwards.
              </p>
            </ChoiceForm>
          ) : (
            <p className="card-body soft">Somebody who may import can go on.</p>
          )}
        </Card>
      );
    case 'failed':
      return <Notice tone="bad">Nothing was imported. {found.problem}</Notice>;
    case 'done':
      return <Done found={found} rows={rows} />;
    case 'cancelled':
      return (
        <Notice tone="warn">
          This import was cancelled and made nothing. <Link to={anotherFile(found)}>Upload another file</Link>
        </Notice>
      );
    default:
      return null;
  }
}

function Done({ found, rows }: { found: Import; rows: string }) {
  const { href, label } = whereImported(found);
  return (
    <Notice tone="good">
      <strong>{rows} imported</strong>
      <p>
        <Link to={href}>{label}</Link>
        {' · '}
        <a href={`/api/imports/${found.id}/rows?format=csv`} download>
          Ids line by line
        </a>
        {' · '}
        <Link to={`/audit?resource_type=import&resource_id=${found.id}`}>Audit trail</Link>
      </p>
    </Notice>
  );
}

function About({ found }: { found: Import }) {
  const { locale } = useTenant();
  return (
    <Card title="About this import" padded>
      <div className="facts-beside">
        <Facts>
          <Fact name="Begun by">{found.created_by.name}</Fact>
          <Fact name="Begun">
            <Instant value={found.created_at} />
          </Fact>
          <Fact name="Rows">{found.row_count?.toLocaleString(locale)}</Fact>
          <Fact name="Bad rows">{found.bad_row_count?.toLocaleString(locale)}</Fact>
          <Fact name="Checked">{found.checked_at ? <Instant value={found.checked_at} /> : null}</Fact>
          <Fact name="Ended">{found.finished_at ? <Instant value={found.finished_at} /> : null}</Fact>
        </Facts>
      </div>
    </Card>
  );
}
