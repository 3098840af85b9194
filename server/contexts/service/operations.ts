// Services: what a merchant offers, how long it takes and what it costs; grouped by categories.
import { defineArchiving } from '../../operations/archiving.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { merchantFor, requireCurrencyOf } from '../merchant/operations.ts';
import {
  insertCategory,
  insertService,
  pageOfCategories,
  pageOfServices,
  replaceProviders,
  selectCategory,
  selectService,
  updateCategory,
  updateService,
} from './queries.ts';
import {
  service,
  serviceCategory,
  serviceCategoryCreateInput,
  serviceCategoryListInput,
  serviceCategoryList as serviceCategoryListSchema,
  serviceCategoryUpdateInput,
  serviceCreateInput,
  serviceListInput,
  serviceList as serviceListSchema,
  serviceUpdateInput,
} from './schemas.ts';

const wrong = (code: 'invalid' | 'conflict', message: string, field: string, what: string) => () =>
  new DomainError(code, message, { errors: { [field]: [what] } });

const onConstraint = {
  services_category_exists: wrong(
    'invalid',
    'The merchant has no such category.',
    'category_id',
    'is not a category of the merchant',
  ),
  service_providers_provider_exists: wrong(
    'invalid',
    'The merchant has no such provider.',
    'provider_ids',
    'must be providers of the merchant',
  ),
  services_external_id_unique: wrong(
    'conflict',
    'The merchant has a service of this external_id.',
    'external_id',
    'is taken',
  ),
};

export const serviceList = defineOperation({
  name: 'service.list',
  kind: 'read',
  risk: 'read',
  permission: 'service:read',
  resource: 'service',
  summary: 'List the services that merchants offer',
  input: serviceListInput,
  output: serviceListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/services' },
  run: (ctx, input) => pageOfServices(ctx.tx, ctx.scope, input),
});

export const serviceGet = defineOperation({
  name: 'service.get',
  kind: 'read',
  risk: 'read',
  permission: 'service:read',
  resource: 'service',
  summary: 'Read a service',
  input: idInput,
  output: service,
  http: { method: 'GET', path: '/api/services/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectService(ctx.tx, ctx.scope, id)),
});

export const serviceCreate = defineOperation({
  name: 'service.create',
  kind: 'write',
  risk: 'write',
  permission: 'service:create',
  resource: 'service',
  summary: 'Add a service that a merchant offers',
  input: serviceCreateInput,
  output: service,
  http: { method: 'POST', path: '/api/services', status: 201 },
  describe: ({ name }) => `Added the service ${name}`,
  onConstraint,
  run: async (ctx, input) => {
    const merchant = await merchantFor(ctx, input.merchant_id);
    requireCurrencyOf(merchant, input.default_price, 'default_price');
    await insertService(ctx.tx, ctx.id, input, input.colour ?? '#3b82f6');
    await replaceProviders(ctx.tx, { id: ctx.id, merchant_id: merchant.id }, input.provider_ids ?? []);
    return orNotFound(await selectService(ctx.tx, ctx.scope, ctx.id));
  },
});

export const serviceUpdate = defineOperation({
  name: 'service.update',
  kind: 'write',
  risk: 'write',
  permission: 'service:update',
  resource: 'service',
  summary: 'Change a service',
  input: serviceUpdateInput,
  output: service,
  http: { method: 'PATCH', path: '/api/services/{id}' },
  describe: () => 'Changed a service',
  onConstraint,
  run: async (ctx, input) => {
    const known = orNotFound(await selectService(ctx.tx, ctx.scope, input.id));
    if (input.default_price && input.default_price.currency !== known.default_price.currency) {
      requireCurrencyOf(await merchantFor(ctx, known.merchant_id), input.default_price, 'default_price');
    }
    const updated = await updateService(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) throw whyUnchanged(known);
    if (input.provider_ids) await replaceProviders(ctx.tx, updated, input.provider_ids);
    return orNotFound(await selectService(ctx.tx, ctx.scope, input.id));
  },
});

export const { archive: serviceArchive, restore: serviceRestore } = defineArchiving({
  resource: 'service',
  table: 'services',
  path: '/api/services/{id}',
  output: service,
  select: selectService,
});

export const serviceCategoryList = defineOperation({
  name: 'service_category.list',
  kind: 'read',
  risk: 'read',
  permission: 'service_category:read',
  resource: 'service_category',
  summary: 'List the categories that services are grouped by',
  input: serviceCategoryListInput,
  output: serviceCategoryListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/service-categories' },
  run: (ctx, input) => pageOfCategories(ctx.tx, ctx.scope, input),
});

export const serviceCategoryGet = defineOperation({
  name: 'service_category.get',
  kind: 'read',
  risk: 'read',
  permission: 'service_category:read',
  resource: 'service_category',
  summary: 'Read a service category',
  input: idInput,
  output: serviceCategory,
  http: { method: 'GET', path: '/api/service-categories/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectCategory(ctx.tx, ctx.scope, id)),
});

export const serviceCategoryCreate = defineOperation({
  name: 'service_category.create',
  kind: 'write',
  risk: 'write',
  permission: 'service_category:create',
  resource: 'service_category',
  summary: 'Add a category of services to a merchant',
  input: serviceCategoryCreateInput,
  output: serviceCategory,
  http: { method: 'POST', path: '/api/service-categories', status: 201 },
  describe: ({ name }) => `Added the service category ${name}`,
  run: async (ctx, input) => {
    await merchantFor(ctx, input.merchant_id);
    return insertCategory(ctx.tx, ctx.id, input);
  },
});

export const serviceCategoryUpdate = defineOperation({
  name: 'service_category.update',
  kind: 'write',
  risk: 'write',
  permission: 'service_category:update',
  resource: 'service_category',
  summary: 'Change a service category',
  input: serviceCategoryUpdateInput,
  output: serviceCategory,
  http: { method: 'PATCH', path: '/api/service-categories/{id}' },
  describe: () => 'Changed a service category',
  run: async (ctx, input) => {
    const updated = await updateCategory(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) throw whyUnchanged(await selectCategory(ctx.tx, ctx.scope, input.id));
    return updated;
  },
});

export const { archive: serviceCategoryArchive, restore: serviceCategoryRestore } = defineArchiving({
  resource: 'service_category',
  table: 'service_categories',
  path: '/api/service-categories/{id}',
  output: serviceCategory,
  select: selectCategory,
});
