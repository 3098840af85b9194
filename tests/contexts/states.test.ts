import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appointmentStates } from '../../server/contexts/appointment/schemas.ts';
import { customerInvoiceStates } from '../../server/contexts/customer-invoice/schemas.ts';
import { customerPaymentStates, customerRefundStates } from '../../server/contexts/customer-payment/schemas.ts';
import { importStates } from '../../server/contexts/import/schemas.ts';
import { merchantOrgStates, merchantStates } from '../../server/contexts/merchant-org/schemas.ts';
import { merchantTransferStates } from '../../server/contexts/merchant-transfer/schemas.ts';
import { prospectStates } from '../../server/contexts/prospect/schemas.ts';
import type { StateMachine } from '../../server/operations/states.ts';
import { walkInSql } from '../support/states.ts';
import { type Site, startSite } from '../support/tenant.ts';

/** Every state machine of the product. */
const machines: readonly StateMachine[] = [
  merchantOrgStates,
  merchantStates,
  appointmentStates,
  customerInvoiceStates,
  customerPaymentStates,
  customerRefundStates,
  importStates,
  prospectStates,
  merchantTransferStates,
];

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

describe.each(machines.map((machine) => [machine.name, machine] as const))('the states of a %s', (name, machine) => {
  test('are the same in the code and in the database', async () => {
    const known = await site.tenants[0]!.rows(
      `SELECT action, from_state, to_state FROM state_moves WHERE machine = '${name}'`,
    );
    const wanted = Object.entries(machine.moves).flatMap(([action, { from, to }]) =>
      from.map((from_state) => ({ action, from_state, to_state: to })),
    );
    const order = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort();
    expect(order(known)).toEqual(order([{ action: 'create', from_state: '', to_state: machine.initial }, ...wanted]));
  });
});

test('there is no machine in the database that the code does not know', async () => {
  const rows = await site.tenants[0]!.rows('SELECT DISTINCT machine FROM state_moves');
  expect(rows.map(({ machine }) => machine).sort()).toEqual(machines.map(({ name }) => name).sort());
});

test('of MerchantOrgs and merchants are the only ones that SQL lets happen', async () => {
  const tenant = site.tenants[0]!;
  const [org, above] = await Promise.all(
    ['Walked', 'Above'].map(async (name) => (await tenant.owner.post('/api/merchant-orgs', { name })).body.id),
  );
  const merchant = (await tenant.owner.post('/api/merchants', { merchant_org_id: above, name: 'Walked' })).body.id;
  await walkInSql(tenant, merchantOrgStates, 'merchant_orgs', org ?? '');
  await walkInSql(tenant, merchantStates, 'merchants', merchant);
});
