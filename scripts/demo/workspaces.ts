import { accountList, bookList } from '../../server/contexts/account/operations.ts';
import { endCustomerCreate } from '../../server/contexts/end-customer/operations.ts';
import { locationCreate } from '../../server/contexts/location/operations.ts';
import { servicePackageCreate } from '../../server/contexts/package/operations.ts';
import { providerCreate } from '../../server/contexts/provider/operations.ts';
import { serviceCreate } from '../../server/contexts/service/operations.ts';
import { merchantSettingsChange } from '../../server/contexts/setting/operations.ts';
import type { Operation } from '../../server/operations/operation.ts';
import type { BusinessPlan } from './network.ts';

export type Run = <I, O>(operation: Operation<I, O>, input: I) => Promise<O>;

/** A merchant that is there, with what it works with. Services, providers and customers are in the order of its plan. */
export type Business = {
  readonly id: string;
  readonly orgId: string;
  readonly bookId: string;
  readonly plan: BusinessPlan;
  readonly services: readonly string[];
  readonly packageId: string;
  readonly providers: readonly string[];
  readonly customers: readonly string[];
  /** The accounts that the demo posts to by hand. */
  readonly chart: { readonly expense: string; readonly cash: string };
};

export type Money = { readonly amount: number; readonly currency: string };

const COLOURS = ['#7c3aed', '#0f766e', '#b45309'];
const WEEK = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, opens: '08:00', closes: '19:00' }));

/** Sets up where, who, what and for whom. */
export async function seedWorkspace(
  run: Run,
  merchant: { id: string; orgId: string },
  plan: BusinessPlan,
): Promise<Business> {
  const merchant_id = merchant.id;
  const { currency } = plan;
  const { id: location_id } = await run(locationCreate, { merchant_id, name: 'Main', address: plan.address });
  const { tax: tax_rate_basis_points, isTaxInclusive = false, asksForDeposits = false } = plan;
  const values = { tax_rate_basis_points, tax_is_inclusive: isTaxInclusive, deposit_is_required: asksForDeposits };
  await run(merchantSettingsChange, { id: merchant_id, values });
  const providers: string[] = [];
  for (const [place, name] of plan.providers.entries()) {
    const colour = COLOURS[place % COLOURS.length];
    providers.push((await run(providerCreate, { merchant_id, name, colour, hours: WEEK, location_id })).id);
  }
  const services: string[] = [];
  for (const [name, default_duration_minutes, amount] of plan.services) {
    const default_price = { amount, currency };
    services.push((await run(serviceCreate, { merchant_id, name, default_duration_minutes, default_price })).id);
  }
  const bundled = plan.services.slice(0, -1).reduce((sum, [, , amount]) => sum + amount, 0);
  const bundle = await run(servicePackageCreate, {
    merchant_id,
    name: plan.packageName,
    price: { amount: Math.round(bundled * 0.9), currency },
    service_ids: services.slice(0, -1),
  });
  const customers: string[] = [];
  for (const [place, name] of plan.customers.entries()) {
    const email = `customer-${place + 1}@${domainOf(plan.name)}`;
    customers.push((await run(endCustomerCreate, { merchant_id, name, email })).id);
  }
  const books = await booksOf(run, merchant_id);
  return { ...merchant, ...books, plan, services, packageId: bundle.id, providers, customers };
}

async function booksOf(run: Run, merchantId: string): Promise<Pick<Business, 'bookId' | 'chart'>> {
  const [book] = (await run(bookList, { party_type: 'merchant', party_id: merchantId })).data;
  const accounts = (await run(accountList, { limit: 200, book_id: book!.id })).data;
  const account = (purpose: string) => accounts.find((candidate) => candidate.purpose === purpose)!.id;
  return { bookId: book!.id, chart: { expense: account('operating_expense'), cash: account('cash') } };
}

export function domainOf(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.test`;
}
