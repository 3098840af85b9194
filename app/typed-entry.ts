// An entry by type as its form holds it, and as the operation takes it.

import type { FormValues } from './forms.ts';
import { humanize } from './labels.ts';
import { parseAmount } from './money.ts';

/** Type and category in one choice: `payment/full`. What between whom is the posting rules' business. */
export const TYPE_CHOICES = [
  'payment/full',
  'payment/deposit',
  'payment/balance',
  'payment/tip',
  'payment/no_show',
  'refund',
  'refund/deposit',
  'processor_fee',
  'commission',
  'franchise_fee',
  'subscription_charge',
  'settlement',
  'payout',
  'payout/settled',
  'payout/returned',
  'write_off',
  'transfer',
  'adjustment',
].map((value) => {
  const [type = '', category] = value.split('/');
  return { value, label: category ? `${humanize(type)}: ${humanize(category).toLowerCase()}` : humanize(type) };
});

const COMPONENTS = ['tip', 'tax', 'deposit'];

type Errors = Record<string, string[]>;

/** What of the input of transaction.create the form says; errors are by field of the form. */
export function typedInput(values: FormValues, locale: string): { input: Record<string, unknown>; errors: Errors } {
  const errors: Errors = {};
  const currency = (values.currency ?? '').toUpperCase();
  const size = (name: string): number => {
    const parsed = parseAmount(values[name] ?? '', currency, locale);
    if ('amount' in parsed) return Number(parsed.amount);
    errors[name] = [values[name] ? parsed.error : 'is required'];
    return 0;
  };
  const end = (name: string) => {
    const [type, id] = (values[name] ?? '').split(':');
    return type && id ? { [name]: { type, id } } : {};
  };
  const [type = '', category] = (values.type ?? '').split('/');
  if (type === '') errors.type = ['is required'];
  if (!/^[A-Z]{3}$/.test(currency)) errors.currency = ['must be an ISO 4217 currency like USD'];
  const parts = COMPONENTS.filter((name) => values[name]).map((name) => [name, size(name)]);
  const input = {
    type,
    ...(category ? { category } : {}),
    ...end('from'),
    ...end('to'),
    amount: { amount: size('amount'), currency },
    ...(parts.length > 0 ? { components: Object.fromEntries(parts) } : {}),
    ...(values.description ? { description: values.description } : {}),
  };
  return { input, errors };
}

/** The errors of the operation's input as those of the form's fields: `components.tip` → `tip`. */
export function errorsByField(errors: Errors): Errors {
  const fields: Record<string, string> = { 'amount.amount': 'amount', 'amount.currency': 'currency', category: 'type' };
  const entries = Object.entries(errors).map(([path, messages]) => {
    const [first = '', second] = path.split('.');
    const known = fields[path] ?? (first === 'components' && second ? second : first);
    return [known, messages] as const;
  });
  return Object.fromEntries(entries);
}
