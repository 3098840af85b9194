import type { AppLoadContext } from '@remix-run/server-runtime';
import { locationCreate, locationUpdate } from '../server/contexts/location/operations.ts';
import type { Merchant } from '../server/contexts/merchant/schemas.ts';
import { servicePackageCreate, servicePackageUpdate } from '../server/contexts/package/operations.ts';
import { providerCreate, providerUpdate } from '../server/contexts/provider/operations.ts';
import { serviceCategoryCreate, serviceCreate, serviceUpdate } from '../server/contexts/service/operations.ts';
import type { Problem } from '../server/operations/errors.ts';
import { emptyAsNull, type FormValues, formGuards, readChoices, readFields, withoutEmpty } from './forms.ts';
import { atHours } from './party-form.ts';
import { invalidFields } from './problem.ts';
import {
  HOUR_FIELDS,
  hoursOf,
  LOCATION_LABELS,
  minutesOf,
  PACKAGED,
  PROVIDER_LABELS,
  priceOf,
  SERVICE_LABELS,
} from './set-up-form.ts';

const SET_UP_FIELDS = [
  ...new Set([
    ...['intent', 'price'],
    ...Object.keys({ ...SERVICE_LABELS, ...PROVIDER_LABELS, ...LOCATION_LABELS }),
    ...PACKAGED,
    ...HOUR_FIELDS,
  ]),
];

/** What the forms of the set-up hold. Where a form had no boxes to tick, that stays as it is. */
export function readSetUp(form: FormData): FormValues {
  const { provider_ids: _, ...values } = readFields(form, SET_UP_FIELDS);
  const ticked = readChoices(form, 'provider_ids');
  return ticked === null ? values : { ...values, provider_ids: ticked };
}

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
      ...(values.provider_ids === undefined ? {} : { provider_ids: values.provider_ids.split(' ').filter(Boolean) }),
    },
  };
}

/** Hours that the form had no fields for stay as they are. */
function providerInput(values: FormValues, form: FormData) {
  const { name, title, email, phone } = values;
  const hours = HOUR_FIELDS.some((field) => form.has(field)) ? { hours: hoursOf(values) } : {};
  return { name, title: cleared(title), email: cleared(email), phone: cleared(phone), ...hours };
}

/** What the form of a package says. */
function packageInput(
  context: AppLoadContext,
  merchant: Merchant,
  values: FormValues,
): { input: object } | { problem: Problem } {
  const read = priceOf(values.price ?? '', merchant.currency, context.tenant.locale);
  if ('error' in read) return { problem: invalidFields({ price: [read.error] }, context.requestId) };
  const service_ids = PACKAGED.flatMap((name) => (values[name] ? [values[name]] : []));
  return { input: { name: values.name, price: read.price, service_ids } };
}

const toldAtHours = (answer: Answer): Answer => ('problem' in answer ? { problem: atHours(answer.problem) } : answer);

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
      return toldAtHours(await context.submit(providerCreate, { ...of, ...providerInput(values, form) }, guards));
    case 'location':
      return context.submit(
        locationCreate,
        { ...of, ...withoutEmpty(pick(values, Object.keys(LOCATION_LABELS))) },
        guards,
      );
    case 'package': {
      const read = packageInput(context, merchant, values);
      return 'problem' in read ? read : context.submit(servicePackageCreate, { ...of, ...read.input }, guards);
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
  return toldAtHours(await context.submit(providerUpdate, { id, ...providerInput(values, form) }, formGuards(form)));
}

export async function changePackage(
  context: AppLoadContext,
  merchant: Merchant,
  id: string,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const read = packageInput(context, merchant, values);
  return 'problem' in read ? read : context.submit(servicePackageUpdate, { id, ...read.input }, formGuards(form));
}

export async function changeLocation(
  context: AppLoadContext,
  id: string,
  values: FormValues,
  form: FormData,
): Promise<Answer> {
  const input = emptyAsNull(pick(values, Object.keys(LOCATION_LABELS)), ['name']);
  return context.submit(locationUpdate, { id, ...input }, formGuards(form));
}
