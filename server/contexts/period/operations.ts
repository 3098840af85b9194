// Periods: one calendar of months per book, closed in order. Nothing is dated in a closed month; what comes late goes to the
// first open day when its caller says so. Reopening takes another person than closing did. Written by SQL functions only.
import { orNotFound } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { book } from '../account/schemas.ts';
import { callClosePeriod, callReadiness, callReopenPeriod, selectCalendar } from './queries.ts';
import {
  closedPeriods,
  periodCalendar,
  periodCloseInput,
  periodListInput,
  periodReopenInput,
  readiness,
  readinessInput,
} from './schemas.ts';

export const periodList = defineOperation({
  name: 'period.list',
  kind: 'read',
  risk: 'read',
  permission: 'period:read',
  resource: 'period',
  summary: 'List the months of a year of a book: which are closed, by whom, and which can be',
  input: periodListInput,
  output: periodCalendar,
  http: { method: 'GET', path: '/api/periods' },
  run: async (ctx, input) => orNotFound(await selectCalendar(ctx.tx, ctx.scope, input)),
});

export const periodReadiness = defineOperation({
  name: 'period.readiness',
  kind: 'read',
  risk: 'read',
  permission: 'period:read',
  resource: 'book',
  summary: 'Check whether the month of a book that ends on a day can be closed',
  input: readinessInput,
  output: readiness,
  http: { method: 'GET', path: '/api/books/{id}/readiness' },
  run: (ctx, { id, through }) => callReadiness(ctx.tx, ctx.scope, id, through),
});

export const periodClose = defineOperation({
  name: 'period.close',
  kind: 'write',
  risk: 'money',
  permission: 'period:close',
  resource: 'book',
  summary: 'Close a month of a book, or of several at once: nothing is dated in it any more',
  input: periodCloseInput,
  output: closedPeriods,
  http: { method: 'POST', path: '/api/books/{id}/close-period' },
  describe: ({ through }) => `Closed the month ${through.slice(0, 7)}`,
  statement: (ctx, input, work) => callClosePeriod(ctx.tx, work, input),
});

export const periodReopen = defineOperation({
  name: 'period.reopen',
  kind: 'write',
  risk: 'money',
  permission: 'period:reopen',
  resource: 'book',
  summary: 'Reopen the closed months of a book after a day, as another person than who closed them',
  input: periodReopenInput,
  output: book,
  http: { method: 'POST', path: '/api/books/{id}/reopen-period' },
  describe: ({ through, reason }) =>
    `Reopened ${through ? `all after ${through.slice(0, 7)}` : 'every month'}: ${reason}`,
  statement: (ctx, input, work) => callReopenPeriod(ctx.tx, work, input),
});
