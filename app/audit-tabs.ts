/** What the tabs of the audit log offer. */
export function auditTabs(context: { can(permission: string): boolean }) {
  return { audit: context.can('audit:read'), alert: context.can('alert:read') };
}
