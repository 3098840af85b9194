// Locations: where a merchant works.
import { defineArchiving } from '../../operations/archiving.ts';
import { orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { merchantFor } from '../merchant/operations.ts';
import { insertLocation, pageOfLocations, selectLocation, updateLocation } from './queries.ts';
import {
  location,
  locationCreateInput,
  locationListInput,
  locationList as locationListSchema,
  locationUpdateInput,
} from './schemas.ts';

export const locationList = defineOperation({
  name: 'location.list',
  kind: 'read',
  risk: 'read',
  permission: 'location:read',
  resource: 'location',
  summary: 'List the locations of merchants',
  input: locationListInput,
  output: locationListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/locations' },
  run: (ctx, input) => pageOfLocations(ctx.tx, ctx.scope, input),
});

export const locationGet = defineOperation({
  name: 'location.get',
  kind: 'read',
  risk: 'read',
  permission: 'location:read',
  resource: 'location',
  summary: 'Read a location',
  input: idInput,
  output: location,
  http: { method: 'GET', path: '/api/locations/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectLocation(ctx.tx, ctx.scope, id)),
});

export const locationCreate = defineOperation({
  name: 'location.create',
  kind: 'write',
  risk: 'write',
  permission: 'location:create',
  resource: 'location',
  summary: 'Add a location to a merchant',
  input: locationCreateInput,
  output: location,
  http: { method: 'POST', path: '/api/locations', status: 201 },
  describe: ({ name }) => `Added the location ${name}`,
  run: async (ctx, input) => {
    await merchantFor(ctx, input.merchant_id);
    return insertLocation(ctx.tx, ctx.id, input);
  },
});

export const locationUpdate = defineOperation({
  name: 'location.update',
  kind: 'write',
  risk: 'write',
  permission: 'location:update',
  resource: 'location',
  summary: 'Change a location',
  input: locationUpdateInput,
  output: location,
  http: { method: 'PATCH', path: '/api/locations/{id}' },
  describe: () => 'Changed a location',
  run: async (ctx, input) => {
    const updated = await updateLocation(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) throw whyUnchanged(await selectLocation(ctx.tx, ctx.scope, input.id));
    return updated;
  },
});

export const { archive: locationArchive, restore: locationRestore } = defineArchiving({
  resource: 'location',
  table: 'locations',
  path: '/api/locations/{id}',
  output: location,
  select: selectLocation,
});
