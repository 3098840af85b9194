import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';
import type { World } from './world.ts';

/** One that ran a while ago, in a session that is gone. */
export async function newImpersonation(tenant: TestTenant, merchantId: string): Promise<string> {
  const [row] = await tenant.arrange(
    `INSERT INTO impersonations (id, impersonator_id, user_id, session_handle, merchant_org_ids, merchant_ids, reason,
       created_at, expires_at)
     VALUES (uuidv7(), uuidv7(), uuidv7(), uuidv7(), '{}', ARRAY[$1::uuid], 'Arranged by a test',
       now() - interval '50 minutes', now() - interval '20 minutes')
     RETURNING id`,
    [merchantId],
  );
  return String(row?.id);
}

/** Somebody of a merchant, to be viewed as. */
async function newMerchantStaff({ tenant, id }: World): Promise<string> {
  const email = `viewed-${crypto.randomUUID()}@acme.test`;
  return tenant.createUser({ email, password: 'x', role: 'merchant_staff', merchant_id: id.merchant });
}

/** Has the newest session of the staff of a world view as somebody. */
async function view(world: World): Promise<void> {
  await world.tenant.arrange(
    `INSERT INTO impersonations (id, impersonator_id, user_id, session_handle, merchant_org_ids, merchant_ids, reason, expires_at)
     SELECT uuidv7(), u.id, $2, s.handle, '{}', '{}', 'Arranged by a test', now() + interval '30 minutes'
     FROM sessions s
     JOIN users u ON u.id = s.user_id AND u.email = $1
     ORDER BY s.created_at DESC, s.handle DESC
     LIMIT 1
     ON CONFLICT DO NOTHING`,
    [world.staff.email, await newMerchantStaff(world)],
  );
}

const single = (more: Partial<DoorRow> = {}): DoorRow => ({
  kind: 'impersonation',
  outside: 'outside_impersonation',
  valid: ({ id }) => ({ params: { id: id.impersonation } }),
  ...more,
});

/** The doors of viewing as somebody else. */
export const impersonationDoors: Readonly<Record<string, DoorRow>> = {
  'impersonation.start': {
    needsSession: true,
    isSlow: true,
    valid: async (world) => ({
      body: { user_id: await newMerchantStaff(world), reason: 'A test looks around', minutes: 5 },
    }),
  },
  'impersonation.step_up': {
    openStatus: 401,
    needsSession: true,
    isSlow: true,
    valid: async (world) => {
      await view(world);
      return { body: { password: world.staff.password } };
    },
  },
  'impersonation.end': single({ openStatus: 401 }),
  'impersonation.list': { valid: () => ({ query: { limit: '2' } }) },
  'impersonation.get': single(),
  'impersonation.list_events': single(),
};
