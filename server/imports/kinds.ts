// What can be imported. A kind names the operation that makes one by hand: its permission is asked for, its input schema is
// what every row has to keep. The rest is how a file says it, and which rows are the same.
import type * as v from 'valibot';
import { endCustomerCreate } from '../contexts/end-customer/operations.ts';
import type { ImportField, ImportKindName } from '../contexts/import/schemas.ts';
import { merchantCreate } from '../contexts/merchant/operations.ts';
import { vertical } from '../contexts/merchant/schemas.ts';
import { merchantOrgCreate } from '../contexts/merchant-org/operations.ts';
import { prospectCreate } from '../contexts/prospect/operations.ts';
import { serviceCreate } from '../contexts/service/operations.ts';
import type { Place } from '../operations/may-grant.ts';
import type { Operation } from '../operations/operation.ts';

/** The party that a row belongs to: named in a column, or the place of the whole import. */
export type Owner = {
  readonly id: string;
  readonly status: string;
  /** That the party works in. */
  readonly currency: string;
};

/** What a row is completed with, as the operation itself does where something is left out. */
export type Defaults = { readonly currency: string; readonly time_zone: string };

type Row = Readonly<Record<string, unknown>>;

type Field = {
  /** Of the operation's input. */
  readonly name: string;
  readonly label: string;
  /** How a cell is read; as text when left out. `owner` is a party by its name or id. */
  readonly reads?: 'owner' | 'whole' | 'boolean' | 'price' | 'choice' | 'capitals' | 'lower';
  readonly hint?: string;
  /** Other heads that files have for it. */
  readonly aliases?: readonly string[];
  /** In the template. */
  readonly example: string;
};

/** Rows that are the same: of one owner, and alike in these columns. */
type Sameness = {
  /** Which is complained about; without it a row is like no other. */
  readonly field: string;
  readonly columns: readonly string[];
  /** Rows that have this one are told apart by it alone. */
  readonly unless?: string;
  /** Kept by a constraint: as it is written, archived or not. */
  readonly isConstraint?: boolean;
};

export type ImportKind = {
  readonly name: ImportKindName;
  readonly plural: string;
  readonly create: Operation;
  readonly table: string;
  /** Who owns a row: the column, and which party that is. */
  readonly owner: {
    readonly column: 'merchant_id' | 'merchant_org_id';
    readonly party: 'merchant' | 'merchant_org';
  } | null;
  readonly mostRows: number;
  /** Each is a column of the table too. */
  readonly fields: readonly Field[];
  /** Columns that `complete` adds. */
  readonly alsoColumns?: readonly string[];
  readonly sameness: readonly Sameness[];
  /** The column that says that one is out of use, and like no other any more: `archived_at` when left out. */
  readonly outOfUse?: string;
  /** The columns of the table from valid input. */
  complete(input: Row, owner: Owner | null, defaults: Defaults): Row;
  /** The books that each row opens. */
  readonly opensBookOf?: 'merchant' | 'merchant_org';
};

const contact: readonly Field[] = [
  { name: 'email', label: 'E-mail', aliases: ['mail', 'email_address', 'e_mail'], example: 'anna@example.com' },
  { name: 'phone', label: 'Phone', aliases: ['telephone', 'mobile', 'phone_number'], example: '+1 555 0100' },
];

const website: Field = {
  name: 'website',
  label: 'Website',
  hint: 'https://…',
  aliases: ['url', 'homepage', 'web'],
  example: 'https://example.com',
};

const ofMerchant: Field = {
  name: 'merchant_id',
  label: 'Merchant',
  reads: 'owner',
  hint: 'Its name or its id',
  aliases: ['merchant', 'merchant_name'],
  example: 'Pine Street Hair',
};

const externalId: Field = {
  name: 'external_id',
  label: 'External id',
  hint: 'What another system calls it',
  aliases: ['external_reference', 'reference', 'id', 'number'],
  example: 'A-1001',
};

const merchantOrgs: ImportKind = {
  name: 'merchant_org',
  plural: 'MerchantOrgs',
  create: merchantOrgCreate as Operation,
  table: 'merchant_orgs',
  owner: null,
  mostRows: 5_000,
  fields: [
    { name: 'name', label: 'Name', aliases: ['company', 'merchantorg'], example: 'Harbor & Pine' },
    { name: 'legal_name', label: 'Legal name', example: 'Harbor & Pine LLC' },
    ...contact,
    { name: 'tax_id', label: 'Tax id', aliases: ['vat_id', 'ein'], example: '12-3456789' },
    { name: 'billing_address', label: 'Billing address', aliases: ['address'], example: '1 Harbor Street, Portland' },
    website,
  ],
  sameness: [
    { field: 'name', columns: ['name'] },
    { field: 'tax_id', columns: ['tax_id'] },
  ],
  complete: (input) => input,
  opensBookOf: 'merchant_org',
};

const merchants: ImportKind = {
  name: 'merchant',
  plural: 'merchants',
  create: merchantCreate as Operation,
  table: 'merchants',
  owner: { column: 'merchant_org_id', party: 'merchant_org' },
  mostRows: 5_000,
  fields: [
    {
      name: 'merchant_org_id',
      label: 'MerchantOrg',
      reads: 'owner',
      hint: 'Its name or its id',
      aliases: ['merchant_org', 'merchantorg', 'org', 'organization', 'organisation', 'company'],
      example: 'Harbor & Pine',
    },
    { name: 'name', label: 'Name', aliases: ['merchant', 'business'], example: 'Pine Street Hair' },
    { name: 'public_name', label: 'Public name', aliases: ['display_name'], example: 'Pine Street' },
    {
      name: 'vertical',
      label: 'Vertical',
      reads: 'choice',
      hint: vertical.options.join(', '),
      aliases: ['industry', 'category'],
      example: 'beauty_and_wellness',
    },
    ...contact,
    website,
    { name: 'description', label: 'Description', aliases: ['about'], example: 'Cuts and colour since 1998' },
    { name: 'currency', label: 'Currency', reads: 'capitals', hint: 'ISO 4217, such as USD', example: 'USD' },
    {
      name: 'time_zone',
      label: 'Time zone',
      hint: 'Such as Europe/Paris',
      aliases: ['zone'],
      example: 'America/New_York',
    },
  ],
  sameness: [{ field: 'name', columns: ['name'] }],
  complete: (input, _owner, { currency, time_zone }) => ({
    public_name: input.name,
    vertical: 'other',
    currency,
    time_zone,
    ...input,
  }),
  opensBookOf: 'merchant',
};

const services: ImportKind = {
  name: 'service',
  plural: 'services',
  create: serviceCreate as Operation,
  table: 'services',
  owner: { column: 'merchant_id', party: 'merchant' },
  mostRows: 100_000,
  fields: [
    ofMerchant,
    { name: 'name', label: 'Name', aliases: ['service', 'title'], example: 'Cut' },
    { name: 'description', label: 'Description', example: 'Wash, cut and finish' },
    {
      name: 'default_duration_minutes',
      label: 'Duration, minutes',
      reads: 'whole',
      aliases: ['duration', 'minutes', 'duration_minutes'],
      example: '45',
    },
    { name: 'buffer_minutes', label: 'Buffer, minutes', reads: 'whole', aliases: ['buffer'], example: '10' },
    {
      name: 'default_price',
      label: 'Price',
      reads: 'price',
      hint: 'In the currency of the merchant',
      aliases: ['price', 'amount'],
      example: '42.00',
    },
    {
      name: 'colour',
      label: 'Colour',
      reads: 'lower',
      hint: 'Such as #3b82f6',
      aliases: ['color'],
      example: '#3b82f6',
    },
    externalId,
  ],
  sameness: [
    { field: 'external_id', columns: ['external_id'], isConstraint: true },
    { field: 'name', columns: ['name'] },
  ],
  complete: ({ default_price, ...input }) => ({
    buffer_minutes: 0,
    colour: '#3b82f6',
    ...input,
    default_price: (default_price as { amount: number }).amount,
  }),
};

const endCustomers: ImportKind = {
  name: 'end_customer',
  plural: 'customers',
  create: endCustomerCreate as Operation,
  table: 'end_customers',
  owner: { column: 'merchant_id', party: 'merchant' },
  mostRows: 100_000,
  fields: [
    ofMerchant,
    { name: 'name', label: 'Name', aliases: ['customer', 'full_name', 'customer_name'], example: 'Anna Miller' },
    ...contact,
    { name: 'notes', label: 'Notes', aliases: ['note', 'comment', 'comments'], example: 'Prefers mornings' },
    {
      name: 'accepts_marketing',
      label: 'Accepts marketing',
      reads: 'boolean',
      hint: 'yes or no',
      aliases: ['marketing', 'newsletter', 'opt_in'],
      example: 'yes',
    },
    externalId,
  ],
  sameness: [
    { field: 'external_id', columns: ['external_id'], isConstraint: true },
    { field: 'name', columns: ['name', 'email', 'phone'], unless: 'external_id' },
  ],
  complete: (input) => ({ accepts_marketing: false, ...input }),
};

const prospects: ImportKind = {
  name: 'prospect',
  plural: 'prospects',
  create: prospectCreate as Operation,
  table: 'prospects',
  owner: null,
  mostRows: 100_000,
  fields: [
    { name: 'name', label: 'Name', aliases: ['company', 'business', 'prospect', 'lead'], example: 'Lakeside Spa' },
    { name: 'contact_name', label: 'Contact', aliases: ['contact_person', 'person'], example: 'Anna Miller' },
    ...contact,
    {
      name: 'vertical',
      label: 'Vertical',
      reads: 'choice',
      hint: vertical.options.join(', '),
      aliases: ['industry', 'category'],
      example: 'beauty_and_wellness',
    },
    { name: 'source', label: 'Source', aliases: ['lead_source', 'channel'], example: 'Trade fair' },
    { name: 'value', label: 'Value a year', reads: 'price', aliases: ['value', 'amount'], example: '12000.00' },
    {
      name: 'expected_close',
      label: 'Expected close',
      hint: 'YYYY-MM-DD',
      aliases: ['close_date'],
      example: '2027-03-31',
    },
    { name: 'notes', label: 'Notes', aliases: ['note', 'comment', 'comments'], example: 'Opens a second shop' },
  ],
  alsoColumns: ['currency'],
  outOfUse: 'merged_into',
  sameness: [
    { field: 'name', columns: ['name'] },
    { field: 'email', columns: ['email'] },
  ],
  complete: ({ value, ...input }, _owner, { currency }) => ({
    vertical: 'other',
    ...input,
    value: (value as { amount: number } | undefined)?.amount ?? 0,
    currency,
  }),
};

export const kinds: Readonly<Record<ImportKindName, ImportKind>> = {
  merchant_org: merchantOrgs,
  merchant: merchants,
  service: services,
  end_customer: endCustomers,
  prospect: prospects,
};

/** Whose the rows are where the place says so for all of them. */
export function ownerAt({ owner }: ImportKind, place: Place): string | null {
  return owner && (owner.party === 'merchant' ? place.merchant_id : place.merchant_org_id);
}

/** Whether a kind can be imported at a place: MerchantOrgs for the whole tenant, merchants not below one. */
export function fitsPlace(kind: ImportKind, place: Place): boolean {
  if (kind.owner === null) return place.merchant_id === null && place.merchant_org_id === null;
  return kind.owner.party === 'merchant' || place.merchant_id === null;
}

/** The fields that a file may have; who owns the rows only where the place does not say it. */
export function fieldsAt(kind: ImportKind, place: Place): readonly Field[] {
  return ownerAt(kind, place) === null ? kind.fields : kind.fields.filter(({ reads }) => reads !== 'owner');
}

/** Whether the operation asks for a field. */
function isRequired(kind: ImportKind, name: string): boolean {
  const { entries } = kind.create.input as unknown as { entries: Record<string, v.GenericSchema> };
  return entries[name]?.type !== 'optional';
}

export function describeFields(kind: ImportKind, place: Place): ImportField[] {
  return fieldsAt(kind, place).map(({ name, label, hint }) => ({
    name,
    label,
    is_required: isRequired(kind, name),
    hint: hint ?? null,
  }));
}

const bare = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_|_$/g, '');

/** Which column each field is most likely read from. */
export function guessColumns(kind: ImportKind, place: Place, heads: readonly string[]): Record<string, string> {
  const free = new Map(heads.toReversed().map((head) => [bare(head), head]));
  const guessed: Record<string, string> = Object.create(null);
  const take = (name: string, words: readonly string[]) => {
    const found = words.map(bare).find((word) => free.has(word));
    if (found === undefined || guessed[name] !== undefined) return;
    guessed[name] = free.get(found)!;
    free.delete(found);
  };
  const fields = fieldsAt(kind, place);
  for (const { name, label } of fields) take(name, [name, label]);
  for (const { name, aliases = [] } of fields) take(name, aliases);
  return { ...guessed };
}
