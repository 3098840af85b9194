import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { sourceGet, statementImport, statementPreview } from '../../server/contexts/statement/operations.ts';
import type { StatementPreview as Preview } from '../../server/contexts/statement/schemas.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { StatementFileFields } from '../components/statement-file-fields.tsx';
import { StatementMappingFields } from '../components/statement-mapping-fields.tsx';
import { StatementPreview } from '../components/statement-preview.tsx';
import { type FormState, type FormValues, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import {
  importLabels,
  MAPPING_LABELS,
  mappingValues,
  parseBalance,
  readMapping,
  textOf,
  typedProblem,
} from '../reconciliation.ts';

export const meta = pageTitle<{ source: { name: string } }>(({ source }) => `Import · ${source.name}`);

const FIELDS = [
  'file_name',
  'opening_balance',
  'closing_balance',
  'period_from',
  'period_to',
  ...Object.keys(MAPPING_LABELS),
];

export async function loader({ context, params }: LoaderFunctionArgs) {
  const source = await context.run(sourceGet, { id: idParam(params) });
  return { source, formKey: newFormKey(), values: mappingValues(source.mapping) };
}

type State = FormState & { preview?: Preview };

/** The file that was chosen just now, else the text that an earlier step has kept. */
async function readCsv(form: FormData): Promise<{ csv: string; name: string }> {
  const file = form.get('file');
  const kept = { csv: String(form.get('csv') ?? ''), name: String(form.get('file_name') ?? '') };
  return file instanceof Blob && file.size > 0 ? { csv: await textOf(file), name: file.name } : kept;
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const source = await context.run(sourceGet, { id: idParam(params) });
  const { csv, name } = await readCsv(form);
  const values: FormValues = { ...readFields(form, FIELDS), csv, file_name: name };
  const mapping = readMapping(values);
  const balances = ['opening_balance', 'closing_balance'].map((field) => ({
    field,
    parsed: parseBalance(values[field] ?? '', source.currency, context.tenant.locale),
  }));
  const wrong = balances.flatMap(({ field, parsed }) => ('error' in parsed ? [[field, [parsed.error]]] : []));
  if (wrong.length > 0) return refused(typedProblem(Object.fromEntries(wrong), context.requestId), values);
  const [opening, closing] = balances.map(({ parsed }) => ('amount' in parsed ? parsed.amount : null));
  if (form.get('intent') === 'preview') {
    const shown = await context.submit(statementPreview, { source_id: source.id, csv, mapping });
    if ('problem' in shown) return refused(shown.problem, values);
    const state: State = { problem: null, values, key: newFormKey(), preview: shown.data };
    return state;
  }
  const input = {
    source_id: source.id,
    csv,
    file_name: name || null,
    mapping,
    opening_balance: opening,
    closing_balance: closing,
    period_from: values.period_from || null,
    period_to: values.period_to || null,
  };
  const answer = await context.submit(statementImport, input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/reconciliation/${answer.data.id}?created=1`);
}

export default function ImportStatement() {
  const { source, formKey, values } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const preview = state && 'preview' in state ? state.preview : undefined;
  const { currency } = source;
  return (
    <>
      <DoneNotice created={`${source.name} was added. Import its first statement.`} />
      <PageHeader
        title="Import a statement"
        lead={`Of ${source.name}, for ${source.account_code} ${source.account_name}.`}
        crumbs={[{ href: '/reconciliation', label: 'Reconciliation' }]}
      />
      <PortalForm
        state={state}
        values={values}
        formKey={formKey}
        labels={importLabels(state?.problem)}
        encType="multipart/form-data"
      >
        <Card padded>
          <div className="form">
            <StatementFileFields />
            <div className="form-grid form-grid-four">
              <TextField name="opening_balance" label={`Opening balance, ${currency}`} inputMode="decimal" />
              <TextField name="closing_balance" label={`Closing balance, ${currency}`} inputMode="decimal" />
              <TextField name="period_from" label="From" type="date" />
              <TextField name="period_to" label="To" type="date" />
            </div>
            <p className="hint">Balances and days that are left out follow from the lines and the statement before.</p>
            <details open={Boolean(state?.problem) || Boolean(preview?.error_count)}>
              <summary className="summary-link">How the file reads</summary>
              <StatementMappingFields columns={preview?.columns ?? []} />
            </details>
            <div className="form-foot">
              {preview && preview.error_count === 0 ? (
                <>
                  <SubmitButton>Import {preview.line_count - preview.duplicate_count} lines</SubmitButton>
                  <button type="submit" name="intent" value="preview" className="button">
                    Preview again
                  </button>
                </>
              ) : (
                <button type="submit" name="intent" value="preview" className="button button-primary">
                  Preview
                </button>
              )}
              <Link className="button button-plain" to="/reconciliation">
                Cancel
              </Link>
            </div>
          </div>
        </Card>
        {preview ? (
          <Card title="Preview">
            <StatementPreview preview={preview} currency={currency} />
          </Card>
        ) : null}
      </PortalForm>
    </>
  );
}
