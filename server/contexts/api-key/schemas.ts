import * as v from 'valibot';
import { id, instant, listInput, listOf, optional, text, version } from '../../operations/schemas.ts';

export const apiKey = v.object({
  id,
  name: v.string(),
  prefix: v.string(),
  role_id: id,
  merchant_org_id: v.nullable(id),
  merchant_id: v.nullable(id),
  expires_at: v.nullable(instant),
  revoked_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});

/** The only answer that ever holds the key itself. */
export const createdApiKey = v.object({ ...apiKey.entries, key: v.string() });

export const apiKeyCreateInput = v.strictObject({
  name: text(200),
  role_id: id,
  merchant_org_id: optional(id),
  merchant_id: optional(id),
  expires_at: optional(instant),
});
export const apiKeyListInput = v.strictObject({ ...listInput });
export const apiKeyList = listOf(apiKey);
