import * as v from 'valibot';
import { amount, email, empty, id, idInput, text, webAddress } from '../../operations/schemas.ts';

// Every setting there is. Browser-safe: pages are made from it.

export const settingLevel = v.picklist(['tenant', 'merchant_org', 'merchant']);
export type SettingLevel = v.InferOutput<typeof settingLevel>;

function whole(minimum: number, maximum: number) {
  const words = `must be a whole number from ${minimum} to ${maximum}`;
  return v.pipe(v.number(), v.integer(words), v.minValue(minimum, words), v.maxValue(maximum, words));
}

const percent = whole(0, 100);

/** Bands of the price in minor units, rising; the last has no end. */
export const depositTiers = v.pipe(
  v.array(v.strictObject({ up_to: v.nullable(amount), percent })),
  v.minLength(1, 'must have a band'),
  v.maxLength(6, 'must have at most 6 bands'),
  v.check(
    (tiers) =>
      tiers.every(({ up_to }, at) => (up_to === null) === (at === tiers.length - 1)) &&
      tiers.slice(1, -1).every(({ up_to }, at) => Number(up_to) > Number(tiers[at]?.up_to)),
    'must rise from band to band, the last without an end',
  ),
);
export type DepositTiers = v.InferOutput<typeof depositTiers>;

/** What a MerchantOrg and a merchant can be asked for before they go live. */
export const ORG_ITEMS = ['legal', 'billing', 'owner', 'terms'] as const;
export const MERCHANT_ITEMS = ['details', 'location', 'services', 'payments', 'messaging', 'terms'] as const;
export const PAYMENT_METHODS = ['cash', 'bank_transfer', 'card', 'card_terminal'] as const;

function someOf<const T extends readonly string[]>(choices: T) {
  return v.pipe(
    v.array(v.picklist(choices, `must be of ${choices.join(', ')}`)),
    v.check((chosen) => new Set(chosen).size === chosen.length, 'must not repeat itself'),
  );
}

type Known = {
  readonly schema: v.GenericSchema;
  readonly default: unknown;
  readonly label: string;
  readonly help: string;
  readonly unit?: string;
  /** People read and type it with so many decimals: with two, 875 is 8.75. */
  readonly decimals?: number;
  /** What a list is chosen from. */
  readonly choices?: readonly string[];
  /** Where it may be set; everywhere when left out. */
  readonly levels?: readonly SettingLevel[];
  /** What the platform insists on: whoever sets it holds this permission for the whole tenant. */
  readonly setBy?: string;
};

const SET_BY_PLATFORM = { setBy: 'onboarding:waive' } as const;

export const SETTINGS = {
  booking_slot_minutes: {
    schema: whole(5, 240),
    default: 15,
    label: 'Slot length',
    help: 'Appointments can begin every so many minutes.',
    unit: 'minutes',
  },
  booking_minimum_notice_minutes: {
    schema: whole(0, 43_200),
    default: 60,
    label: 'Minimum notice',
    help: 'How long before it begins an appointment can still be booked.',
    unit: 'minutes',
  },
  booking_horizon_days: {
    schema: whole(1, 730),
    default: 90,
    label: 'Booking horizon',
    help: 'How far ahead appointments can be booked.',
    unit: 'days',
  },
  booking_cancellation_window_hours: {
    schema: whole(0, 720),
    default: 24,
    label: 'Cancellation window',
    help: 'Until how long before it begins an appointment can be cancelled without a fee.',
    unit: 'hours',
  },
  deposit_is_required: {
    schema: v.boolean(),
    default: false,
    label: 'Deposit required',
    help: 'Whether booking asks for a deposit.',
  },
  deposit_tiers: {
    schema: depositTiers,
    default: [
      { up_to: 5_000, percent: 50 },
      { up_to: 15_000, percent: 35 },
      { up_to: null, percent: 25 },
    ],
    label: 'Deposit by price',
    help: 'The share of the price that is asked for as a deposit, by bands of the price in the merchant’s currency.',
  },
  no_show_fee_percent: {
    schema: percent,
    default: 50,
    label: 'No-show fee',
    help: 'The share of the price that is charged when a customer does not come.',
    unit: '%',
  },
  tax_rate_basis_points: {
    schema: whole(0, 10_000),
    default: 0,
    label: 'Tax rate',
    help: 'What is added to prices, or is in them.',
    unit: '%',
    decimals: 2,
  },
  tax_is_inclusive: {
    schema: v.boolean(),
    default: false,
    label: 'Prices include tax',
    help: 'Whether the prices of services hold the tax already.',
  },
  tips_suggested_percents: {
    schema: v.pipe(v.array(percent), v.maxLength(5, 'must have at most 5 shares')),
    default: [10, 15, 20],
    label: 'Suggested tips',
    help: 'Shares of the price that are offered as a tip.',
    unit: '%',
  },
  invoice_note: {
    schema: text(1_000, 0),
    default: '',
    label: 'Note on invoices',
    help: 'Printed at the foot of customer invoices.',
  },
  payment_methods: {
    schema: someOf(PAYMENT_METHODS),
    default: [...PAYMENT_METHODS],
    choices: PAYMENT_METHODS,
    label: 'Payment methods',
    help: 'How customers can pay. Others are refused.',
  },
  message_reply_to: {
    schema: v.union([v.literal(''), email], 'must be an e-mail address'),
    default: '',
    label: 'Reply address',
    help: 'Where the answers of customers to messages go.',
  },
  terms_version: {
    schema: text(40),
    default: '1',
    label: 'Version of the terms',
    help: 'A new version is to be accepted again before anybody else goes live.',
    ...SET_BY_PLATFORM,
  },
  terms_url: {
    schema: v.union([v.literal(''), webAddress], 'must be an address that begins with https://'),
    default: '',
    label: 'Address of the terms',
    help: 'Where they can be read.',
    ...SET_BY_PLATFORM,
  },
  onboarding_org_items: {
    schema: someOf(ORG_ITEMS),
    default: [],
    choices: ORG_ITEMS,
    label: 'Needed of a MerchantOrg to go live',
    help: 'It cannot go live before these are done or waived.',
    levels: ['tenant', 'merchant_org'],
    ...SET_BY_PLATFORM,
  },
  onboarding_merchant_items: {
    schema: someOf(MERCHANT_ITEMS),
    default: [],
    choices: MERCHANT_ITEMS,
    label: 'Needed of a merchant to go live',
    help: 'It cannot go live before these are done or waived.',
    ...SET_BY_PLATFORM,
  },
} as const satisfies Record<string, Known>;

export type SettingKey = keyof typeof SETTINGS;

/** What is known of a setting, whatever is known of the others. */
export function knownSetting(key: string): Known {
  return (SETTINGS as Record<string, Known>)[key]!;
}
/** What holds for a merchant, each value of its own type. */
export type EffectiveSettings = {
  readonly [Key in SettingKey]: v.InferOutput<(typeof SETTINGS)[Key]['schema']>;
};

/** The settings that may be set at a level, in order. */
export function settingsAt(level: SettingLevel): [SettingKey, Known][] {
  const all = Object.entries(SETTINGS) as [SettingKey, Known][];
  return all.filter(([, { levels }]) => levels?.includes(level) ?? true);
}

export const settingOrigin = v.picklist(['default', ...settingLevel.options]);

const value = v.unknown();

export const setting = v.object({
  key: v.string(),
  label: v.string(),
  help: v.string(),
  /** What holds here, and where it comes from. */
  value,
  origin: settingOrigin,
  /** What is set here itself; null when it is inherited. */
  own: value,
  /** What would hold here without that. */
  inherited: v.object({ value, origin: settingOrigin }),
  /** Whether whoever reads it could set it here, as far as the setting itself goes. */
  is_settable: v.boolean(),
});
export type Setting = v.InferOutput<typeof setting>;

export const settingList = v.object({ data: v.array(setting) });

/** `{key: value}` of what may be set at a level; null returns to what is inherited. */
function valuesAt(level: SettingLevel) {
  const entries = settingsAt(level).map(([key, { schema }]) => [key, v.optional(v.nullable(schema))] as const);
  return v.strictObject(Object.fromEntries(entries));
}

export const tenantSettingsInput = empty;
export const partySettingsInput = idInput;
export const tenantSettingsUpdate = v.strictObject({ values: valuesAt('tenant') });
export const merchantOrgSettingsUpdate = v.strictObject({ id, values: valuesAt('merchant_org') });
export const merchantSettingsUpdate = v.strictObject({ id, values: valuesAt('merchant') });
