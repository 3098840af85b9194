import { lostReason, OPEN_STAGES, type Prospect } from '../server/contexts/prospect/schemas.ts';
import { activityKind } from '../server/contexts/prospect-activity/schemas.ts';
import type { Choice } from './components/filters.tsx';
import { emptyAsNull, type FormValues } from './forms.ts';
import { humanize } from './labels.ts';
import { exponentOf, toDecimal } from './money.ts';
import { priceOf } from './set-up-form.ts';

// What the pages of the pipeline share.

const choice = (value: string): Choice => ({ value, label: humanize(value) });

export const STAGES = OPEN_STAGES.map(choice);
export const PROSPECT_STATUSES = [...OPEN_STAGES, 'won', 'lost', 'merged'].map(choice);
export const LOST_REASONS = lostReason.options.map(choice);
export const ACTIVITY_KINDS = activityKind.options.map(choice);

export const PROSPECT_LABELS = {
  name: 'Business',
  contact_name: 'Contact',
  email: 'E-mail',
  phone: 'Phone',
  vertical: 'Vertical',
  source: 'Source',
  amount: 'Expected in a year',
  currency: 'Currency',
  probability: 'Probability in percent',
  owner_id: 'Owner',
  expected_close: 'Expected close',
  notes: 'Notes',
};

/** What a form says of a prospect. The amount is typed in the tenant's language. */
export function prospectInput(
  { amount = '', currency = '', probability = '', ...values }: FormValues,
  locale: string,
): { input: object } | { errors: Record<string, string[]> } {
  const read = amount === '' ? null : priceOf(amount, currency, locale);
  if (read && 'error' in read) return { errors: { amount: [read.error] } };
  if (probability !== '' && !/^\d{1,3}$/.test(probability)) {
    return { errors: { probability: ['must be a whole number from 0 to 100'] } };
  }
  return {
    input: {
      ...emptyAsNull(values, ['name', 'vertical']),
      value: read ? read.price : { amount: 0, currency },
      probability: probability === '' ? null : Number(probability),
    },
  };
}

/** The fields of a form that changes a prospect. */
export function prospectValues(prospect: Prospect): FormValues {
  const { value, owner, has_own_probability, probability } = prospect;
  return {
    name: prospect.name,
    contact_name: prospect.contact_name ?? '',
    email: prospect.email ?? '',
    phone: prospect.phone ?? '',
    vertical: prospect.vertical,
    source: prospect.source ?? '',
    amount: value.amount === 0 ? '' : toDecimal(value.amount, exponentOf(value.currency)),
    currency: value.currency,
    probability: has_own_probability ? String(probability) : '',
    owner_id: owner?.id ?? '',
    expected_close: prospect.expected_close ?? '',
    notes: prospect.notes ?? '',
  };
}
