import { type Merchant, vertical } from '../server/contexts/merchant/schemas.ts';
import {
  type Contact,
  type MerchantOrg,
  merchantOrgStates,
  type PartyStatus,
  partyStatus,
} from '../server/contexts/merchant-org/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import { movesFrom } from '../server/operations/states.ts';
import type { Choice } from './components/filters.tsx';
import { emptyAsNull, type FormValues, readFields, withoutEmpty } from './forms.ts';
import { humanize } from './labels.ts';
import { HOUR_FIELDS, hoursAsFields, hoursOf } from './set-up-form.ts';

// What the pages of MerchantOrgs and merchants share.

const choice = (value: string): Choice => ({ value, label: humanize(value) });

export const PARTY_STATUSES = partyStatus.options.map(choice);
export const ARCHIVED: Choice[] = [{ value: 'true', label: 'Archived' }];
export const VERTICALS = vertical.options.map(choice);

/** What a MerchantOrg or merchant of a status can do; those of it can go live, and no more. */
export const partyMoves = (status: PartyStatus, maySuspend: boolean) =>
  movesFrom(merchantOrgStates, status).filter((move) => maySuspend || move === 'activate');

const CONTACT_PARTS = { name: 'name', role: 'role', email: 'e-mail', phone: 'phone' };
type ContactPart = keyof typeof CONTACT_PARTS;
const PARTS = Object.keys(CONTACT_PARTS) as ContactPart[];

/** As many people as a party can name. */
export const CONTACT_ROWS = Array.from({ length: 10 }, (_row, index) => index);
export const contactField = (row: number, part: ContactPart) => `contacts.${row}.${part}`;
const CONTACT_LABELS = Object.fromEntries(
  CONTACT_ROWS.flatMap((row) =>
    PARTS.map((part) => [contactField(row, part), `Contact ${row + 1}: ${CONTACT_PARTS[part]}`]),
  ),
);

const MERCHANT_ORG_FIELDS = {
  name: 'Name',
  legal_name: 'Legal name',
  tax_id: 'Tax id',
  billing_address: 'Billing address',
  email: 'E-mail',
  phone: 'Phone',
  website: 'Website',
};
export const MERCHANT_ORG_LABELS = { ...MERCHANT_ORG_FIELDS, ...CONTACT_LABELS };

const MERCHANT_FIELDS = {
  merchant_org_id: 'MerchantOrg',
  name: 'Name',
  public_name: 'Public name',
  vertical: 'Vertical',
  email: 'E-mail',
  phone: 'Phone',
  website: 'Website',
  description: 'Description',
  currency: 'Currency',
  time_zone: 'Time zone',
};
export const MERCHANT_LABELS = { ...MERCHANT_FIELDS, ...CONTACT_LABELS, hours: 'Opening hours' };

/** Empty rows are left out, so that the rows of what is sent and of what is shown again are the same. */
function readContacts(form: FormData): { contacts: FormValues[]; fields: FormValues } {
  const rows = CONTACT_ROWS.map((row) => {
    const typed = readFields(
      form,
      PARTS.map((part) => contactField(row, part)),
    );
    return Object.fromEntries(PARTS.map((part) => [part, typed[contactField(row, part)] ?? '']));
  });
  const contacts = rows.filter((row) => Object.values(row).some((typed) => typed !== ''));
  return { contacts, fields: contactFields(contacts) };
}

function contactFields(contacts: readonly { [Part in ContactPart]?: string | null }[]): FormValues {
  return Object.fromEntries(
    contacts.flatMap((contact, row) => PARTS.map((part) => [contactField(row, part), contact[part] ?? ''])),
  );
}

/** How many people a form shows, of what was typed or of what there is. */
export function contactCount(contacts: readonly Contact[], typed: FormValues | undefined): number {
  if (!typed) return contacts.length;
  return CONTACT_ROWS.filter((row) => contactField(row, 'name') in typed).length;
}

type Typed = { values: FormValues; input: Record<string, unknown> };

/** What a form of a party says, for a change; `always` are the required ones. Lists that it has no fields for are left alone. */
function readChange(form: FormData, names: readonly string[], always: readonly string[]): Typed {
  const asked = names.filter((name) => form.has(name));
  const { contacts, fields } = readContacts(form);
  const typed = readFields(form, asked);
  const hours = readFields(form, HOUR_FIELDS);
  const lists = {
    ...(form.has(contactField(0, 'name')) ? { contacts: contacts.map((row) => emptyAsNull(row, ['name'])) } : {}),
    ...(HOUR_FIELDS.some((name) => form.has(name)) ? { hours: hoursOf(hours) } : {}),
  };
  return { values: { ...typed, ...fields, ...hours }, input: { ...emptyAsNull(typed, always), ...lists } };
}

export const readMerchantOrg = (form: FormData) => readChange(form, Object.keys(MERCHANT_ORG_FIELDS), ['name']);
export const readMerchant = (form: FormData) =>
  readChange(form, Object.keys(MERCHANT_FIELDS), ['name', 'public_name', 'vertical', 'time_zone']);

/** For what is new: a field left empty is left out. */
export function forCreation({ values, input }: Typed): Typed {
  const { contacts, hours, ...fields } = input;
  const given = withoutEmpty(
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value ?? '')])),
  );
  return { values, input: { ...given, ...(contacts ? { contacts } : {}), ...(hours ? { hours } : {}) } };
}

const text = (value: string | null) => value ?? '';

export function merchantOrgValues(org: MerchantOrg): FormValues {
  const names = Object.keys(MERCHANT_ORG_FIELDS) as (keyof typeof MERCHANT_ORG_FIELDS)[];
  return { ...Object.fromEntries(names.map((name) => [name, text(org[name])])), ...contactFields(org.contacts) };
}

export function merchantValues(merchant: Merchant): FormValues {
  const names = Object.keys(MERCHANT_FIELDS) as (keyof typeof MERCHANT_FIELDS)[];
  return {
    ...Object.fromEntries(names.map((name) => [name, text(merchant[name])])),
    ...contactFields(merchant.contacts),
    ...hoursAsFields(merchant.hours),
  };
}

/** Errors of what is inside the hours are shown at the hours. */
export function atHours(problem: Problem): Problem {
  if (!problem.errors) return problem;
  const errors = Object.entries(problem.errors).map(([path, messages]) => [
    path.replace(/^hours\..*/, 'hours'),
    messages,
  ]);
  return { ...problem, errors: Object.fromEntries(errors) };
}
