import type { AppLoadContext } from '@remix-run/server-runtime';
import { WHOLE_TENANT } from '../server/operations/may-grant.ts';

/** What the tabs of the audit log offer. */
export function auditTabs(context: AppLoadContext) {
  return { audit: context.can('audit:read', WHOLE_TENANT), alert: context.can('alert:read', WHOLE_TENANT) };
}
