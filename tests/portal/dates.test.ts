import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateIn, formatDate, nextDay, startOfDay } from '../../app/dates.ts';

const ZONES = ['UTC', 'America/New_York', 'Europe/Paris', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Kiritimati'];

test('a day begins at its first instant in the zone, also when the clocks change', () => {
  expect(startOfDay('2026-03-08', 'America/New_York')).toBe('2026-03-08T05:00:00.000Z');
  expect(startOfDay('2026-03-09', 'America/New_York')).toBe('2026-03-09T04:00:00.000Z');
  expect(startOfDay('2026-11-01', 'America/New_York')).toBe('2026-11-01T04:00:00.000Z');
  expect(startOfDay('2026-11-02', 'America/New_York')).toBe('2026-11-02T05:00:00.000Z');
  expect(startOfDay('yesterday', 'UTC')).toBeNull();
});

test('the instant before a day begins is on the day before it', () => {
  const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(days, fc.constantFrom(...ZONES), (instant, zone) => {
      const date = instant.toISOString().slice(0, 10);
      const start = new Date(startOfDay(nextDay(date), zone) ?? '');
      expect(dateIn(zone, start)).toBe(nextDay(date));
      expect(dateIn(zone, new Date(start.getTime() - 1))).toBe(date);
    }),
  );
});

test('a calendar date is the same day whatever the zone of the machine', () => {
  expect(formatDate('2026-01-01', 'en-US')).toBe('Jan 1, 2026');
});
