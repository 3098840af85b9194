import type { AppLoadContext } from '@remix-run/server-runtime';
import { locationCreate } from '../server/contexts/location/operations.ts';
import type { Merchant } from '../server/contexts/merchant/schemas.ts';
import { servicePackageCreate } from '../server/contexts/package/operations.ts';
import { providerCreate, providerUpdate } from '../server/contexts/provider/operations.ts';
import { serviceCategoryCreate, serviceCreate, serviceUpdate } from '../server/contexts/service/operations.ts';
import type { Problem } from '../server/operations/errors.ts';
import { type FormValues, formGuards, withoutEmpty } from './forms.ts';
import { invalidFields } from './problem.ts';
import {
  HOUR_FIELDS,
  hoursOf,
  LOCATION_LABELS,
  minutesOf,
  PROVIDER_LABELS,
  priceOf,
  SERVICE_LABELS,
} from './set-up-form.ts';

const PACKAGED = ['service_1', 'service_2', 'service_3'];

export const SET_UP_FIELDS = [
  ...new Set([
    ...['intent', 'price'],
    ...Object.keys({ ...SERVICE_LABELS, ...PROVIDER_LABELS, ...LOCATION_LABELS }),
    ...PACKAGED,
    ...HOUR_FIELDS,
  ]),
];

type Answer = { problem: Problem } | { data: unknown };

function pick(values: FormValues, names: readonly string[]): FormValues {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']));
}

const cleared = (typed: string | undefined) => (typed ? typed : null);

/** What the form of a service says. */
function serviceInput(
  context: AppLoadContext,
  merchant: Merchant,
  values: FormValues,
): { input: object } | { problem: Problem } {
  const read = priceOf(values.default_price ?? '', merchant.currency, context.tenant.locale);
  if ('error' in read) return { problem: invalidFields({ default_price: [read.error] }, context.requestId) };
  return {
    input: {
      name: values.name,
      default_duration_minutes: minutesOf(values.default_duration_minutes),
      buffer_minutes: minutesOf(values.buffer_minutes),
      default_price: read.price,
      description: cleared(values.description),
      category_id: cleared(values.category_id),
    },
  };
}

function providerInput(values: FormValues) {
  const { name, title, email, phone } = values;
  return { name, title: cleared(title), email: cleared(email), phone: cleared(phone), hours: hoursOf(values) };
}

/** Errors of what is inside a list are shown at the list. */
function atHours(answer: Answer): Answer {
  if (!('problem' in answer) || !answer.problem.errors) return answer;
  const errors = Object.entries(answer.problem.errors).map(([path, messages]) => [
    path.replace(/^hours\..*/, 'hours'),
    messages,
  ]);
  return { problem: { ...answer.problem, errors: Object.fromEntries(errors) } };
}

/** Adds what a form of the set-up page names. */
export async function addToSetUp(
  context: AppLoadContext,
  merchant: Merchant,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const of = { merchant_id: merchant.id };
  const guards = formGuards(form);
  switch (values.intent) {
    case 'service': {
      const read = serviceInput(context, merchant, values);
      return 'problem' in read ? read : context.submit(serviceCreate, { ...of, ...read.input }, guards);
    }
    case 'category':
      return context.submit(serviceCategoryCreate, { ...of, name: values.name }, guards);
    case 'provider':
      return atHours(await context.submit(providerCreate, { ...of, ...providerInput(values) }, guards));
    case 'location':
      return context.submit(
        locationCreate,
        { ...of, ...withoutEmpty(pick(values, Object.keys(LOCATION_LABELS))) },
        guards,
      );
    case 'package': {
      const read = priceOf(values.price ?? '', merchant.currency, context.tenant.locale);
      if ('error' in read) return { problem: invalidFields({ price: [read.error] }, context.requestId) };
      const service_ids = PACKAGED.flatMap((name) => (values[name] ? [values[name]] : []));
      return context.submit(servicePackageCreate, { ...of, name: values.name, price: read.price, service_ids }, guards);
    }
    default:
      throw new Response(null, { status: 400 });
  }
}

export async function changeService(
  context: AppLoadContext,
  merchant: Merchant,
  id: string,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const read = serviceInput(context, merchant, values);
  return 'problem' in read ? read : context.submit(serviceUpdate, { id, ...read.input }, formGuards(form));
}

export async function changeProvider(
  context: AppLoadContext,
  id: string,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  return atHours(await context.submit(providerUpdate, { id, ...providerInput(values) }, formGuards(form)));
}
