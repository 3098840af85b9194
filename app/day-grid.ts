import { dateFormat } from './intl.ts';

type Visit = { id: string; starts_at: string; ends_at: string };
type WorkingTime = { weekday: number; opens: string; closes: string };
/** `absences`: when somebody who works then is not there. */
type Person<V> = { hours: readonly WorkingTime[]; absences: readonly Absence[]; visits: readonly V[] };
export type Absence = { starts_at: string; ends_at: string; reason: string | null };

/** One cell of a column: what lies in it, over how many rows; `begins` is minutes after midnight; why nobody is there, once. */
export type DayCell<V> = { begins: number; rows: number; visits: V[]; isWorking: boolean; absence: string | null };
export type DayGrid<V> = { rows: number[]; columns: Map<number, DayCell<V>>[] };

export const ROW_MINUTES = 30;
const DAY_MINUTES = 24 * 60;

/** Minutes after midnight, as clocks there show them on that day: what begins or ends on another is cut off at midnight. */
export function minuteOf(instant: string, day: string, timeZone: string): number {
  const format = dateFormat('en-CA', {
    ...({ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' } as const),
    ...({ hour: '2-digit', minute: '2-digit' } as const),
  });
  const part = Object.fromEntries(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  const date = `${part.year}-${part.month}-${part.day}`;
  if (date !== day) return date < day ? 0 : DAY_MINUTES;
  return Number(part.hour) * 60 + Number(part.minute);
}

/** "09:30" of minutes after midnight. */
export function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function minutesOfClock(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

/** From the first hour that somebody works or has something to the last; visits that share a row share a cell. */
export function dayGrid<V extends Visit>(day: string, timeZone: string, people: readonly Person<V>[]): DayGrid<V> {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
  const work = people.map(({ hours }) =>
    hours
      .filter((each) => each.weekday === weekday)
      .map(({ opens, closes }) => ({ from: minutesOfClock(opens), to: minutesOfClock(closes) })),
  );
  const blocks = people.map(({ visits }) => blocksOf(visits, day, timeZone));
  const spans = [...work.flat(), ...blocks.flat()];
  if (spans.length === 0) return { rows: [], columns: people.map(() => new Map()) };
  const first = Math.floor(Math.min(...spans.map(({ from }) => from)) / 60) * 60;
  const last = Math.ceil(Math.max(...spans.map(({ to }) => to)) / 60) * 60;
  const rows = Array.from({ length: (last - first) / ROW_MINUTES }, (_, index) => first + index * ROW_MINUTES);
  const columns = people.map(({ absences }, index) => {
    const away = absences.map((each) => ({
      from: minuteOf(each.starts_at, day, timeZone),
      to: minuteOf(each.ends_at, day, timeZone),
      words: each.reason ?? 'Away',
    }));
    return columnOf(rows, work[index] ?? [], away, blocks[index] ?? []);
  });
  return { rows, columns };
}

type Span = { from: number; to: number };
type Block<V> = Span & { visits: V[] };

/** Whole rows that visits take; those that touch the same row are one. */
function blocksOf<V extends Visit>(visits: readonly V[], day: string, timeZone: string): Block<V>[] {
  const blocks: Block<V>[] = [];
  const sorted = [...visits].sort((left, right) => left.starts_at.localeCompare(right.starts_at));
  for (const visit of sorted) {
    const begins = minuteOf(visit.starts_at, day, timeZone);
    const from = Math.floor(begins / ROW_MINUTES) * ROW_MINUTES;
    const ends = Math.max(minuteOf(visit.ends_at, day, timeZone), begins + 1);
    const to = Math.min(Math.ceil(ends / ROW_MINUTES) * ROW_MINUTES, DAY_MINUTES);
    const before = blocks.at(-1);
    if (before && from < before.to) {
      before.visits.push(visit);
      before.to = Math.max(before.to, to);
    } else blocks.push({ from, to, visits: [visit] });
  }
  return blocks;
}

type Away = Span & { words: string };

function columnOf<V>(
  rows: readonly number[],
  work: readonly Span[],
  away: readonly Away[],
  blocks: readonly Block<V>[],
) {
  const cells = new Map<number, DayCell<V>>();
  const told = new Set<Away>();
  for (const begins of rows) {
    const block = blocks.find(({ from, to }) => from <= begins && begins < to);
    if (block && block.from !== begins) continue;
    const isOpen = work.some(({ from, to }) => from <= begins && begins < to);
    const absent = isOpen ? away.find(({ from, to }) => from < begins + ROW_MINUTES && begins < to) : undefined;
    const absence = absent && !block && !told.has(absent) ? absent.words : null;
    if (absent && absence !== null) told.add(absent);
    cells.set(begins, {
      begins,
      rows: block ? (block.to - block.from) / ROW_MINUTES : 1,
      visits: block?.visits ?? [],
      isWorking: isOpen && !absent,
      absence,
    });
  }
  return cells;
}
