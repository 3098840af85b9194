import {
  appointmentBook,
  appointmentCancel,
  appointmentComplete,
} from '../../server/contexts/appointment/operations.ts';
import { customerInvoiceCreate } from '../../server/contexts/customer-invoice/operations.ts';
import { customerPaymentRefund, customerPaymentTake } from '../../server/contexts/customer-payment/operations.ts';
import { endCustomerCreate } from '../../server/contexts/end-customer/operations.ts';
import { locationCreate } from '../../server/contexts/location/operations.ts';
import { servicePackageCreate } from '../../server/contexts/package/operations.ts';
import { providerCreate } from '../../server/contexts/provider/operations.ts';
import { serviceCreate } from '../../server/contexts/service/operations.ts';
import type { Operation } from '../../server/operations/operation.ts';

export type Run = <I, O>(operation: Operation<I, O>, input: I) => Promise<O>;

type Business = { readonly id: string; readonly name: string; readonly price: number };

const CUSTOMERS = ['Adaeze Obi', 'Bruno Lima', 'Chen Wei', 'Dalia Haddad', 'Emil Novak', 'Farah Aziz'];
const PEOPLE: readonly (readonly [string, string])[] = [
  ['Alma', '#7c3aed'],
  ['Joris', '#0f766e'],
];
const WEEK = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opens: '08:00', closes: '19:00' }));
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const money = (amount: number) => ({ amount, currency: 'USD' });

/** An hour of a day that is so many days from now; in the afternoon of UTC people are at work all over America. */
function at(days: number, hour: number): string {
  return new Date(Math.floor(Date.now() / DAY) * DAY + days * DAY + hour * HOUR).toISOString();
}

const VISITS = [
  [-1, 15],
  [-1, 17],
  [0, 15],
  [0, 17],
  [0, 19],
  [1, 16],
  [1, 18],
] as const;

/** What a business works with: where, who, what, for whom; visits of yesterday, today and tomorrow, and how they were paid. */
export async function seedWorkspace(run: Run, business: Business, isActive: boolean): Promise<void> {
  const merchant_id = business.id;
  const location = await run(locationCreate, { merchant_id, name: 'Main street', address: '12 Main Street' });
  const providers = await Promise.all(
    PEOPLE.map(([name, colour]) =>
      run(providerCreate, { merchant_id, name, colour, hours: WEEK, location_id: location.id }),
    ),
  );
  const [first, second] = [
    await run(serviceCreate, {
      merchant_id,
      name: 'First visit',
      default_duration_minutes: 60,
      buffer_minutes: 10,
      default_price: money(business.price),
    }),
    await run(serviceCreate, {
      merchant_id,
      name: 'Regular visit',
      default_duration_minutes: 45,
      default_price: money(Math.round(business.price * 0.8)),
    }),
  ];
  await run(servicePackageCreate, {
    merchant_id,
    name: 'Three visits',
    price: money(business.price * 2),
    service_ids: [first.id, second.id, second.id],
  });
  const customers: string[] = [];
  for (const name of CUSTOMERS) {
    const email = `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@customers.test`;
    customers.push((await run(endCustomerCreate, { merchant_id, name, email })).id);
  }
  if (!isActive) return;
  const visits: string[] = [];
  for (const [place, [days, hour]] of VISITS.entries()) {
    const booked = await run(appointmentBook, {
      merchant_id,
      end_customer_id: customers[place % customers.length]!,
      provider_id: providers[place % providers.length]!.id,
      service_ids: [place % 2 === 0 ? first.id : second.id],
      starts_at: at(days, hour),
      ignores_hours: true,
    });
    visits.push(booked.id);
  }
  await seedPayments(run, merchant_id, visits);
}

/** One is paid whole and in part given back, one has a deposit, one is cancelled; the others are still to come. */
async function seedPayments(run: Run, merchant_id: string, visits: readonly string[]): Promise<void> {
  const [paid, deposited, done, cancelled] = visits;
  const invoice = (appointment_id: string) => run(customerInvoiceCreate, { merchant_id, appointment_id });
  await run(appointmentComplete, { id: paid! });
  const { id: whole } = await invoice(paid!);
  const payment = await run(customerPaymentTake, {
    invoice_id: whole,
    kind: 'full_pay',
    method: 'cash',
    tip: money(500),
  });
  await run(customerPaymentRefund, { id: payment.id, amount: money(1_000), reason: 'The customer was kept waiting' });
  await run(appointmentComplete, { id: deposited! });
  const { id: part } = await invoice(deposited!);
  await run(customerPaymentTake, { invoice_id: part, kind: 'deposit', method: 'bank_transfer', amount: money(1_000) });
  await run(appointmentComplete, { id: done! });
  await run(customerPaymentTake, { invoice_id: (await invoice(done!)).id, kind: 'full_pay', method: 'cash' });
  await run(appointmentCancel, { id: cancelled!, reason: 'The customer is ill' });
}
