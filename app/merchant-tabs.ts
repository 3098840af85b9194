/** The parts of a merchant's workspace, in order; each shows to those who may read it. `path` follows `/merchants/:id`. */
export const MERCHANT_TABS = [
  { path: '', label: 'Overview', permission: 'merchant:read' },
  { path: '/appointments', label: 'Appointments', permission: 'appointment:read' },
  { path: '/customers', label: 'Customers', permission: 'end_customer:read' },
  { path: '/invoices', label: 'Invoices', permission: 'customer_invoice:read' },
  { path: '/set-up', label: 'Set-up', permission: 'service:read' },
  { path: '/settings', label: 'Settings', permission: 'merchant:read' },
  { path: '/flags', label: 'Flags', permission: 'merchant_flag:read' },
] as const;
