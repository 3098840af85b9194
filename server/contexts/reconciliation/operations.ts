// Reconciliation: which lines of a statement are which lines of the ledger. The sums of a match are equal, no line is matched
// twice, and a statement that is signed off does not change until somebody else opens it again.
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { newId } from '../../operations/id.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { choose, type Suggestion, suggest } from '../../reconciliation/suggest.ts';
import { sourceOf, statementOf } from '../statement/operations.ts';
import { type Source, type Statement, statement } from '../statement/schemas.ts';
import { postWithin, stepWithin } from '../transaction/operations.ts';
import {
  callRecordMatches,
  callRemoveMatch,
  callReopen,
  callSignOff,
  type LineRef,
  type NewMatch,
  pageOfMatches,
  selectLatestDay,
  selectLinesOfTransaction,
  selectMatch,
  selectOpenLedgerLines,
  selectOpenStatementLines,
  selectReport,
  sumOfLedgerLines,
  sumOfStatementLines,
} from './queries.ts';
import {
  autoMatched,
  autoMatchInput,
  ledgerLinesInput,
  ledgerLines as ledgerLinesSchema,
  match,
  matchInput,
  matchListInput,
  matchList as matchListSchema,
  reopenInput,
  report,
  signOffInput,
  suggestInput,
  suggestions as suggestionsSchema,
} from './schemas.ts';

/** How much is looked at in one go. */
const MOST_LINES = 5_000;
const MOST_LEDGER_LINES = 20_000;
/** What is matched without a person is at least as likely as this, unless told otherwise. */
const DEFAULT_SCORE = 0.85;
/** Suggestions below this are noise. */
const LEAST_SCORE = 0.3;
const DAY_MS = 86_400_000;

/** A day so many days later; kept within what the ledger can date. */
function shifted(date: string, days: number): string {
  const instant = Date.parse(`${date}T00:00:00Z`) + days * DAY_MS;
  const bounded = Math.min(Math.max(instant, Date.parse('1900-01-01T00:00:00Z')), Date.parse('9999-12-31T00:00:00Z'));
  return new Date(bounded).toISOString().slice(0, 10);
}

/** Who acts, as matches and statements remember it: the person behind an impersonation. */
function actorOf({ actor }: Context) {
  const { type, id, name } = actor.impersonator ?? actor;
  return { type, id, name };
}

const onConstraint = {
  matched_statement_lines_once: () =>
    new DomainError('already_matched', 'A line of the statement is matched already.', {
      errors: { statement_line_ids: ['are matched already'] },
    }),
  matched_ledger_lines_once: () =>
    new DomainError('already_matched', 'A line of the ledger is matched already.', {
      errors: { ledger_lines: ['are matched already'] },
    }),
};

export const ledgerLineList = defineOperation({
  name: 'reconciliation.ledger_lines',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement',
  summary: "List the lines of a statement's account that nothing is matched with",
  input: ledgerLinesInput,
  output: ledgerLinesSchema,
  http: { method: 'GET', path: '/api/reconciliation/statements/{id}/ledger-lines' },
  run: async (ctx, { id, q, ...input }) => {
    const found = await statementOf(ctx, id);
    const window = {
      from: input.from ?? shifted(found.period_from, -14),
      to: input.to ?? shifted(found.period_to, 3),
      limit: input.limit ?? 100,
    };
    const lines = await selectOpenLedgerLines(ctx.tx, found.account_id, window, q);
    const { from, to, limit } = window;
    return { data: lines.slice(0, limit), from, to, has_more: lines.length > limit };
  },
});

/** What of a statement may belong to what of the ledger: only lines that are open, within the days that its rules reach. */
async function findSuggestions(
  ctx: Context,
  found: Statement,
  source: Source,
  window: { from: string; to: string; limit: number },
) {
  const open = await selectOpenStatementLines(ctx.tx, found.id, window);
  const hasMore = open.length > window.limit;
  const statementLines = open.slice(0, window.limit);
  const [first, last] = [statementLines[0]?.date, statementLines.at(-1)?.date];
  if (!first || !last) return { suggestions: [], hasMore };
  const reach = Math.max(...source.rules.map(({ days }) => days));
  const around = { from: shifted(first, -reach), to: shifted(last, reach), limit: MOST_LEDGER_LINES };
  const ledgerLines = await selectOpenLedgerLines(ctx.tx, found.account_id, around);
  const lines = { statement: statementLines, ledger: ledgerLines.slice(0, MOST_LEDGER_LINES) };
  return { suggestions: suggest(lines, source.rules), hasMore };
}

export const suggestMatches = defineOperation({
  name: 'reconciliation.suggest',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement',
  summary: 'Suggest which open lines of a statement and of the ledger belong together, with scores and reasons',
  input: suggestInput,
  output: suggestionsSchema,
  http: { method: 'GET', path: '/api/reconciliation/statements/{id}/suggestions' },
  run: async (ctx, { id, from, to, limit = 50 }) => {
    const found = await statementOf(ctx, id);
    const window = { from: from ?? found.period_from, to: to ?? found.period_to, limit: 500 };
    const { suggestions, hasMore } = await findSuggestions(ctx, found, await sourceOf(ctx, found), window);
    const likely = suggestions.filter(({ score }) => score >= LEAST_SCORE);
    return { data: likely.slice(0, limit), has_more: hasMore || likely.length > limit };
  },
});

export const matchList = defineOperation({
  name: 'reconciliation.list_matches',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'reconciliation_match',
  summary: 'List matches with their lines',
  input: matchListInput,
  output: matchListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/reconciliation/matches' },
  run: (ctx, input) => pageOfMatches(ctx.tx, ctx.scope, input),
});

/**
 * Posts what ledger lines lack to statement lines, within the scope of who may post by hand. The account to post to must be in
 * the book of the source, or the journal would not balance.
 * @returns the line of it on the account that is reconciled
 */
async function postDifference(
  ctx: Context,
  source: Source,
  what: { amount: number; date: string; accountId: string; description: string },
): Promise<{ transactionId: string; lines: readonly LineRef[] }> {
  const size = Math.abs(what.amount);
  const [own, other] = what.amount > 0 ? (['debit', 'credit'] as const) : (['credit', 'debit'] as const);
  const posted = await postWithin(
    { ...ctx, scope: ctx.require('transaction:post_raw') },
    {
      description: what.description,
      effective_date: what.date,
      on_closed_period: 'next_open',
      source: 'reconciliation',
      metadata: { source_id: source.id },
    },
    [
      { account_id: source.account_id, side: own, amount: size },
      { account_id: what.accountId, side: other, amount: size },
    ],
  );
  return { transactionId: posted.id, lines: await selectLinesOfTransaction(ctx.tx, source.account_id, posted.id) };
}

function sumsDiffer(statementAmount: number, ledgerAmount: number): DomainError {
  return new DomainError('sums_differ', 'The lines of the statement and of the ledger do not add up to the same.', {
    extra: {
      statement_amount: statementAmount,
      ledger_amount: ledgerAmount,
      difference: statementAmount - ledgerAmount,
    },
  });
}

export const matchCreate = defineOperation({
  name: 'reconciliation.match',
  kind: 'write',
  risk: 'money',
  permission: 'reconciliation:match',
  alsoRequires: ['transaction:post_raw'],
  resource: 'reconciliation_match',
  summary: 'Match lines of a statement with lines of the ledger; a difference is posted where the caller says',
  input: matchInput,
  output: match,
  http: { method: 'POST', path: '/api/reconciliation/matches', status: 201 },
  describe: ({ statement_line_ids: lines, ledger_lines: ledger }) =>
    `Matched ${lines.length} statement and ${ledger.length} ledger lines`,
  onConstraint,
  run: async (ctx, input) => {
    const found = await statementOf(ctx, input.statement_id).catch((error: unknown) => {
      throw error instanceof DomainError && error.code === 'not_found' ? noStatement() : error;
    });
    const made: NewMatch = {
      id: ctx.id,
      rule: 'manual',
      statement_line_ids: input.statement_line_ids,
      ledger_lines: input.ledger_lines,
    };
    const statementAmount = await sumOfStatementLines(ctx.tx, found.id, input.statement_line_ids);
    const ledgerAmount = await sumOfLedgerLines(ctx.tx, found.account_id, input.ledger_lines);
    const amount = statementAmount - ledgerAmount;
    if (input.statement_line_ids.length + input.ledger_lines.length === 0) {
      throw new DomainError('invalid', 'Choose the lines to match.', {
        errors: { statement_line_ids: ['are required'] },
      });
    }
    if (amount === 0) {
      await callRecordMatches(ctx.tx, found.id, [made], actorOf(ctx));
      return orNotFound(await selectMatch(ctx.tx, ctx.scope, ctx.id));
    }
    if (!input.difference) {
      throw sumsDiffer(statementAmount, ledgerAmount);
    }
    const { account_id: accountId, description } = input.difference;
    const source = await sourceOf(ctx, found);
    const posted = await postDifference(ctx, source, {
      amount,
      date: (await selectLatestDay(ctx.tx, found.id, input.statement_line_ids)) ?? found.period_to,
      accountId,
      description: description ?? `Difference in ${found.source_name}`,
    });
    await callRecordMatches(
      ctx.tx,
      found.id,
      [
        {
          ...made,
          ledger_lines: [...input.ledger_lines, ...posted.lines],
          difference: amount,
          difference_transaction_id: posted.transactionId,
        },
      ],
      actorOf(ctx),
    );
    return orNotFound(await selectMatch(ctx.tx, ctx.scope, ctx.id));
  },
});

function noStatement(): DomainError {
  return new DomainError('invalid', 'The statement does not exist.', { errors: { statement_id: ['does not exist'] } });
}

export const matchUndo = defineOperation({
  name: 'reconciliation.unmatch',
  kind: 'write',
  risk: 'money',
  permission: 'reconciliation:match',
  alsoRequires: ['transaction:reverse'],
  resource: 'reconciliation_match',
  summary: 'Undo a match of a statement that is not signed off; the difference it posted is reversed',
  input: idInput,
  output: empty,
  http: { method: 'DELETE', path: '/api/reconciliation/matches/{id}', status: 204 },
  describe: () => 'Undid a match',
  onConstraint,
  run: async (ctx, { id }) => {
    const found = orNotFound(await selectMatch(ctx.tx, ctx.scope, id));
    const { statement_id: statementId, difference_transaction_id: posted } = found;
    await callRemoveMatch(ctx.tx, id);
    if (posted) {
      const scope = ctx.require('transaction:reverse');
      await stepWithin({ ...ctx, scope }, posted, 'reversal', {
        reason: 'The match that it made up for was undone',
        on_closed_period: 'next_open',
      });
      // It and its reversal cancel out: no statement will ever show them.
      const { account_id: accountId } = await statementOf(ctx, statementId);
      const lines = await selectLinesOfTransaction(ctx.tx, accountId, posted);
      const reversal = { id: newId(), rule: 'reversal', statement_line_ids: [], ledger_lines: lines };
      await callRecordMatches(ctx.tx, statementId, [reversal], actorOf(ctx));
    }
    return {};
  },
});

/** A suggestion as a match; its difference, within a rule's tolerance, is posted first. Null when there is nowhere to post it. */
async function matchOf(ctx: Context, source: Source, chosen: Suggestion): Promise<NewMatch | null> {
  const made: NewMatch = {
    id: newId(),
    rule: chosen.rule,
    score: chosen.score,
    statement_line_ids: chosen.statement_lines.map(({ id }) => id),
    ledger_lines: chosen.ledger_lines.map(({ journal_id, position }) => ({ journal_id, position })),
  };
  if (chosen.difference === 0) return made;
  if (!source.difference_account_id) return null;
  const posted = await postDifference(ctx, source, {
    amount: chosen.difference,
    date: chosen.statement_lines[0]!.date,
    accountId: source.difference_account_id,
    description: `Difference in ${source.name}`,
  });
  return {
    ...made,
    ledger_lines: [...made.ledger_lines, ...posted.lines],
    difference: chosen.difference,
    difference_transaction_id: posted.transactionId,
  };
}

export const autoMatch = defineOperation({
  name: 'reconciliation.auto_match',
  kind: 'write',
  risk: 'money',
  permission: 'reconciliation:match',
  alsoRequires: ['transaction:post_raw'],
  resource: 'statement',
  summary: 'Match what is likely enough by the rules of the source, in one go; the rest is left to a person',
  input: autoMatchInput,
  output: autoMatched,
  http: { method: 'POST', path: '/api/reconciliation/statements/{id}/auto-match' },
  describe: () => 'Matched a statement by rules',
  onConstraint,
  run: async (ctx, { id, minimum_score: minimum = DEFAULT_SCORE }) => {
    const found = await statementOf(ctx, id);
    const source = await sourceOf(ctx, found);
    const window = { from: found.period_from, to: found.period_to, limit: MOST_LINES };
    const { suggestions } = await findSuggestions(ctx, found, source, window);
    const made: NewMatch[] = [];
    for (const chosen of choose(suggestions, minimum)) {
      const next = await matchOf(ctx, source, chosen);
      if (next) made.push(next);
    }
    const matchedLines = await callRecordMatches(ctx.tx, id, made, actorOf(ctx));
    const byRule: Record<string, number> = {};
    for (const { rule } of made) byRule[rule] = (byRule[rule] ?? 0) + 1;
    return {
      statement_id: id,
      matches: made.length,
      matched_lines: matchedLines,
      differences: made.filter(({ difference }) => difference).length,
      by_rule: byRule,
      remaining_lines: found.line_count - found.matched_count - matchedLines,
    };
  },
});

export const signOff = defineOperation({
  name: 'reconciliation.sign_off',
  kind: 'write',
  risk: 'write',
  permission: 'reconciliation:sign_off',
  resource: 'statement',
  summary: 'Sign a statement off when every line is matched; its report is kept as it is then',
  input: signOffInput,
  output: statement,
  http: { method: 'POST', path: '/api/reconciliation/statements/{id}/sign-off' },
  describe: () => 'Signed a statement off',
  run: async (ctx, { id, note }) => {
    const found = await statementOf(ctx, id);
    const { expectedVersion } = ctx.call;
    if (expectedVersion !== undefined && expectedVersion !== found.version) throw new DomainError('stale');
    await callSignOff(ctx.tx, id, note ?? null, actorOf(ctx));
    return statementOf(ctx, id);
  },
});

export const reopen = defineOperation({
  name: 'reconciliation.reopen',
  kind: 'write',
  risk: 'write',
  permission: 'reconciliation:sign_off',
  resource: 'statement',
  summary: 'Open a statement again that somebody else signed off, with a reason',
  input: reopenInput,
  output: statement,
  http: { method: 'POST', path: '/api/reconciliation/statements/{id}/reopen' },
  describe: ({ reason }) => `Opened a statement again: ${reason}`,
  run: async (ctx, { id, reason }) => {
    await statementOf(ctx, id);
    await callReopen(ctx.tx, id, reason, actorOf(ctx));
    return statementOf(ctx, id);
  },
});

export const reportGet = defineOperation({
  name: 'reconciliation.report',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement',
  summary: 'Read the reconciliation report of a statement: what explains its closing balance',
  input: idInput,
  output: report,
  http: { method: 'GET', path: '/api/reconciliation/statements/{id}/report' },
  run: async (ctx, { id }) => selectReport(ctx.tx, (await statementOf(ctx, id)).id),
});
