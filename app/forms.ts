import { data } from '@remix-run/server-runtime';
import type { Problem } from '../server/operations/errors.ts';

export type FormValues = Record<string, string>;

/** What an action gives back instead of moving on: why (null when nothing is wrong), and everything that was typed. */
export type FormState = { problem: Problem | null; values: FormValues; key: string };

/** Names one render of a form, so that sending it twice does the work once. */
export function newFormKey(): string {
  return crypto.randomUUID();
}

/** The named fields, as `fieldValue` reads them; a field that is missing counts as empty. */
export function readFields(form: FormData, names: readonly string[]): FormValues {
  return Object.fromEntries(
    names.map((name) => {
      const value = form.get(name);
      const text = typeof value === 'string' ? value : '';
      return [name, fieldValue(name, text)];
    }),
  );
}

/** What was ticked of some choices, as `ChoicesField` holds it; null where the form had none. */
export function readChoices(form: FormData, name: string): string | null {
  if (!form.has(name)) return null;
  return form
    .getAll(name)
    .filter((value) => typeof value === 'string' && value !== '')
    .join(' ');
}

/** Trimmed, except a password; the code of a currency may be typed in lower case. */
export function fieldValue(name: string, text: string): string {
  if (name === 'password') return text;
  return name === 'currency' ? text.trim().toUpperCase() : text.trim();
}

/** For creating: a field left empty is left out. */
export function withoutEmpty(values: FormValues): FormValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

/** For changing: a field that was emptied is cleared, and a required one (`always`) is sent as it is. */
export function emptyAsNull(values: FormValues, always: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === '' && !always.includes(name) ? null : value]),
  );
}

/** No row has it: a version that a form never held is answered as one of long ago. */
const NO_VERSION = -1;

/** The key and version that the form carried. */
export function formGuards(form: FormData): { idempotencyKey?: string; expectedVersion?: number } {
  const key = form.get('idempotency_key');
  const version = form.get('version');
  return {
    ...(typeof key === 'string' && key !== '' ? { idempotencyKey: key } : {}),
    ...(typeof version === 'string' && version !== ''
      ? { expectedVersion: /^\d{1,9}$/.test(version) ? Number(version) : NO_VERSION }
      : {}),
  };
}

/** The form again with other values in it, where nothing was to be saved yet. */
export function shownAgain(values: FormValues) {
  const state: FormState = { problem: null, values, key: newFormKey() };
  return data(state);
}

/** The refused form again, under a fresh key: the old one may be bound to what was refused. */
export function refused<State extends FormState = FormState>(problem: Problem, values: FormValues) {
  const { password: _, ...shown } = values;
  const state: FormState = { problem, values: shown, key: newFormKey() };
  return data(state as State, { status: problem.status });
}
