import * as v from 'valibot';
import { id, text } from '../../operations/schemas.ts';

/** Where something can be set, from the general to the particular: the more particular wins. */
export const settingLevel = v.picklist(['tenant', 'merchant_org', 'merchant']);
export type SettingLevel = v.InferOutput<typeof settingLevel>;

/** `default`: nobody has set it. */
export const settingOrigin = v.picklist(['default', ...settingLevel.options]);
export type SettingOrigin = v.InferOutput<typeof settingOrigin>;

const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(least), v.maxValue(most));
const percent = whole(0, 100);

/** Deposits by price: the first band that a price fits into. The last has no upper end. Amounts are minor units. */
const depositTiers = v.pipe(
  v.array(v.strictObject({ up_to: v.nullable(whole(1, 9_999_999_999_999)), percent })),
  v.minLength(1, 'must have at least one tier'),
  v.maxLength(10),
  v.check((tiers) => tiers.at(-1)?.up_to === null, 'must end with a tier without an upper end'),
  v.check(
    (tiers) => tiers.every(({ up_to }, place) => place === tiers.length - 1 || up_to !== null),
    'must have one tier without an upper end',
  ),
  v.check(
    (tiers) =>
      tiers.every(({ up_to }, place) => place === 0 || up_to === null || up_to > (tiers[place - 1]?.up_to ?? 0)),
    'must rise',
  ),
);

const ANYWHERE: readonly SettingLevel[] = settingLevel.options;

/** Every setting: what it takes, what holds when nobody sets it, and where it can be set. */
export const SETTINGS = {
  booking_slot_minutes: {
    schema: whole(5, 240),
    fallback: 15,
    label: 'Bookings start every (minutes)',
    levels: ANYWHERE,
  },
  booking_minimum_notice_minutes: {
    schema: whole(0, 43_200),
    fallback: 60,
    label: 'Shortest notice of a booking (minutes)',
    levels: ANYWHERE,
  },
  booking_horizon_days: {
    schema: whole(1, 730),
    fallback: 90,
    label: 'How far ahead can be booked (days)',
    levels: ANYWHERE,
  },
  booking_cancellation_window_hours: {
    schema: whole(0, 720),
    fallback: 24,
    label: 'Cancelling is free until (hours before)',
    levels: ANYWHERE,
  },
  deposit_is_required: { schema: v.boolean(), fallback: false, label: 'Invoices ask for a deposit', levels: ANYWHERE },
  deposit_tiers: {
    schema: depositTiers,
    fallback: [
      { up_to: 5_000, percent: 50 },
      { up_to: 15_000, percent: 35 },
      { up_to: null, percent: 25 },
    ],
    label: 'Deposit by price',
    levels: ANYWHERE,
  },
  no_show_fee_percent: {
    schema: percent,
    fallback: 50,
    label: 'Fee for not showing up (% of the price)',
    levels: ANYWHERE,
  },
  tax_rate_basis_points: {
    schema: whole(0, 10_000),
    fallback: 0,
    label: 'Sales tax (hundredths of a percent)',
    levels: ANYWHERE,
  },
  tax_is_inclusive: { schema: v.boolean(), fallback: false, label: 'Prices include the tax', levels: ANYWHERE },
  tips_suggested_percents: {
    schema: v.pipe(v.array(percent), v.maxLength(5)),
    fallback: [10, 15, 20],
    label: 'Tips that are suggested (%)',
    levels: ANYWHERE,
  },
  invoice_note: { schema: text(500, 0), fallback: '', label: 'Note at the end of invoices', levels: ANYWHERE },
} as const satisfies Record<
  string,
  { schema: v.GenericSchema; fallback: unknown; label: string; levels: readonly SettingLevel[] }
>;

export type SettingKey = keyof typeof SETTINGS;
export type SettingValues = { [Key in SettingKey]: v.InferOutput<(typeof SETTINGS)[Key]['schema']> };

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** `own` is what is set at the level that was asked for; null when it takes what is set above. */
export const setting = v.object({
  key: v.string(),
  label: v.string(),
  value: v.unknown(),
  origin: settingOrigin,
  own: v.unknown(),
});
export type Setting = v.InferOutput<typeof setting>;
export const settingList = v.object({ data: v.array(setting) });

/** What to set; null takes it back. */
const values = v.strictObject(
  Object.fromEntries(
    SETTING_KEYS.map((key) => [key, v.optional(v.nullable(SETTINGS[key].schema as v.GenericSchema))]),
  ) as Record<SettingKey, v.OptionalSchema<v.NullableSchema<v.GenericSchema, undefined>, undefined>>,
);
export const settingUpdateInput = v.strictObject({ values });
export const partySettingUpdateInput = v.strictObject({ id, values });
