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
  locale: v.string(),
  time_zone: v.string(),
  currency,
  version,
  created_at: instant,
  updated_at: instant,
});
export type Tenant = v.InferOutput<typeof tenant>;

export const tenantListInput = v.strictObject({ ...listInput });
export const tenantList = listOf(tenant);

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
});
