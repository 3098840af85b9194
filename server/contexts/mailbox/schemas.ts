import * as v from 'valibot';
import { id, instant, listInput, listOf } from '../../operations/schemas.ts';

/** A mail of a local system, until the links in it have ended. */
export const mail = v.object({
  id,
  recipient: v.string(),
  subject: v.string(),
  /** The text alone. */
  body: v.string(),
  /** As it looks; null for mail of before there was that. */
  html: v.nullable(v.string()),
  created_at: instant,
});
export type Mail = v.InferOutput<typeof mail>;

export const mailListInput = v.strictObject({ ...listInput });
export const mailList = listOf(mail);
