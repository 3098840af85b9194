// What the buttons of a statement's page do.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { reopen, signOff } from '../server/contexts/reconciliation/operations.ts';
import { statementDiscard } from '../server/contexts/statement/operations.ts';
import { autoMatch, matchCreate, matchUndo } from '../server/contexts/statement-match/operations.ts';
import type { Problem } from '../server/operations/errors.ts';
import { formGuards } from './forms.ts';
import { readLedgerLine } from './reconciliation.ts';

type Answer = { data: unknown } | { problem: Problem };
type Act = (context: AppLoadContext, id: string, form: FormData) => Promise<Answer>;

const text = (form: FormData, name: string) => String(form.get(name) ?? '').trim();
const all = (form: FormData, name: string) => form.getAll(name).map(String);

const matchLines: Act = (context, id, form) => {
  const account = text(form, 'difference_account_id');
  const description = text(form, 'difference_description');
  const difference = account === '' ? null : { account_id: account, description: description || null };
  const input = {
    statement_id: id,
    statement_line_ids: all(form, 'statement_line'),
    ledger_lines: all(form, 'ledger_line').map(readLedgerLine),
    difference,
  };
  return context.submit(matchCreate, input, formGuards(form));
};

const actions: Readonly<Record<string, Act>> = {
  match: matchLines,
  auto: (context, id, form) => context.submit(autoMatch, { id }, formGuards(form)),
  undo: (context, _id, form) => context.submit(matchUndo, { id: text(form, 'match_id') }, formGuards(form)),
  'sign-off': (context, id, form) =>
    context.submit(signOff, { id, note: text(form, 'note') || null }, formGuards(form)),
  reopen: (context, id, form) => context.submit(reopen, { id, reason: text(form, 'reason') }, formGuards(form)),
  discard: (context, id, form) => context.submit(statementDiscard, { id }, formGuards(form)),
};

/** Does what the pressed button says; Enter in a field matches. */
export function actOn(context: AppLoadContext, id: string, form: FormData): Promise<Answer> {
  const act = actions[text(form, 'intent')] ?? matchLines;
  return act(context, id, form);
}
