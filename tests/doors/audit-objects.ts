import { randomBytes } from 'node:crypto';
import type { Client } from '../support/door.ts';
import type { TestTenant } from '../support/tenant.ts';

/** An alert as the watch makes it, about somebody new each time. */
export async function newAlert(tenant: TestTenant): Promise<string> {
  const subject = randomBytes(6).toString('hex');
  const [alert] = await tenant.arrange(
    `WITH signal AS (
       INSERT INTO alert_signals (rule_id, subject, window_start, weight, event_ids)
       SELECT r.id, $1, date_trunc('hour', now()), 5, ARRAY[(SELECT id FROM audit_events ORDER BY id LIMIT 1)]
       FROM alert_rules r WHERE r.kind = 'mass_export'
       RETURNING *)
     INSERT INTO alerts (rule_id, subject, window_start) SELECT rule_id, subject, window_start FROM signal RETURNING id`,
    [subject],
  );
  return String(alert?.id);
}

export async function savedBy(owner: Client): Promise<string> {
  const name = randomBytes(6).toString('hex');
  return (await owner.post('/api/saved-searches', { name, filters: { q: 'payout' } })).body.id;
}

export async function newErasure(owner: Client): Promise<string> {
  return (await owner.post('/api/audit-erasures', { actor_id: 'nobody', reason: 'They asked for it' })).body.id;
}
