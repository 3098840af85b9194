import { expect, test } from 'vitest';
import { fitsForm, hoursAsFields, hoursOf } from '../../app/set-up-form.ts';

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
