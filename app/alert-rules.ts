import type { AlertRule } from '../server/contexts/alert/schemas.ts';
import type { FormValues } from './forms.ts';

const hour = (value: number | null) => `${String(value ?? 0).padStart(2, '0')}:00`;

function span(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'a day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'an hour' : `${minutes / 60} hours`;
  return `${minutes} minutes`;
}

/** `transaction.%` or `payout.create` by what they are about. */
function nouns(actions: AlertRule['actions']): string {
  return [...new Set((actions ?? []).map((action) => action.split('.')[0]!.replaceAll('_', ' ')))].join(' or ');
}

/** What a rule looks for, as a sentence. */
export function ruleWords(rule: AlertRule): string {
  const often = rule.threshold === 1 ? '' : `, ${rule.threshold} times within ${span(rule.window_minutes)}`;
  const words = {
    odd_hours: `Staff do something between ${hour(rule.from_hour)} and ${hour(rule.to_hour)}`,
    address_change: `Staff act from another network within ${rule.within_minutes} minutes`,
    mass_export: 'Somebody exports',
    first_money: `Somebody changes a ${nouns(rule.actions)} for the first time`,
    failed_sign_ins: 'Signing in to an account fails',
    privilege_change: 'Somebody changes roles, who holds them, or makes an API key',
    quota: 'What the platform allows the tenant to use is used up, or nearly',
  };
  return `${words[rule.kind]}${often}.`;
}

export const RULE_LABELS = {
  name: 'Name',
  is_enabled: 'State',
  threshold: 'Times',
  window_minutes: 'Within minutes',
  from_hour: 'From hour',
  to_hour: 'To hour',
  within_minutes: 'Minutes between networks',
  actions: 'Actions',
};

/** What the form of a rule holds at first: the parameters that it has, as text. */
export function ruleValues(rule: AlertRule): FormValues {
  const { actions, is_enabled: isEnabled } = rule;
  const numbers = ['threshold', 'window_minutes', 'from_hour', 'to_hour', 'within_minutes'] as const;
  return {
    name: rule.name,
    is_enabled: isEnabled ? 'on' : 'off',
    ...(actions ? { actions: actions.join(', ') } : {}),
    ...Object.fromEntries(numbers.flatMap((name) => (rule[name] === null ? [] : [[name, String(rule[name])]]))),
  };
}

/** The form as input of the operation; what is no number stays text, for the operation to refuse. */
export function readRule(values: FormValues): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => {
        if (name === 'is_enabled') return [name, value === 'on'];
        if (name === 'actions') return [name, value.split(/[\s,]+/).filter(Boolean)];
        return [name, /^\d{1,9}$/.test(value) ? Number(value) : value];
      }),
  );
}
