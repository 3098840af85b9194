/** The parts of a merchant's workspace, in order; each shows to those who may read it. `path` follows `/merchants/:id`. */
export const MERCHANT_TABS = [
  { path: '', label: 'Overview', permission: 'merchant:read' },
  { path: '/flags', label: 'Flags', permission: 'merchant_flag:read' },
] as const;
