// Statements of accounts: the posted lines of a period, each with the balance after it. A page costs the same wherever it
// lies: its opening balance comes from folded sums, and its cursor carries what was posted before it since then.
import * as v from 'valibot';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { decodeCursor, encodeCursor, malformedCursor } from '../../operations/list.ts';
import { defineOperation } from '../../operations/operation.ts';
import { calendarDate, id } from '../../operations/schemas.ts';
import { axisOf } from '../report/operations.ts';
import { type Period, type Place, type StatementRow, selectStatement } from './queries.ts';
import { type StatementLine, statement, statementInput } from './schemas.ts';

type Input = v.InferOutput<typeof statementInput>;

/**
 * The place, and what was posted before it: on its day (effective), where folded sums end, or since `from` (recorded). So
 * a line that is backdated while somebody turns pages still counts in the balances that follow.
 */
const cursorSchema = v.strictTuple([
  v.string(),
  calendarDate,
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(32767)),
  v.pipe(v.string(), v.regex(/^\d{1,19}$/)),
  id,
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32767)),
  v.pipe(v.number(), v.safeInteger()),
]);

function periodOf({ from, to, axis }: Input): Period {
  return { axis: axisOf({ from, to }, axis), from: from ?? null, to: to ?? null };
}

/** A cursor holds for the account, axis and beginning that it was given out for. */
function nameOf({ id: accountId }: Input, { axis, from }: Period): string {
  return `statement ${accountId} ${axis} ${from ?? ''}`;
}

function placeOf(input: Input, period: Period): { place: Place | null; carried: number } {
  if (input.cursor === undefined) {
    return { place: null, carried: 0 };
  }
  const [name, day, epoch, xid, journal, position, carried] = decodeCursor(input.cursor, cursorSchema);
  if (name !== nameOf(input, period)) {
    throw malformedCursor();
  }
  return { place: { day, epoch, xid, journal, position }, carried };
}

function exact(sum: number): number {
  if (!Number.isSafeInteger(sum)) {
    throw new DomainError('amount_out_of_range', 'A sum is beyond what can be answered exactly (2^53 - 1).');
  }
  return sum;
}

type Start = { balance: number; day: string; carried: number };

/** The lines with the balance after each, and what the next page has to carry. */
function withBalances(lines: StatementRow['lines'], { axis }: Period, start: Start) {
  let { balance, day, carried } = start;
  const data: StatementLine[] = [];
  for (const { epoch: _epoch, xid: _xid, ...line } of lines) {
    if (axis === 'effective' && line.effective_date !== day) {
      day = line.effective_date;
      carried = 0;
    }
    const change = line.side === 'debit' ? line.amount : -line.amount;
    carried = exact(carried + change);
    balance = exact(balance + change);
    data.push({ ...line, balance });
  }
  return { data, carried };
}

export const accountStatement = defineOperation({
  name: 'account.statement',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:read',
  resource: 'account',
  summary: 'Read the posted lines of an account with running balance, by day (effective) or as recorded',
  input: statementInput,
  output: statement,
  isList: true,
  http: { method: 'GET', path: '/api/accounts/{id}/statement' },
  run: async (ctx, input) => {
    const period = periodOf(input);
    const { place, carried } = placeOf(input, period);
    const limit = input.limit ?? 50;
    const found = orNotFound(await selectStatement(ctx.tx, ctx.scope, input.id, period, place, limit));
    const opening = found.opening_debits - found.opening_credits;
    const isWithinDay = place !== null && period.axis === 'effective';
    const balance = exact((isWithinDay ? found.before : opening) + carried);
    const shown = found.lines.slice(0, limit);
    const page = withBalances(shown, period, { balance, day: place?.day ?? '', carried });
    const last = found.lines.length > limit ? shown.at(-1) : undefined;
    const next = last && [last.effective_date, last.epoch, last.xid, last.journal_id, last.position, page.carried];
    return {
      account_id: input.id,
      currency: found.currency,
      ...period,
      final: found.final,
      opening_balance: opening,
      debits: found.closing_debits - found.opening_debits,
      credits: found.closing_credits - found.opening_credits,
      closing_balance: found.closing_debits - found.closing_credits,
      brought_forward: balance,
      data: page.data,
      next_cursor: next ? encodeCursor([nameOf(input, period), ...next]) : null,
    };
  },
});
