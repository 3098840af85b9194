import type { LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useLoaderData } from '@remix-run/react';
import { appointmentList } from '../../server/contexts/appointment/operations.ts';
import type { Appointment } from '../../server/contexts/appointment/schemas.ts';
import { providerAbsenceList, providerList } from '../../server/contexts/provider/operations.ts';
import type { Provider, ProviderAbsence } from '../../server/contexts/provider/schemas.ts';
import { Card } from '../components/card.tsx';
import { DayTable, DayVisit } from '../components/day-table.tsx';
import { Empty } from '../components/empty.tsx';
import { Icon } from '../components/icon.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { OtherZone } from '../components/zoned-time.tsx';
import { dateIn, formatDate, instantIn, nextDay, startOfDay } from '../dates.ts';
import { minuteOf } from '../day-grid.ts';
import { pageTitle } from '../page-title.ts';
import { wholeList } from '../whole-list.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Appointments of ${merchant.name}`);

function dayBefore(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const today = dateIn(merchant.time_zone, new Date());
  const asked = new URL(request.url).searchParams.get('day') ?? '';
  const day = startOfDay(asked, merchant.time_zone) === null ? today : asked;
  const from = startOfDay(day, merchant.time_zone)!;
  const to = startOfDay(nextDay(day), merchant.time_zone)!;
  const [appointments, providers, absences] = await Promise.all([
    wholeList((cursor) =>
      context.run(appointmentList, {
        ...{ merchant_id: merchant.id, from, to, sort: 'starts_at', limit: 200 },
        ...(cursor ? { cursor } : {}),
      }),
    ),
    context.can('provider:read') ? context.run(providerList, { merchant_id: merchant.id, limit: 200 }) : null,
    context.can('provider:read')
      ? context.run(providerAbsenceList, { merchant_id: merchant.id, from, to, limit: 200 })
      : null,
  ]);
  const mayBook = context.can('appointment:book') && merchant.status === 'active';
  return {
    ...{ merchant, day, today, appointments, mayBook },
    past: minuteOf(new Date().toISOString(), day, merchant.time_zone),
    ...{ providers: providers?.data ?? [], absences: absences?.data ?? [] },
  };
}

export default function Appointments() {
  const { merchant, day, today, appointments, providers, absences, mayBook, past } = useLoaderData<typeof loader>();
  const home = `/merchants/${merchant.id}/appointments`;
  const { locale } = useTenant();
  const noon = instantIn(day, '12:00', merchant.time_zone)!;
  const columns = columnsOf(providers, absences, appointments);
  return (
    <>
      <DoneNotice created="The appointment is booked." />
      <div className="day-bar">
        <h2>
          {formatDate(day, locale, 'full')}
          <OtherZone timeZone={merchant.time_zone} at={noon} />
        </h2>
        <nav aria-label="Days" className="day-steps">
          <Link className="button" to={`${home}?day=${dayBefore(day)}`}>
            Day before
          </Link>
          {day === today ? null : (
            <Link className="button" to={home}>
              Today
            </Link>
          )}
          <Link className="button" to={`${home}?day=${nextDay(day)}`}>
            Day after
          </Link>
        </nav>
        <Form method="get" className="day-jump" key={day}>
          <label htmlFor="day" className="visually-hidden">
            Day
          </label>
          <input
            id="day"
            name="day"
            type="date"
            className="control"
            defaultValue={day}
            min="1900-01-01"
            max="9999-12-31"
          />
          <button type="submit" className="button">
            Go
          </button>
        </Form>
        {mayBook ? (
          <Link className="button button-primary" to={`${home}/new?day=${day}`}>
            <Icon name="plus" size={14} />
            Book
          </Link>
        ) : null}
      </div>
      {columns.length === 0 ? (
        <Card>
          <Empty
            icon="calendar"
            title="Nobody works here yet"
            action={{ href: `/merchants/${merchant.id}/set-up`, label: 'Set up' }}
          >
            Appointments are booked with somebody: add who works here, and what they offer.
          </Empty>
        </Card>
      ) : (
        <>
          <DayTable merchant={merchant} day={day} columns={columns} mayBook={mayBook} past={past} />
          <div className="day">
            {columns.map(({ id, name, absences: away, visits }) => (
              <Card key={id} title={name}>
                {away.map(({ starts_at, reason }) => (
                  <p key={starts_at} className="day-free">
                    Away: {reason ?? 'no reason given'}
                  </p>
                ))}
                {visits.length === 0 ? <p className="day-free">Nothing is booked.</p> : null}
                <ol className="day-visits">
                  {visits.map((visit) => (
                    <DayVisit key={visit.id} visit={visit} timeZone={merchant.time_zone} />
                  ))}
                </ol>
              </Card>
            ))}
          </div>
        </>
      )}
    </>
  );
}

/** Who works there, and whoever else has something that day. */
function columnsOf(providers: Provider[], absences: ProviderAbsence[], visits: Appointment[]) {
  const byProvider = Map.groupBy(visits, ({ provider }) => provider.id);
  const others = [...byProvider.values()].flatMap(([first]) => (first ? [{ ...first.provider, hours: [] }] : []));
  const known = new Set(providers.map(({ id }) => id));
  return [...providers, ...others.filter(({ id }) => !known.has(id))].map(({ id, name, hours }) => ({
    ...{ id, name, hours },
    absences: absences.filter(({ provider_id }) => provider_id === id),
    visits: byProvider.get(id) ?? [],
  }));
}
