import { expect, test } from 'vitest';
import { asMonday, fitsForm, hoursAsFields, hoursOf } from '../../app/set-up-form.ts';

const withBreak = [
  { weekday: 1, opens: '09:00', closes: '12:00' },
  { weekday: 1, opens: '13:00', closes: '17:00' },
  { weekday: 6, opens: '10:00', closes: '14:00' },
];

test('working hours with a break are the same after a form that changed nothing', () => {
  expect(hoursOf(hoursAsFields(withBreak))).toEqual(withBreak);
});

test('hours that a form has no fields for are told apart, so that it does not drop them', () => {
  expect(fitsForm(withBreak)).toBe(true);
  expect(fitsForm([...withBreak, { weekday: 1, opens: '18:00', closes: '20:00' }])).toBe(false);
});

test('the weekdays are as Monday is, breaks included, and the weekend stays', () => {
  const hours = hoursOf(asMonday(hoursAsFields([...withBreak, { weekday: 2, opens: '06:00', closes: '07:00' }])));
  expect(hours.filter(({ weekday }) => weekday === 5)).toEqual([
    { weekday: 5, opens: '09:00', closes: '12:00' },
    { weekday: 5, opens: '13:00', closes: '17:00' },
  ]);
  expect(hours.filter(({ weekday }) => weekday > 5)).toEqual(withBreak.slice(2));
  expect(hours).toHaveLength(11);
});
