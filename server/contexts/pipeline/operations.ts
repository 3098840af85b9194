// What the pipeline promises, and what became of it: read from prospects and from the stages that they entered.
import { defineOperation } from '../../operations/operation.ts';
import { requirePipeline } from '../prospect/operations.ts';
import { selectForecast, selectFunnel } from './queries.ts';
import { forecast, forecastInput, funnel, funnelInput } from './schemas.ts';

export const pipelineForecast = defineOperation({
  name: 'pipeline.forecast',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect',
  summary: 'Read what the open pipeline promises, by month of the expected close, currency and stage',
  input: forecastInput,
  output: forecast,
  isReport: true,
  http: { method: 'GET', path: '/api/pipeline/forecast' },
  run: async (ctx, { owner_id }) => {
    requirePipeline(ctx);
    return { data: [...(await selectForecast(ctx.tx, owner_id))] };
  },
});

export const pipelineFunnel = defineOperation({
  name: 'pipeline.funnel',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect',
  summary: 'Read how far prospects came, and how long they stayed in each stage',
  input: funnelInput,
  output: funnel,
  isReport: true,
  http: { method: 'GET', path: '/api/pipeline/funnel' },
  run: async (ctx, input) => {
    requirePipeline(ctx);
    return { data: [...(await selectFunnel(ctx.tx, input))] };
  },
});
