// Providers: who does the work of a merchant, when they do it, and when they do not.
import { defineArchiving } from '../../operations/archiving.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { merchantFor } from '../merchant/operations.ts';
import {
  deleteAbsence,
  insertAbsence,
  insertProvider,
  pageOfAbsences,
  pageOfProviders,
  selectAbsence,
  selectProvider,
  updateProvider,
} from './queries.ts';
import {
  provider,
  providerAbsence,
  providerAbsenceCreateInput,
  providerAbsenceListInput,
  providerAbsenceList as providerAbsenceListSchema,
  providerCreateInput,
  providerListInput,
  providerList as providerListSchema,
  providerUpdateInput,
} from './schemas.ts';

const onConstraint = {
  providers_location_exists: () =>
    new DomainError('invalid', 'The merchant has no such location.', {
      errors: { location_id: ['is not a location of the merchant'] },
    }),
};

export const providerList = defineOperation({
  name: 'provider.list',
  kind: 'read',
  risk: 'read',
  permission: 'provider:read',
  resource: 'provider',
  summary: 'List who works for merchants',
  input: providerListInput,
  output: providerListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/providers' },
  run: (ctx, input) => pageOfProviders(ctx.tx, ctx.scope, input),
});

export const providerGet = defineOperation({
  name: 'provider.get',
  kind: 'read',
  risk: 'read',
  permission: 'provider:read',
  resource: 'provider',
  summary: 'Read a provider',
  input: idInput,
  output: provider,
  http: { method: 'GET', path: '/api/providers/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectProvider(ctx.tx, ctx.scope, id)),
});

export const providerCreate = defineOperation({
  name: 'provider.create',
  kind: 'write',
  risk: 'write',
  permission: 'provider:create',
  resource: 'provider',
  summary: 'Add somebody who works for a merchant',
  input: providerCreateInput,
  output: provider,
  http: { method: 'POST', path: '/api/providers', status: 201 },
  describe: ({ name }) => `Added the provider ${name}`,
  onConstraint,
  run: async (ctx, input) => {
    await merchantFor(ctx, input.merchant_id);
    return insertProvider(ctx.tx, ctx.id, input, input.colour ?? '#3b82f6');
  },
});

export const providerUpdate = defineOperation({
  name: 'provider.update',
  kind: 'write',
  risk: 'write',
  permission: 'provider:update',
  resource: 'provider',
  summary: 'Change a provider',
  input: providerUpdateInput,
  output: provider,
  http: { method: 'PATCH', path: '/api/providers/{id}' },
  describe: () => 'Changed a provider',
  onConstraint,
  run: async (ctx, input) => {
    const updated = await updateProvider(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) throw whyUnchanged(await selectProvider(ctx.tx, ctx.scope, input.id));
    return updated;
  },
});

export const { archive: providerArchive, restore: providerRestore } = defineArchiving({
  resource: 'provider',
  table: 'providers',
  path: '/api/providers/{id}',
  output: provider,
  select: selectProvider,
});

export const providerAbsenceList = defineOperation({
  name: 'provider_absence.list',
  kind: 'read',
  risk: 'read',
  permission: 'provider:read',
  resource: 'provider_absence',
  summary: 'List when providers are away',
  input: providerAbsenceListInput,
  output: providerAbsenceListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/provider-absences' },
  run: (ctx, input) => pageOfAbsences(ctx.tx, ctx.scope, input),
});

export const providerAbsenceGet = defineOperation({
  name: 'provider_absence.get',
  kind: 'read',
  risk: 'read',
  permission: 'provider:read',
  resource: 'provider_absence',
  summary: 'Read an absence of a provider',
  input: idInput,
  output: providerAbsence,
  http: { method: 'GET', path: '/api/provider-absences/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectAbsence(ctx.tx, ctx.scope, id)),
});

export const providerAbsenceCreate = defineOperation({
  name: 'provider_absence.create',
  kind: 'write',
  risk: 'write',
  permission: 'provider:update',
  resource: 'provider_absence',
  summary: 'Say when a provider is away; what is booked then stays booked',
  input: providerAbsenceCreateInput,
  output: providerAbsence,
  http: { method: 'POST', path: '/api/provider-absences', status: 201 },
  describe: () => 'Added an absence of a provider',
  onConstraint: {
    provider_absences_end_after_start: () =>
      new DomainError('invalid', 'An absence ends after it starts.', {
        errors: { ends_at: ['must be after starts_at'] },
      }),
  },
  run: async (ctx, input) => {
    const created = await insertAbsence(ctx.tx, ctx.scope, ctx.id, input);
    if (!created) {
      throw new DomainError('invalid', 'The provider does not exist.', { errors: { provider_id: ['does not exist'] } });
    }
    return created;
  },
});

export const providerAbsenceDelete = defineOperation({
  name: 'provider_absence.delete',
  kind: 'write',
  risk: 'write',
  permission: 'provider:update',
  resource: 'provider_absence',
  summary: 'Take back an absence of a provider',
  input: idInput,
  output: providerAbsence,
  http: { method: 'DELETE', path: '/api/provider-absences/{id}' },
  describe: () => 'Took back an absence of a provider',
  run: async (ctx, { id }) => orNotFound(await deleteAbsence(ctx.tx, ctx.scope, id)),
});
