// Packages: services of a merchant bundled at a price of their own.
import { defineArchiving } from '../../operations/archiving.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { merchantFor, requireCurrencyOf } from '../merchant/operations.ts';
import { insertPackage, pageOfPackages, replaceServices, selectPackage, updatePackage } from './queries.ts';
import {
  servicePackage,
  servicePackageCreateInput,
  servicePackageListInput,
  servicePackageList as servicePackageListSchema,
  servicePackageUpdateInput,
} from './schemas.ts';

const onConstraint = {
  package_services_service_exists: () =>
    new DomainError('invalid', 'The merchant has no such service.', {
      errors: { service_ids: ['must be services of the merchant'] },
    }),
};

export const servicePackageList = defineOperation({
  name: 'package.list',
  kind: 'read',
  risk: 'read',
  permission: 'package:read',
  resource: 'package',
  summary: 'List the packages that merchants offer',
  input: servicePackageListInput,
  output: servicePackageListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/packages' },
  run: (ctx, input) => pageOfPackages(ctx.tx, ctx.scope, input),
});

export const servicePackageGet = defineOperation({
  name: 'package.get',
  kind: 'read',
  risk: 'read',
  permission: 'package:read',
  resource: 'package',
  summary: 'Read a package',
  input: idInput,
  output: servicePackage,
  http: { method: 'GET', path: '/api/packages/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectPackage(ctx.tx, ctx.scope, id)),
});

export const servicePackageCreate = defineOperation({
  name: 'package.create',
  kind: 'write',
  risk: 'write',
  permission: 'package:create',
  resource: 'package',
  summary: 'Bundle services of a merchant at a price',
  input: servicePackageCreateInput,
  output: servicePackage,
  http: { method: 'POST', path: '/api/packages', status: 201 },
  describe: ({ name }) => `Added the package ${name}`,
  onConstraint,
  run: async (ctx, input) => {
    requireCurrencyOf(await merchantFor(ctx, input.merchant_id), input.price, 'price');
    await insertPackage(ctx.tx, ctx.id, input);
    await replaceServices(ctx.tx, { id: ctx.id, merchant_id: input.merchant_id }, input.service_ids);
    return orNotFound(await selectPackage(ctx.tx, ctx.scope, ctx.id));
  },
});

export const servicePackageUpdate = defineOperation({
  name: 'package.update',
  kind: 'write',
  risk: 'write',
  permission: 'package:update',
  resource: 'package',
  summary: 'Change a package',
  input: servicePackageUpdateInput,
  output: servicePackage,
  http: { method: 'PATCH', path: '/api/packages/{id}' },
  describe: () => 'Changed a package',
  onConstraint,
  run: async (ctx, input) => {
    const known = orNotFound(await selectPackage(ctx.tx, ctx.scope, input.id));
    if (input.price && input.price.currency !== known.price.currency) {
      requireCurrencyOf(await merchantFor(ctx, known.merchant_id), input.price, 'price');
    }
    const updated = await updatePackage(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) throw whyUnchanged(known);
    if (input.service_ids) await replaceServices(ctx.tx, updated, input.service_ids);
    return orNotFound(await selectPackage(ctx.tx, ctx.scope, input.id));
  },
});

export const { archive: servicePackageArchive, restore: servicePackageRestore } = defineArchiving({
  resource: 'package',
  table: 'packages',
  path: '/api/packages/{id}',
  output: servicePackage,
  select: selectPackage,
});
