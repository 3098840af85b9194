import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateIn, formatDate, nextDay, startOfDay } from '../../app/dates.ts';
import { hitsOf } from '../../app/found.ts';
import { timeZones, zoneLabel } from '../../app/time-zones.ts';

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

test('a zone is called as its clocks are then', () => {
  expect(zoneLabel('America/New_York', '2026-01-15T12:00:00Z', 'en-US')).toBe('EST');
  expect(zoneLabel('America/New_York', '2026-07-15T12:00:00Z', 'en-US')).toBe('EDT');
  expect(timeZones()).toEqual(expect.arrayContaining(['UTC', 'Europe/Paris']));
});

test('what is found tells its day and time as pages do', () => {
  const found = { id: 'a', label: 'Chen', merchant_id: 'm', merchant_name: 'Pine', starts_at: null, time_zone: null };
  const clocks = { locale: 'en-US', time_zone: 'UTC' };
  const [visit, sale] = hitsOf(
    [
      {
        ...found,
        kind: 'appointment',
        detail: 'Cut',
        starts_at: '2026-01-15T15:00:00Z',
        time_zone: 'America/New_York',
      },
      { ...found, kind: 'transaction', detail: '2026-01-15', merchant_name: null },
    ],
    clocks,
  );
  expect(visit?.detail?.replace(/\s/g, ' ')).toBe('Cut · Jan 15, 2026, 10:00 AM EST · Pine');
  expect(sale?.detail).toBe('Jan 15, 2026');
});
