import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { reportGet } from '../../server/contexts/reconciliation/operations.ts';
import { sourceGet, statementGet, statementLineList } from '../../server/contexts/statement/operations.ts';
import { ledgerLineList, matchList, suggestMatches } from '../../server/contexts/statement-match/operations.ts';
import type { Problem } from '../../server/operations/errors.ts';
import { DateFilter, Filters, SearchFilter } from '../components/filters.tsx';
import { ErrorSummary } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Matches, Suggestions } from '../components/reconciliation-lists.tsx';
import { SignOff } from '../components/reconciliation-sign-off.tsx';
import { ReconciliationWorkbench, WORKBENCH_LABELS } from '../components/reconciliation-workbench.tsx';
import { StatementStatus } from '../components/statement-table.tsx';
import { CalendarDate } from '../components/time.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { allAccounts } from '../ledger-data.ts';
import { addressValues } from '../list-query.ts';
import { formatMoney } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { actOn } from '../reconciliation-actions.ts';

export const meta = pageTitle<{ statement: { source_name: string } }>(
  ({ statement }) => `${statement.source_name} · Reconciliation`,
);

const MOST_LINES = 100;

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const statement = await context.run(statementGet, { id: idParam(params) });
  const { id } = statement;
  const isOpen = statement.status === 'open';
  const values = addressValues(request, ['from', 'to', 'q']);
  const [source, report, lines, ledger, suggested, matches] = await Promise.all([
    context.run(sourceGet, { id: statement.source_id }),
    context.run(reportGet, { id }),
    context.run(statementLineList, { statement_id: id, is_matched: false, limit: MOST_LINES, ...values }),
    isOpen ? context.run(ledgerLineList, { id, limit: MOST_LINES, ...values }) : null,
    isOpen ? context.run(suggestMatches, { id, limit: 8 }) : null,
    context.run(matchList, { statement_id: id, limit: 25 }),
  ]);
  const accounts = isOpen && context.can('account:read') ? await allAccounts(context, source.book_id) : [];
  const others = accounts.filter((account) => account.id !== source.account_id && account.currency === source.currency);
  return {
    formKey: newFormKey(),
    statement,
    report,
    values,
    lines,
    ledger,
    suggestions: suggested?.data ?? [],
    differenceAccount: source.difference_account_id,
    matches,
    accounts: others.map(({ id: value, code, name }) => ({ value, label: `${code} ${name}` })),
    chosen: { difference_account_id: '', difference_description: '' },
    may: { match: context.can('reconciliation:match'), sign: context.can('reconciliation:sign_off') },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const answer = await actOn(context, id, form);
  if ('problem' in answer) {
    const ticked = (name: string) => form.getAll(name).join(' ');
    return refused(answer.problem, {
      ...readFields(form, ['difference_account_id', 'difference_description']),
      statement_line: ticked('statement_line'),
      ledger_line: ticked('ledger_line'),
    });
  }
  if (form.get('intent') === 'discard') throw redirect('/reconciliation');
  const { search } = new URL(request.url);
  throw redirect(`/reconciliation/${id}${search.replace(/[?&](created|saved)=1/, '')}`);
}

export default function StatementWorkbench() {
  const data = useLoaderData<typeof loader>();
  const { formKey, statement, report, values, lines, ledger, suggestions, differenceAccount } = data;
  const { matches, accounts, chosen, may } = data;
  const state = useActionData<typeof action>();
  const { currency } = statement;
  const { locale } = useTenant();
  const isOpen = statement.status === 'open';
  return (
    <>
      <DoneNotice created={importedText(statement)} />
      <PageHeader
        title={statement.source_name}
        crumbs={[{ href: '/reconciliation', label: 'Reconciliation' }]}
        beside={<StatementStatus status={statement.status} />}
        lead={
          <>
            <CalendarDate value={statement.period_from} /> – <CalendarDate value={statement.period_to} />
          </>
        }
      >
        {isOpen && may.match && matches.data.length === 0 ? (
          <ButtonForm formKey={`${formKey}-discard`} intent="discard" plain>
            Discard
          </ButtonForm>
        ) : null}
        <Link className="button" to={`/reconciliation/${statement.id}/report`}>
          Report
        </Link>
        {isOpen && may.match && lines.data.length > 0 ? (
          <ButtonForm formKey={`${formKey}-auto`} intent="auto">
            Match by rules
          </ButtonForm>
        ) : null}
      </PageHeader>
      {state?.problem ? (
        <ErrorSummary problem={withSums(state.problem, currency, locale)} labels={WORKBENCH_LABELS} />
      ) : null}
      <div className="stack">
        <SignOff statement={statement} report={report} formKey={formKey} maySign={may.sign} />
        {suggestions.length > 0 && may.match ? (
          <Suggestions rows={suggestions} currency={currency} formKey={formKey} differenceAccount={differenceAccount} />
        ) : null}
        {isOpen && ledger ? (
          <>
            <Filters values={values}>
              <DateFilter name="from" label="From" values={values} />
              <DateFilter name="to" label="To" values={values} />
              <SearchFilter name="q" label="Text" values={values} placeholder="Reference, description" />
            </Filters>
            <ReconciliationWorkbench
              key={statement.version}
              statementLines={lines.data}
              ledgerLines={ledger.data}
              hasMore={{ statement: lines.next_cursor !== null, ledger: ledger.has_more }}
              currency={currency}
              accounts={accounts}
              values={chosen}
              state={state && { ...state, problem: null }}
              formKey={formKey}
            />
          </>
        ) : null}
        {matches.data.length > 0 ? (
          <Matches
            rows={matches.data}
            currency={currency}
            formKey={formKey}
            mayUndo={isOpen && may.match}
            total={statement.matched_count}
          />
        ) : null}
      </div>
    </>
  );
}

/** Sums that differ, said as money. */
function withSums(problem: Problem, currency: string, locale: string): Problem {
  if (problem.code !== 'sums_differ') return problem;
  const money = (name: string) => formatMoney(Number(problem[name]), currency, locale);
  const sums = `Statement ${money('statement_amount')}, ledger ${money('ledger_amount')}, difference ${money('difference')}.`;
  return { ...problem, detail: `${sums} Tick other lines, or post the difference to an account.` };
}

function importedText({ line_count: count, skipped_count: skipped }: { line_count: number; skipped_count: number }) {
  return `${count} ${count === 1 ? 'line was' : 'lines were'} imported${skipped > 0 ? `, ${skipped} were here already` : ''}.`;
}

type ButtonFormProps = { formKey: string; intent: string; plain?: boolean; children: string };

function ButtonForm({ formKey, intent, plain = false, children }: ButtonFormProps) {
  return (
    <Form method="post">
      <input type="hidden" name="idempotency_key" value={formKey} />
      <button type="submit" name="intent" value={intent} className={`button button-${plain ? 'plain' : 'primary'}`}>
        {children}
      </button>
    </Form>
  );
}
