// End customers: the people that a merchant serves. Each merchant has its own.
import { defineArchiving } from '../../operations/archiving.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { merchantFor } from '../merchant/operations.ts';
import { insertEndCustomer, pageOfEndCustomers, selectEndCustomer, updateEndCustomer } from './queries.ts';
import {
  endCustomer,
  endCustomerCreateInput,
  endCustomerListInput,
  endCustomerList as endCustomerListSchema,
  endCustomerUpdateInput,
} from './schemas.ts';

const onConstraint = {
  end_customers_external_id_unique: () =>
    new DomainError('conflict', 'The merchant has a customer of this external_id.', {
      errors: { external_id: ['is taken'] },
    }),
};

export const endCustomerList = defineOperation({
  name: 'end_customer.list',
  kind: 'read',
  risk: 'read',
  permission: 'end_customer:read',
  resource: 'end_customer',
  summary: 'List the end customers of merchants',
  input: endCustomerListInput,
  output: endCustomerListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/end-customers' },
  run: (ctx, input) => pageOfEndCustomers(ctx.tx, ctx.scope, input),
});

export const endCustomerGet = defineOperation({
  name: 'end_customer.get',
  kind: 'read',
  risk: 'read',
  permission: 'end_customer:read',
  resource: 'end_customer',
  summary: 'Read an end customer',
  input: idInput,
  output: endCustomer,
  http: { method: 'GET', path: '/api/end-customers/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectEndCustomer(ctx.tx, ctx.scope, id)),
});

export const endCustomerCreate = defineOperation({
  name: 'end_customer.create',
  kind: 'write',
  risk: 'write',
  permission: 'end_customer:create',
  resource: 'end_customer',
  summary: 'Add an end customer to a merchant',
  input: endCustomerCreateInput,
  output: endCustomer,
  http: { method: 'POST', path: '/api/end-customers', status: 201 },
  describe: () => 'Added an end customer',
  onConstraint,
  run: async (ctx, input) => {
    await merchantFor(ctx, input.merchant_id);
    return insertEndCustomer(ctx.tx, ctx.id, input);
  },
});

export const endCustomerUpdate = defineOperation({
  name: 'end_customer.update',
  kind: 'write',
  risk: 'write',
  permission: 'end_customer:update',
  resource: 'end_customer',
  summary: 'Change an end customer',
  input: endCustomerUpdateInput,
  output: endCustomer,
  http: { method: 'PATCH', path: '/api/end-customers/{id}' },
  describe: () => 'Changed an end customer',
  onConstraint,
  run: async (ctx, input) => {
    const updated = await updateEndCustomer(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) throw whyUnchanged(await selectEndCustomer(ctx.tx, ctx.scope, input.id));
    return updated;
  },
});

export const { archive: endCustomerArchive, restore: endCustomerRestore } = defineArchiving({
  resource: 'end_customer',
  table: 'end_customers',
  path: '/api/end-customers/{id}',
  output: endCustomer,
  select: selectEndCustomer,
});
