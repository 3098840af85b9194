import { instantIn } from '../../app/dates.ts';
import {
  appointmentBook,
  appointmentCancel,
  appointmentComplete,
  appointmentMarkNoShow,
} from '../../server/contexts/appointment/operations.ts';
import {
  customerInvoiceCreate,
  customerInvoiceForfeit,
  customerInvoiceVoid,
} from '../../server/contexts/customer-invoice/operations.ts';
import type { CustomerInvoice } from '../../server/contexts/customer-invoice/schemas.ts';
import { customerPaymentRefund, customerPaymentTake } from '../../server/contexts/customer-payment/operations.ts';
import type { CustomerPayment } from '../../server/contexts/customer-payment/schemas.ts';
import { plusDays, within } from './days.ts';
import type { VisitPlan } from './visits.ts';
import type { Business, Run } from './workspaces.ts';

/** What a month brought in, in minor units: what fees are reckoned from, and what lies with the processor. */
export type Takings = { net: number; byCard: number; inClearing: number };

/** One visit from booking to refund, as people would have written it down. */
export class Till {
  readonly #run: Run;
  readonly #business: Business;
  /** The first and the last day that anything is dated. */
  readonly #days: readonly [string, string];
  readonly takings: Takings = { net: 0, byCard: 0, inClearing: 0 };
  #slips = 0;

  constructor(run: Run, business: Business, days: readonly [string, string]) {
    this.#run = run;
    this.#business = business;
    this.#days = days;
  }

  async play(visit: VisitPlan): Promise<void> {
    const id = await this.#book(visit);
    const deposit = visit.hasDeposit && visit.outcome !== 'booked' ? await this.#deposit(visit, id) : null;
    if (visit.outcome === 'completed') await this.#complete(visit, id, deposit);
    if (visit.outcome === 'cancelled') await this.#cancel(visit, id, deposit);
    if (visit.outcome === 'no_show') await this.#missed(visit, id, deposit);
  }

  #at(day: string, time: string): string {
    return instantIn(day, time, this.#business.plan.timeZone)!;
  }

  async #book({ day, time, provider, customer, service }: VisitPlan): Promise<string> {
    const { id: merchant_id, services, packageId, providers, customers } = this.#business;
    const what = service === null ? { package_id: packageId } : { service_ids: [services[service]!] };
    const { id } = await this.#run(appointmentBook, {
      ...what,
      merchant_id,
      end_customer_id: customers[customer]!,
      provider_id: providers[provider]!,
      starts_at: this.#at(day, time),
    });
    return id;
  }

  #invoice(appointment_id: string, issued_on: string): Promise<CustomerInvoice> {
    return this.#run(customerInvoiceCreate, { merchant_id: this.#business.id, appointment_id, issued_on });
  }

  async #take(
    invoice: CustomerInvoice,
    kind: CustomerPayment['kind'],
    method: VisitPlan['method'],
    day: string,
    more: { amount?: CustomerPayment['amount']; tip?: CustomerPayment['amount'] } = {},
  ): Promise<CustomerPayment> {
    this.#slips += 1;
    const reference =
      method === 'cash' ? null : `${method === 'bank_transfer' ? 'Transfer' : 'Slip'} ${1000 + this.#slips}`;
    const paid_on = within(day, ...this.#days);
    const input = { invoice_id: invoice.id, kind, method, paid_on, reference, ...more };
    const payment = await this.#run(customerPaymentTake, input);
    if (method === 'card_terminal') {
      this.takings.byCard += payment.amount.amount;
      this.takings.inClearing += payment.amount.amount;
    }
    return payment;
  }

  async #deposit(
    visit: VisitPlan,
    appointment: string,
  ): Promise<{ invoice: CustomerInvoice; payment: CustomerPayment }> {
    const day = within(plusDays(visit.day, -visit.daysAhead), ...this.#days);
    const invoice = await this.#invoice(appointment, day);
    const amount = { amount: Math.max(1, invoice.deposit_due.amount), currency: invoice.total.currency };
    return { invoice, payment: await this.#take(invoice, 'deposit', 'bank_transfer', day, { amount }) };
  }

  async #complete(visit: VisitPlan, id: string, deposit: { invoice: CustomerInvoice } | null): Promise<void> {
    await this.#run(appointmentComplete, { id });
    const invoice = deposit?.invoice ?? (await this.#invoice(id, visit.day));
    if (!visit.isPaid) return;
    const { currency } = invoice.total;
    const tip = { amount: Math.round((invoice.subtotal.amount * visit.tipPercent) / 100), currency };
    const kind = deposit ? 'balance' : 'full_pay';
    const payment = await this.#take(invoice, kind, visit.method, visit.day, tip.amount > 0 ? { tip } : {});
    this.takings.net += invoice.subtotal.amount;
    if (visit.refund) await this.#refund(visit, payment);
  }

  async #refund(visit: VisitPlan, payment: CustomerPayment): Promise<void> {
    const { amount, currency } = payment.refundable;
    const part = { amount: Math.max(1, Math.round(amount / 5)), currency };
    await this.#run(customerPaymentRefund, {
      id: payment.id,
      reason: visit.refund === 'part' ? 'The customer was kept waiting' : 'The customer was not content',
      paid_on: within(plusDays(visit.day, 2), ...this.#days),
      ...(visit.refund === 'part' ? { amount: part } : {}),
    });
    const back = visit.refund === 'part' ? part.amount : amount;
    this.takings.net -= Math.min(back, this.takings.net);
    if (payment.method === 'card_terminal') this.takings.inClearing -= back;
  }

  async #cancel(
    visit: VisitPlan,
    id: string,
    deposit: { invoice: CustomerInvoice; payment: CustomerPayment } | null,
  ): Promise<void> {
    const day = plusDays(visit.day, visit.isCancelledLate ? 0 : -2);
    const cancelled_at = this.#at(day, visit.isCancelledLate ? '07:00' : '12:00');
    await this.#run(appointmentCancel, { id, reason: visit.isCancelledLate ? 'Is ill' : 'Has no time', cancelled_at });
    if (!deposit) return;
    if (visit.isCancelledLate) return this.#keep(deposit.invoice, visit.day, 'Cancelled late');
    const paid_on = plusDays(visit.day, -1);
    await this.#run(customerPaymentRefund, { id: deposit.payment.id, reason: 'Cancelled in time', paid_on });
    await this.#run(customerInvoiceVoid, { id: deposit.invoice.id, reason: 'Cancelled in time' });
  }

  async #keep({ id }: CustomerInvoice, forfeited_on: string, reason: string): Promise<void> {
    await this.#run(customerInvoiceForfeit, { id, reason, forfeited_on });
  }

  /** Nobody came: the deposit is kept; without one, the fee is asked for. */
  async #missed(visit: VisitPlan, id: string, deposit: { invoice: CustomerInvoice } | null): Promise<void> {
    await this.#run(appointmentMarkNoShow, { id });
    if (deposit) return this.#keep(deposit.invoice, visit.day, 'Nobody came');
    if (!visit.isPaid) return;
    const fee = await this.#invoice(id, visit.day);
    await this.#take(fee, 'no_show', visit.method, plusDays(visit.day, 1));
    this.takings.net += fee.total.amount;
  }
}
