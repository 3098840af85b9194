import * as v from 'valibot';
import { givenInstant, id, instant, listInput, listOf, optional, text, version } from '../../operations/schemas.ts';

export const apiKeyState = v.picklist(['active', 'expired', 'revoked']);

/** `previous_…`: the secret before the last rotation, while it still works. A use is noted once an hour. */
export const apiKey = v.object({
  id,
  name: v.string(),
  prefix: v.string(),
  role_id: id,
  role_name: v.string(),
  merchant_org_id: v.nullable(id),
  merchant_id: v.nullable(id),
  state: apiKeyState,
  expires_at: v.nullable(instant),
  revoked_at: v.nullable(instant),
  last_used_at: v.nullable(instant),
  last_used_address: v.nullable(v.string()),
  previous_prefix: v.nullable(v.string()),
  previous_ends_at: v.nullable(instant),
  previous_used_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type ApiKey = v.InferOutput<typeof apiKey>;

/** The only answer that ever holds the key itself. */
export const createdApiKey = v.object({ ...apiKey.entries, key: v.string() });

export const apiKeyCreateInput = v.strictObject({
  name: text(200),
  role_id: id,
  merchant_org_id: optional(id),
  merchant_id: optional(id),
  expires_at: optional(givenInstant),
});

export const MAXIMUM_OVERLAP_HOURS = 72;
export const DEFAULT_OVERLAP_HOURS = 24;

/** The key keeps its end unless a new one is given. The old secret works for `overlap_hours` more. */
export const apiKeyRotateInput = v.strictObject({
  id,
  overlap_hours: optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAXIMUM_OVERLAP_HOURS))),
  expires_at: optional(givenInstant),
});

export const apiKeyWarnInput = v.strictObject({ id, expires_at: givenInstant });
export const apiKeyWarned = v.object({ is_warned: v.boolean() });

export const apiKeyListInput = v.strictObject({
  ...listInput,
  q: v.optional(text(200)),
  state: v.optional(apiKeyState),
  role_id: v.optional(id),
});
export const apiKeyList = listOf(apiKey);
