import type { AppLoadContext } from '@remix-run/server-runtime';
import { type DepositTiers, knownSetting, type Setting } from '../server/contexts/setting/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import { type FormValues, fieldValue, readChoices } from './forms.ts';
import { exponentOf, parseAmount, toDecimal } from './money.ts';

// Settings as a form holds them: text by key, empty where a value is inherited (a list shows what it inherits). The deposit's bands are a pair of fields each.

export const TIERS = 'deposit_tiers';
/** As many bands as the form offers. */
export const BANDS = [0, 1, 2, 3, 4, 5] as const;

/** What a list is chosen from: each is a box to tick. */
export function choicesOf(key: string): readonly string[] | null {
  return knownSetting(key).choices ?? null;
}

/** A number as people read and type it. */
export function asTyped(key: string, value: number): string {
  return String(value / 10 ** (knownSetting(key).decimals ?? 0));
}

/** What is set, as the fields show it. */
export function settingFields(key: string, value: unknown, currency: string): FormValues {
  if (key === TIERS) {
    const tiers = (value ?? []) as DepositTiers;
    return Object.fromEntries(
      BANDS.flatMap((at) => {
        const tier = tiers[at];
        const upTo = typeof tier?.up_to === 'number' ? toDecimal(tier.up_to, exponentOf(currency)) : '';
        return [
          [`${key}.${at}.up_to`, upTo],
          [`${key}.${at}.percent`, tier ? String(tier.percent) : ''],
        ];
      }),
    );
  }
  const choices = choicesOf(key);
  if (choices) {
    const chosen = (value ?? []) as string[];
    return { [key]: choices.filter((each) => chosen.includes(each)).join(' ') };
  }
  if (value === null || value === undefined) return { [key]: '' };
  if (typeof value === 'number') return { [key]: asTyped(key, value) };
  return { [key]: Array.isArray(value) ? value.join(', ') : String(value) };
}

/** What is set here, as the fields show it. */
export function ownFields(settings: readonly Setting[], currency: string): FormValues {
  return Object.assign({}, ...settings.map(({ key, own }) => settingFields(key, own, currency)));
}

/** As `ownFields`; the boxes of a list that is not set here are ticked as they are inherited. */
export function shownFields(settings: readonly Setting[], currency: string): FormValues {
  const shown = settings.map((setting) =>
    choicesOf(setting.key) ? { ...setting, own: setting.own ?? setting.inherited.value } : setting,
  );
  return ownFields(shown, currency);
}

/** What the fields of one setting say; what cannot be read goes on as it is, for the operation to refuse. */
function typedValue({ key, value }: Setting, typed: FormValues, money: { currency: string; locale: string }): unknown {
  if (key === TIERS) return typedTiers(typed, money);
  const text = typed[key] ?? '';
  // No box ticked is a choice, too: a list goes back to what is inherited by a reset.
  if (choicesOf(key)) return text === '' ? [] : text.split(' ');
  if (text === '') return null;
  if (typeof value === 'boolean') return text === 'true';
  if (typeof value === 'number') return scaledOr(key, text);
  return Array.isArray(value) ? text.split(',').map((part) => numberOr(part.trim())) : text;
}

/** "8.75" or "8,75" as 875, where a setting has two decimals. */
function scaledOr(key: string, text: string): number | string {
  const { decimals = 0 } = knownSetting(key);
  const [, whole, fraction = ''] = /^(\d{1,13})(?:[.,](\d*))?$/.exec(text) ?? [];
  if (whole === undefined || fraction.length > decimals || (decimals === 0 && /[.,]/.test(text))) return text;
  return Number(whole + fraction.padEnd(decimals, '0'));
}

function numberOr(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function typedTiers(typed: FormValues, { currency, locale }: { currency: string; locale: string }) {
  const tiers = BANDS.map(
    (at) => [typed[`${TIERS}.${at}.up_to`] ?? '', typed[`${TIERS}.${at}.percent`] ?? ''] as const,
  );
  const filled = tiers.filter(([upTo, percent]) => upTo !== '' || percent !== '');
  if (filled.length === 0) return null;
  return filled.map(([upTo, percent]) => {
    const read = upTo === '' ? null : parseAmount(upTo, currency, locale);
    return { up_to: read === null ? null : 'error' in read ? upTo : Number(read.amount), percent: numberOr(percent) };
  });
}

type Answer = { data: object } | { problem: Problem };
type Change = (values: Record<string, unknown>) => Promise<Answer>;

/**
 * Sends what changed in a form of settings, or resets the one that it names. Nothing else is touched, so that two people
 * who set different things do not undo each other.
 */
export async function submitSettings(
  form: FormData,
  settings: readonly Setting[],
  context: AppLoadContext,
  currency: string,
  change: Change,
): Promise<{ typed: FormValues; problem: Problem | null }> {
  const reset = form.get('reset');
  const typed = Object.fromEntries(
    settings.flatMap(({ key }) =>
      Object.keys(settingFields(key, null, currency)).map((name) => {
        const chosen = choicesOf(key) ? readChoices(form, name) : null;
        return [name, chosen ?? fieldValue(name, String(form.get(name) ?? ''))];
      }),
    ),
  );
  const wasTyped = (name: string) => typed[name] !== String(form.get(`was:${name}`) ?? '');
  const changed = settings.filter(({ key }) => Object.keys(settingFields(key, null, currency)).some(wasTyped));
  const money = { currency, locale: context.tenant.locale };
  const values = Object.fromEntries(changed.map((setting) => [setting.key, typedValue(setting, typed, money)]));
  const answer = await change(typeof reset === 'string' ? { [reset]: null } : values);
  return { typed, problem: 'problem' in answer ? atFields(answer.problem) : null };
}

/** Errors under the names of the fields. */
function atFields(problem: Problem): Problem {
  const errors = Object.entries(problem.errors ?? {}).map(([path, messages]) => {
    const field = path.replace(/^values\./, '');
    // One field holds the whole list.
    return [field.startsWith('tips_') ? field.replace(/\.\d+$/, '') : field, messages] as const;
  });
  return problem.errors ? { ...problem, errors: Object.fromEntries(errors) } : problem;
}
