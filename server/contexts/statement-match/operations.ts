// Matches: which lines of a statement are which lines of the ledger. The sums of a match are equal, and no line is matched twice.
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { newId } from '../../operations/id.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { choose, type Suggestion, suggest } from '../../reconciliation/suggest.ts';
import { findStatement, sourceOf, statementOf } from '../statement/operations.ts';
import type { Source, Statement } from '../statement/schemas.ts';
import { postWithin, stepWithin } from '../transaction/operations.ts';
import {
  callRecordMatches,
  callRemoveMatch,
  type NewMatch,
  pageOfMatches,
  selectLatestDay,
  selectLinesOfTransaction,
  selectMatch,
  selectOpenLedgerLines,
  selectOpenStatementLines,
  sumOfLedgerLines,
  sumOfStatementLines,
  type Window,
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
  suggestInput,
  suggestions as suggestionsSchema,
} from './schemas.ts';

/** How many lines are looked at together, and about how many matches are made in one transaction. */
const LINES_AT_ONCE = 1_000;
const MOST_MATCHES = 2_000;
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
export function personOf({ actor }: Context) {
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
  window: Window,
  after?: { date: string; id: string },
) {
  const open = await selectOpenStatementLines(ctx.tx, found.id, window, after);
  const statementLines = open.slice(0, window.limit);
  const [first, last] = [statementLines[0], statementLines.at(-1)];
  if (!first || !last) return { suggestions: [], next: undefined };
  const reach = Math.max(...source.rules.map(({ days }) => days));
  const around = { from: shifted(first.date, -reach), to: shifted(last.date, reach), limit: MOST_LEDGER_LINES };
  const ledgerLines = await selectOpenLedgerLines(ctx.tx, found.account_id, around);
  const lines = { statement: statementLines, ledger: ledgerLines.slice(0, MOST_LEDGER_LINES) };
  return { suggestions: suggest(lines, source.rules), next: open.length > window.limit ? last : undefined };
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
    const { suggestions, next } = await findSuggestions(ctx, found, await sourceOf(ctx, found), window);
    const likely = suggestions.filter(({ score }) => score >= LEAST_SCORE);
    return { data: likely.slice(0, limit), has_more: next !== undefined || likely.length > limit };
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
 * Posts what the ledger lines of a match lack to its statement lines, within the scope of who may post by hand. The account to
 * post to must be in the book of the source, or the journal would not balance.
 */
async function withDifference(
  ctx: Context,
  source: Source,
  made: NewMatch,
  what: { amount: number; date: string; accountId: string; description: string },
): Promise<NewMatch> {
  const amount = Math.abs(what.amount);
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
      { account_id: source.account_id, side: own, amount },
      { account_id: what.accountId, side: other, amount },
    ],
  );
  const lines = await selectLinesOfTransaction(ctx.tx, source.account_id, posted.id);
  return {
    ...made,
    ledger_lines: [...made.ledger_lines, ...lines],
    difference: what.amount,
    difference_transaction_id: posted.id,
  };
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
    const found = await givenStatement(ctx, input.statement_id);
    const { statement_line_ids: lines, ledger_lines: ledgerLines } = input;
    if (lines.length + ledgerLines.length === 0) {
      throw new DomainError('invalid', 'Choose the lines to match.', {
        errors: { statement_line_ids: ['are required'] },
      });
    }
    const statementAmount = await sumOfStatementLines(ctx.tx, found.id, lines);
    const ledgerAmount = await sumOfLedgerLines(ctx.tx, found.account_id, ledgerLines);
    const amount = statementAmount - ledgerAmount;
    const made = { id: ctx.id, rule: 'manual', statement_line_ids: lines, ledger_lines: ledgerLines };
    if (amount !== 0 && !input.difference) {
      throw sumsDiffer(statementAmount, ledgerAmount);
    }
    const whole =
      amount === 0
        ? made
        : await withDifference(ctx, await sourceOf(ctx, found), made, {
            amount,
            date: (await selectLatestDay(ctx.tx, found.id, lines)) ?? found.period_to,
            accountId: input.difference!.account_id,
            description: input.difference!.description ?? `Difference in ${found.source_name}`,
          });
    await callRecordMatches(ctx.tx, found.id, [whole], personOf(ctx));
    return orNotFound(await selectMatch(ctx.tx, ctx.scope, ctx.id));
  },
});

async function givenStatement(ctx: Context, id: string): Promise<Statement> {
  const found = await findStatement(ctx, id);
  if (!found) {
    throw new DomainError('invalid', 'The statement does not exist.', { errors: { statement_id: ['does not exist'] } });
  }
  return found;
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
      await callRecordMatches(ctx.tx, statementId, [reversal], personOf(ctx));
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
  return withDifference(ctx, source, made, {
    amount: chosen.difference,
    date: chosen.statement_lines[0]!.date,
    accountId: source.difference_account_id,
    description: `Difference in ${source.name}`,
  });
}

export const autoMatch = defineOperation({
  name: 'reconciliation.auto_match',
  kind: 'write',
  risk: 'money',
  permission: 'reconciliation:match',
  alsoRequires: ['transaction:post_raw'],
  resource: 'statement',
  summary: 'Match what is likely enough by the rules of the source; the rest is left to a person',
  input: autoMatchInput,
  output: autoMatched,
  http: { method: 'POST', path: '/api/reconciliation/statements/{id}/auto-match' },
  describe: () => 'Matched a statement by rules',
  onConstraint,
  run: async (ctx, { id, minimum_score: minimum = DEFAULT_SCORE }) => {
    const found = await statementOf(ctx, id);
    const source = await sourceOf(ctx, found);
    const window = { from: found.period_from, to: found.period_to, limit: LINES_AT_ONCE };
    const made: NewMatch[] = [];
    let matchedLines = 0;
    let after: { date: string; id: string } | undefined;
    do {
      const { suggestions, next } = await findSuggestions(ctx, found, source, window, after);
      const matches: NewMatch[] = [];
      for (const chosen of choose(suggestions, minimum)) {
        const whole = await matchOf(ctx, source, chosen);
        if (whole) matches.push(whole);
      }
      matchedLines += await callRecordMatches(ctx.tx, id, matches, personOf(ctx));
      made.push(...matches);
      after = next;
    } while (after && made.length < MOST_MATCHES);
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
