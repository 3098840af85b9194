import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { type AppLoadContext, redirect } from '@remix-run/server-runtime';
import {
  appointmentCancel,
  appointmentCheckIn,
  appointmentComplete,
  appointmentGet,
  appointmentMarkNoShow,
  appointmentReschedule,
} from '../../server/contexts/appointment/operations.ts';
import { type Appointment, appointmentStates } from '../../server/contexts/appointment/schemas.ts';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { availabilityList } from '../../server/contexts/availability/operations.ts';
import { customerInvoiceCreate, customerInvoiceList } from '../../server/contexts/customer-invoice/operations.ts';
import type { CustomerInvoice } from '../../server/contexts/customer-invoice/schemas.ts';
import type { Merchant } from '../../server/contexts/merchant/schemas.ts';
import { merchantSettingsRead } from '../../server/contexts/setting/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { movesFrom } from '../../server/operations/states.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { InvoiceStatus } from '../components/invoice-status.tsx';
import { Money } from '../components/money.tsx';
import { MoveVisit } from '../components/move-visit.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { StepForm } from '../components/step-form.tsx';
import { ZonedTime } from '../components/zoned-time.tsx';
import { dateIn, instantIn, startOfDay } from '../dates.ts';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { headed } from '../headed.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';
import { merchantOf, ownedBy, thingParam } from '../workspace-data.ts';

export const meta = pageTitle<{ visit: Appointment }>(({ visit }) => `${visit.end_customer.name}, ${visit.title}`);
export const handle = headed<{ visit: Appointment }>(({ visit }) => `${visit.end_customer.name}, ${visit.title}`);

const LABELS = {
  ...{ reason: 'Reason', day: 'Day', time: 'Time', starts_at: 'Time', slot: 'Free time', provider_id: 'Free time' },
  ...{ cancelled_at: 'When the customer said so', issued_on: 'Date of the invoice' },
};

/** What is free on a day for what was booked. */
async function freeOn(context: AppLoadContext, merchant: Merchant, visit: Appointment, day: string) {
  const canMove = merchant.status === 'active' && visit.status === 'booked' && context.can('appointment:book');
  if (!canMove || startOfDay(day, merchant.time_zone) === null) return null;
  const asked = { merchant_id: merchant.id, appointment_id: visit.id, from: day, to: day };
  return { day, slots: (await context.run(availabilityList, asked)).data };
}

/** The share of the price that the merchant asks for when nobody comes, in percent; null where that cannot happen any more. */
async function noShowFee(context: AppLoadContext, { merchant_id: id, status }: Appointment): Promise<number | null> {
  if (!movesFrom(appointmentStates, status).includes('mark_no_show') || !context.can('appointment:book')) return null;
  const { data } = await context.run(merchantSettingsRead, { id });
  return Number(data.find(({ key }) => key === 'no_show_fee_percent')?.value ?? 0);
}

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const [merchant, visit] = await Promise.all([
    merchantOf(context, params),
    context.run(appointmentGet, { id: thingParam(params) }),
  ]);
  ownedBy(params, visit);
  const [free, feePercent, invoices, events] = await Promise.all([
    freeOn(context, merchant, visit, new URL(request.url).searchParams.get('move') ?? ''),
    noShowFee(context, visit),
    context.can('customer_invoice:read') ? context.run(customerInvoiceList, { appointment_id: visit.id }) : null,
    context.can('audit:read', WHOLE_TENANT)
      ? context.run(auditList, { resource_type: 'appointment', resource_id: visit.id, limit: 10 }).catch(() => null)
      : null,
  ]);
  return {
    isOnLaterDay: dateIn(merchant.time_zone, new Date(visit.starts_at)) > dateIn(merchant.time_zone, new Date()),
    ...{
      merchant,
      visit,
      free,
      feePercent,
      invoices: invoices?.data ?? [],
      events: events?.data ?? null,
      formKey: newFormKey(),
    },
    may: { book: context.can('appointment:book'), invoice: context.can('customer_invoice:create') },
  };
}

const noInstant = (requestId: string) => invalidFields({ time: ['is required, and so is the day'] }, requestId);

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = thingParam(params);
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const { intent = '', ...values } = readFields(form, [
    ...['intent', 'reason', 'day', 'time', 'ignores_hours', 'slot', 'issued_on'],
  ]);
  const at = instantIn(values.day ?? '', values.time ?? '', merchant.time_zone);
  const guards = formGuards(form);
  const submit = () => {
    switch (intent) {
      case 'check_in':
        return context.submit(appointmentCheckIn, { id }, guards);
      case 'complete':
        return context.submit(appointmentComplete, { id }, guards);
      case 'mark_no_show':
        return context.submit(appointmentMarkNoShow, { id }, guards);
      case 'cancel':
        if (!at && (values.day || values.time)) return { problem: noInstant(context.requestId) };
        return context.submit(appointmentCancel, { id, reason: values.reason || null, cancelled_at: at }, guards);
      case 'reschedule':
        if (!at) return { problem: noInstant(context.requestId) };
        return context.submit(
          appointmentReschedule,
          { id, starts_at: at, ...(values.ignores_hours ? { ignores_hours: true } : {}) },
          guards,
        );
      case 'move': {
        const [provider_id = '', starts_at = ''] = (values.slot ?? '').split(' ');
        return context.submit(appointmentReschedule, { id, starts_at, provider_id }, guards);
      }
      case 'invoice': {
        const input = { merchant_id: merchant.id, appointment_id: id, issued_on: values.issued_on || null };
        return context.submit(customerInvoiceCreate, input, guards);
      }
      default:
        throw new Response(null, { status: 400 });
    }
  };
  const answer: { problem: Parameters<typeof refused>[0] } | { data: { id: string } } = await submit();
  if ('problem' in answer) return refused(answer.problem, { ...values, intent });
  const home = `/merchants/${merchant.id}`;
  throw redirect(
    intent === 'invoice' ? `${home}/invoices/${answer.data.id}?created=1` : `${home}/appointments/${id}?saved=1`,
  );
}

/** Steps that ask nothing are taken at once; the others open first. */
const AT_ONCE = { check_in: 'Check in', complete: 'Complete' };
const ASKING = {
  mark_no_show: { title: 'Mark as no-show', button: 'Nobody came' },
  cancel: { title: 'Cancel', button: 'Cancel the appointment' },
};

function feeWords(percent: number | null): string {
  if (!percent) return 'This merchant asks for no fee.';
  return `The fee of this merchant is ${percent} % of the price. It can be asked for afterwards.`;
}

export default function AppointmentDetail() {
  const { merchant, visit, free, invoices, events, isOnLaterDay, feePercent, formKey, may } =
    useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const { time_zone } = merchant;
  const moves = may.book ? movesFrom(appointmentStates, visit.status) : [];
  const form = (intent: string) => ({ intent, formKey, state, labels: LABELS, version: visit.version });
  return (
    <>
      <DoneNotice saved="The appointment was changed." />
      <div className="columns">
        <div className="stack">
          {moves.length > 0 ? (
            <Card title="What comes next">
              {moves.map((move) =>
                move === 'check_in' || move === 'complete' ? (
                  isOnLaterDay ? (
                    <ChoiceForm
                      key={move}
                      {...form(move)}
                      title={AT_ONCE[move]}
                      button={`${AT_ONCE[move]} all the same`}
                    >
                      <p className="hint">This visit is on a later day. Move it first if the customer is here today.</p>
                    </ChoiceForm>
                  ) : (
                    <StepForm key={move} {...form(move)} button={AT_ONCE[move]} />
                  )
                ) : null,
              )}
              {moves.map((move) =>
                move === 'mark_no_show' || move === 'cancel' ? (
                  <ChoiceForm key={move} {...form(move)} {...ASKING[move]}>
                    {move === 'cancel' ? (
                      <CancelFields timeZone={time_zone} />
                    ) : (
                      <p className="hint">{feeWords(feePercent)}</p>
                    )}
                  </ChoiceForm>
                ) : null,
              )}
              {visit.status === 'booked' ? (
                <MoveVisit visit={visit} timeZone={time_zone} free={free} form={form('')} />
              ) : null}
            </Card>
          ) : null}
          <Card title="Booked">
            <ul className="plain-list">
              {visit.services.map((service, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: one service may be booked twice, and the list never changes
                <li key={`${service.service_id} ${place}`}>
                  <span>
                    {service.name} <span className="cell-note">{service.duration_minutes} minutes</span>
                  </span>
                  <Money {...service.price} />
                </li>
              ))}
            </ul>
          </Card>
          <Card title="Invoices">
            <ul className="plain-list">
              {invoices.map((invoice) => (
                <li key={invoice.id}>
                  <span>
                    <Link to={`/merchants/${merchant.id}/invoices/${invoice.id}`}>{invoice.number}</Link>
                    {invoice.outstanding.amount > 0 ? (
                      <span className="cell-note">
                        To pay: <Money {...invoice.outstanding} />
                      </span>
                    ) : null}
                  </span>
                  <InvoiceStatus invoice={invoice} />
                  <Money {...invoice.total} />
                </li>
              ))}
            </ul>
            {invoices.length === 0 ? <p className="card-body faint">Not invoiced yet.</p> : null}
            {may.invoice && canInvoice(visit, invoices) ? (
              <ChoiceForm
                {...form('invoice')}
                title={visit.status === 'no_show' ? 'Ask for the no-show fee' : 'Invoice this visit'}
                button="Make the invoice"
              >
                <TextField name="issued_on" label={LABELS.issued_on} type="date" hint="Left empty, today" />
              </ChoiceForm>
            ) : null}
          </Card>
          {events ? (
            <AuditFeed
              title="History"
              events={events}
              more={`/audit?resource_type=appointment&resource_id=${visit.id}`}
            />
          ) : null}
        </div>
        <aside>
          <Card title="Visit" padded>
            <Facts>
              <Fact name="Status">
                <Badge status={visit.status} />
              </Fact>
              <Fact name="Customer">
                <Link to={`/merchants/${merchant.id}/customers/${visit.end_customer.id}`}>
                  {visit.end_customer.name}
                </Link>
              </Fact>
              <Fact name="With">{visit.provider.name}</Fact>
              <Fact name="From">
                <ZonedTime value={visit.starts_at} timeZone={time_zone} />
              </Fact>
              <Fact name="To">
                <ZonedTime value={visit.ends_at} timeZone={time_zone} />
              </Fact>
              <Fact name="Price">
                <Money {...visit.price} />
              </Fact>
              {visit.status_reason ? <Fact name="Reason">{visit.status_reason}</Fact> : null}
              {visit.status === 'cancelled' ? (
                <Fact name="Cancelled">{visit.is_late_cancellation ? 'Late' : 'In time'}</Fact>
              ) : null}
              <Fact name="Notes">{visit.notes}</Fact>
            </Facts>
          </Card>
        </aside>
      </div>
    </>
  );
}

/** A visit is invoiced once; when nobody came, once more for the fee. */
function canInvoice({ status }: Appointment, invoices: readonly CustomerInvoice[]): boolean {
  const standing = invoices.filter((invoice) => invoice.status !== 'void');
  if (status === 'cancelled') return false;
  if (status !== 'no_show') return standing.length === 0;
  return standing.every((invoice) => invoice.category === 'sale' && invoice.status !== 'open');
}

function CancelFields({ timeZone }: { timeZone: string }) {
  return (
    <>
      <TextField name="reason" label={LABELS.reason} maxLength={500} />
      <p className="hint">When the customer said so, if that was not just now: it decides whether it was late.</p>
      <div className="form-grid">
        <TextField name="day" label={LABELS.day} type="date" />
        <TextField name="time" label={`Time (${timeZone})`} type="time" />
      </div>
    </>
  );
}
