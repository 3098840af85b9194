import type { WorkingTime } from '../../server/operations/schemas.ts';
import { WEEKDAYS } from '../set-up-form.ts';

/** When somebody is there, a line for each day. */
export function HoursText({ hours }: { hours: WorkingTime[] }) {
  const days = WEEKDAYS.map((day, place) => ({
    day,
    times: hours
      .filter(({ weekday }) => weekday === place + 1)
      .sort((a, b) => a.opens.localeCompare(b.opens))
      .map(({ opens, closes }) => `${opens}–${closes}`),
  }));
  return days
    .filter(({ times }) => times.length > 0)
    .map(({ day, times }) => (
      <span key={day} className="hours-line">
        {day.slice(0, 3)} {times.join(', ')}
      </span>
    ));
}
