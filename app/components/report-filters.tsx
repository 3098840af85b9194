import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import { withParameters } from '../list-query.ts';
import { Filters, SelectFilter } from './filters.tsx';
import type { GroupedChoice } from './options.tsx';

type Values = Record<string, string>;

const AXES = [
  { value: 'effective', label: 'Effective date' },
  { value: 'recorded', label: 'Time of recording' },
];

/** Whether the dates are those that entries count from, or the time at which they were recorded. */
export function AxisFilter({ values }: { values: Values }) {
  return <SelectFilter name="axis" label="By" values={{ axis: 'effective', ...values }} choices={AXES} isNeeded />;
}

/** The time of day, for reports by the time of recording. */
export function ClockFilter({ values }: { values: Values }) {
  if (values.axis !== 'recorded') return null;
  return (
    <div className="filter">
      <label htmlFor="report-time">Time of day</label>
      <input
        id="report-time"
        type="time"
        name="time"
        className="control"
        key={values.time}
        defaultValue={values.time ?? ''}
      />
    </div>
  );
}

type Props = { values: Values; choices: GroupedChoice[]; chosen: string; children: ReactNode };

/** What a report is about and when: a form of its own address. */
export function ReportFilters({ values, choices, chosen, children }: Props) {
  return (
    <Filters values={values} submit="Show">
      {choices.length > 0 ? (
        <SelectFilter name="books" label="Books of" values={{ books: chosen, ...values }} choices={choices} isNeeded />
      ) : null}
      {children}
      <label className="filter-tick">
        <input type="checkbox" name="zeros" value="1" key={values.zeros} defaultChecked={values.zeros === '1'} />
        Accounts at zero
      </label>
    </Filters>
  );
}

/** Links to the periods that are often asked for. */
export function UsualPeriods({
  values,
  periods,
}: {
  values: Values;
  periods: { label: string; from: string; to: string }[];
}) {
  return (
    <nav className="usual-periods" aria-label="Periods">
      {periods.map(({ label, from, to }) => (
        <Link
          key={label}
          to={withParameters(values, { from, to, cursor: null })}
          aria-current={values.from === from && values.to === to ? 'true' : undefined}
          preventScrollReset
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
