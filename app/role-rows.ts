// The roles of an invitation as its form holds them: numbered rows, of which errors find their way back to the row.
import type { Problem } from '../server/operations/errors.ts';
import type { FormValues } from './forms.ts';
import { endOfDay, placeInput } from './team-places.ts';

const ROW_FIELD = /^rows\.(\d{1,3})\.(role_id|place|until)$/;
export const ROLE_FIELDS = { role_id: 'Role', place: 'Place', until: 'Last day' };

/** The rows out of a sent form, trimmed. */
export function readRoleRows(form: FormData): FormValues {
  const rows: FormValues = {};
  for (const [name, value] of form) {
    if (typeof value === 'string' && ROW_FIELD.test(name)) rows[name] = value.trim();
  }
  return rows;
}

/** The numbers of the rows, in order; they have gaps where a row was taken out. There is always one. */
export function rowNumbers(values: FormValues): number[] {
  const numbers = Object.keys(values).flatMap((name) => ROW_FIELD.exec(name)?.[1] ?? []);
  const found = [...new Set(numbers.map(Number))].sort((a, b) => a - b);
  return found.length > 0 ? found : [0];
}

export function withAnotherRow(values: FormValues, place: string): FormValues {
  const next = Math.max(...rowNumbers(values)) + 1;
  return { ...values, [`rows.${next}.role_id`]: '', [`rows.${next}.place`]: place };
}

export function withoutRow(values: FormValues, number: string): FormValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith(`rows.${number}.`)));
}

type Fields = { role_id: string; place: string; until: string };

function fieldsOf(values: FormValues, row: number): Fields {
  const value = (name: keyof Fields) => values[`rows.${row}.${name}`] ?? '';
  return { role_id: value('role_id'), place: value('place'), until: value('until') };
}

/** What an operation is given for a role, a place and a last day. */
export function roleInput({ role_id, place, until }: Fields, timeZone: string) {
  return { role_id, ...placeInput(place), expires_at: endOfDay(until, timeZone) };
}

export function rolesInput(values: FormValues, timeZone: string) {
  return rowNumbers(values).map((row) => roleInput(fieldsOf(values, row), timeZone));
}

const FIELD_OF: Readonly<Record<string, keyof Fields>> = {
  role_id: 'role_id',
  merchant_org_id: 'place',
  merchant_id: 'place',
  expires_at: 'until',
};

/** Errors of one role by the fields that it has in the form; a choice that was not made is asked for in plain words. */
export function toldByField(problem: Problem, values: Fields, prefix = ''): Problem {
  const told = Object.entries(problem.errors ?? {}).map(([name, messages]) => {
    const field = FIELD_OF[name];
    if (!field) return [name, messages];
    return [`${prefix}${field}`, values[field] === '' ? ['must be chosen'] : messages];
  });
  return { ...problem, ...(problem.errors ? { errors: Object.fromEntries(told) } : {}) };
}

/** Errors of an invitation by the fields of its rows; what an operation says of one role without its number is of all. */
export function toldByRow(problem: Problem, values: FormValues): Problem {
  const rows = rowNumbers(values);
  const errors: Record<string, string[]> = {};
  for (const [name, messages] of Object.entries(problem.errors ?? {})) {
    const [, index, inner] = /^roles\.(\d+)\.(\w+)$/.exec(name) ?? [];
    const of = index === undefined ? rows : rows.slice(Number(index), Number(index) + 1);
    const field = inner ?? name;
    if (!FIELD_OF[field]) {
      errors[name] = messages;
      continue;
    }
    for (const row of of) {
      const one = { ...problem, errors: { [field]: messages } };
      Object.assign(errors, toldByField(one, fieldsOf(values, row), `rows.${row}.`).errors);
    }
  }
  return { ...problem, ...(problem.errors ? { errors } : {}) };
}

/** What the summary of errors calls the fields of the rows. */
export function rowLabels(values: FormValues): Record<string, string> {
  const numbers = rowNumbers(values);
  return Object.fromEntries(
    numbers.flatMap((row, index) =>
      Object.entries(ROLE_FIELDS).map(([field, label]) => [
        `rows.${row}.${field}`,
        numbers.length > 1 ? `${label} in row ${index + 1}` : label,
      ]),
    ),
  );
}
