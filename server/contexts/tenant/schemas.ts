import * as v from 'valibot';
import {
  colour,
  currency,
  email,
  id,
  instant,
  listInput,
  listOf,
  optional,
  text,
  timeZone,
  version,
  webAddress,
} from '../../operations/schemas.ts';

const locale = v.pipe(
  v.string(),
  v.maxLength(35),
  v.check((tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length === 1;
    } catch {
      return false;
    }
  }, 'must be a language tag like en-US'),
);

const RETENTION = 'must be a whole number of days from 7 to 3650';

export const tenant = v.object({
  id,
  slug: v.string(),
  name: v.string(),
  status: v.picklist(['active', 'suspended']),
  legal_name: v.nullable(v.string()),
  support_email: v.nullable(v.string()),
  support_phone: v.nullable(v.string()),
  support_url: v.nullable(v.string()),
  brand_colour: v.nullable(v.string()),
  /** Where the logo is, on the tenant's own host; another one has another address. */
  logo_url: v.nullable(v.string()),
  locale: v.string(),
  time_zone: v.string(),
  currency,
  /** How long sessions, mails, finished jobs and isolation probes are kept once they are over. */
  retention_days: v.number(),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Tenant = v.InferOutput<typeof tenant>;

export const tenantListInput = v.strictObject({ ...listInput });
export const tenantList = listOf(tenant);

/** 256 KiB in base64. */
const LONGEST_IMAGE = 349_528;

/** A PNG, JPEG or WebP of at most 256 KiB. */
const image = v.pipe(
  v.string(),
  v.minLength(1, 'is required'),
  v.maxLength(LONGEST_IMAGE, 'must have at most 256 KiB'),
  v.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64'),
);

export const tenantLogoInput = v.strictObject({ image });

/** What is left out is as it is now. */
export const brandingPreviewInput = v.strictObject({
  name: v.optional(text(200)),
  support_email: optional(email),
  support_phone: optional(text(40)),
  support_url: optional(webAddress),
  brand_colour: optional(colour),
  image: optional(image),
});

const accents = v.object({ accent: v.string(), strong: v.string(), ink: v.string(), soft: v.string() });
export const brandingPreview = v.object({
  accents: v.nullable(v.object({ light: accents, dark: accents })),
  /** Where the logo is: its address, or the picture itself while it is not saved. */
  logo: v.nullable(v.string()),
  mail: v.object({ subject: v.string(), text: v.string(), html: v.string() }),
});
export type BrandingPreview = v.InferOutput<typeof brandingPreview>;

export const tenantLogo = v.object({ media_type: v.string(), hash: v.string(), image: v.string() });

export const tenantUpdateInput = v.strictObject({
  name: v.optional(text(200)),
  legal_name: optional(text(200)),
  support_email: optional(email),
  support_phone: optional(text(40)),
  support_url: optional(webAddress),
  brand_colour: optional(colour),
  locale: v.optional(locale),
  time_zone: v.optional(timeZone),
  currency: v.optional(currency),
  retention_days: v.optional(
    v.pipe(v.number(), v.integer(RETENTION), v.minValue(7, RETENTION), v.maxValue(3650, RETENTION)),
  ),
});
