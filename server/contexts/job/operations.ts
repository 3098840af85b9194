// Background work: what is queued, running, done or dead, and the product's own recurring jobs. A job's handler is an
// operation; it may run more than once and does its work once.
import * as v from 'valibot';
import { mailHtml, mailText } from '../../branding/mail.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { orNotFound } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { mailBrand } from '../tenant/operations.ts';
import { claimMail, insertMail, markDelivered, pageOfJobs, pruneKept, selectJob, sweep } from './queries.ts';
import { job, jobListInput, jobList as jobListSchema } from './schemas.ts';

export const jobList = defineOperation({
  name: 'job.list',
  kind: 'read',
  risk: 'read',
  permission: 'job:read',
  resource: 'job',
  summary: 'List background jobs',
  input: jobListInput,
  output: jobListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/jobs' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Jobs');
    return pageOfJobs(ctx.tx, input);
  },
});

export const jobGet = defineOperation({
  name: 'job.get',
  kind: 'read',
  risk: 'read',
  permission: 'job:read',
  resource: 'job',
  summary: 'Watch a background job',
  input: idInput,
  output: job,
  http: { method: 'GET', path: '/api/jobs/{id}' },
  run: async (ctx, { id }) => orNotFound(ctx.scope.all ? await selectJob(ctx.tx, id) : null),
});

export const housekeepingSweep = defineOperation({
  name: 'housekeeping.sweep',
  kind: 'write',
  risk: 'write',
  permission: 'job:run',
  resource: 'job',
  summary:
    'Drop what has expired, and what is over for longer than the tenant keeps it; go on with cards and transfers that wait',
  input: empty,
  output: v.object({ swept: v.number(), resumed: v.number(), pruned: v.record(v.string(), v.number()) }),
  closedDoors: { http: 'Runs every hour by itself.', mcp: 'Runs every hour by itself.' },
  describe: () => 'Dropped what had expired',
  run: async (ctx) => ({ ...(await sweep(ctx.tx)), pruned: await pruneKept(ctx.tx) }),
});

export const outboxDeliver = defineOperation({
  name: 'outbox.deliver',
  kind: 'write',
  risk: 'write',
  permission: 'job:run',
  resource: 'job',
  summary: 'Carry out the side effects that wait in the outbox',
  input: empty,
  output: v.object({ delivered: v.number() }),
  closedDoors: { http: 'Queued with the change that causes it.', mcp: 'Queued with the change that causes it.' },
  describe: () => 'Carried out what waited in the outbox',
  run: async (ctx) => {
    // Without a way out mail waits until it is of no use, and the health of the system says so.
    const rows = ctx.services.hasMailbox ? await claimMail(ctx.tx) : [];
    for (const row of rows) {
      const { recipient, sealed_body: sealed } = row.payload;
      const body = row.payload.body ?? (await ctx.services.sealer.open(`mail ${recipient}`, sealed ?? ''));
      const brand = await mailBrand(ctx, row.payload.origin);
      const { subject } = row.payload;
      await insertMail(ctx.tx, row, { text: mailText(brand, body), html: mailHtml(brand, { subject, body }) });
      await markDelivered(ctx.tx, row.id);
    }
    return { delivered: rows.length };
  },
});
