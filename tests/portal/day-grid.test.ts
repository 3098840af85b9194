import { expect, test } from 'vitest';
import { type Absence, clockOf, dayGrid, minuteOf } from '../../app/day-grid.ts';

const ZONE = 'America/New_York';
const at = (id: string, starts_at: string, ends_at: string) => ({ id, starts_at, ends_at });
const hours = [{ weekday: 4, opens: '09:00', closes: '11:00' }];
const absences: Absence[] = [];

/** What each row of a column shows: who is there, `free`, `off`, or nothing where a cell from above reaches down. */
function told(day: string, people: Parameters<typeof dayGrid<ReturnType<typeof at>>>[2]): string[][] {
  const grid = dayGrid(day, ZONE, people);
  return grid.rows.map((row) => [
    clockOf(row),
    ...grid.columns.map((column) => {
      const cell = column.get(row);
      if (!cell) return '';
      if (cell.visits.length === 0) return cell.isWorking ? 'free' : (cell.absence ?? 'off');
      return `${cell.visits.map(({ id }) => id).join('+')}×${cell.rows}`;
    }),
  ]);
}

test('a day shows the hours that somebody works or has something, each visit where its time is', () => {
  const visits = [at('a', '2026-11-26T14:30:00Z', '2026-11-26T15:15:00Z')];
  expect(
    told('2026-11-26', [
      { hours, absences, visits },
      { hours: [], absences, visits: [] },
    ]),
  ).toEqual([
    ['09:00', 'free', 'off'],
    ['09:30', 'a×2', 'off'],
    ['10:00', '', 'off'],
    ['10:30', 'free', 'off'],
  ]);
  expect(told('2026-11-27', [{ hours, absences, visits: [] }])).toEqual([]);
});

test('visits that share half an hour share a cell, and none is lost', () => {
  const visits = [
    at('b', '2026-11-26T14:10:00Z', '2026-11-26T14:40:00Z'),
    at('a', '2026-11-26T14:00:00Z', '2026-11-26T14:05:00Z'),
    at('c', '2026-11-26T15:00:00Z', '2026-11-26T15:30:00Z'),
  ];
  expect(told('2026-11-26', [{ hours, absences, visits }])).toEqual([
    ['09:00', 'a+b×2'],
    ['09:30', ''],
    ['10:00', 'c×1'],
    ['10:30', 'free'],
  ]);
});

test('what reaches over midnight is cut off there', () => {
  expect(minuteOf('2026-11-26T04:30:00Z', '2026-11-26', ZONE)).toBe(0);
  expect(minuteOf('2026-11-27T05:30:00Z', '2026-11-26', ZONE)).toBe(1440);
  const visits = [at('night', '2026-11-27T04:30:00Z', '2026-11-27T06:00:00Z')];
  expect(told('2026-11-26', [{ hours: [], absences, visits }])).toEqual([
    ['23:00', 'off'],
    ['23:30', 'night×1'],
  ]);
});

test('who is away is not offered, and why is told once', () => {
  const absence = { starts_at: '2026-11-26T14:15:00Z', ends_at: '2026-11-26T15:30:00Z', reason: 'Dentist' };
  expect(told('2026-11-26', [{ hours, absences: [absence], visits: [] }])).toEqual([
    ['09:00', 'Dentist'],
    ['09:30', 'off'],
    ['10:00', 'off'],
    ['10:30', 'free'],
  ]);
  const days = { starts_at: '2026-11-20T05:00:00Z', ends_at: '2026-11-29T05:00:00Z', reason: null };
  expect(told('2026-11-26', [{ hours, absences: [days], visits: [] }]).map(([, shown]) => shown)).toEqual([
    'Away',
    'off',
    'off',
    'off',
  ]);
});
