import type pg from 'pg';
import type * as v from 'valibot';
import type { auditListInput } from '../../../server/contexts/audit/schemas.ts';
import { newId } from '../../../server/operations/id.ts';
import { passHorizon } from '../ledger/horizon.ts';
import { workOf } from '../ledger/rig.ts';

// A trail of many events, written in bulk as the owner: the same rows in the same order that units of work leave, with times
// spread over three years.

const PER_TRANSACTION = 1_000;
const MERCHANTS = 200;
const DAYS = 1_000;

/** Writes events of 200 actors about 200 merchants and what is theirs; one in 50 is a denial. */
export async function loadTrail(admin: pg.Client, size: number): Promise<void> {
  const [org, ids] = [newId(), Array.from({ length: MERCHANTS }, newId)];
  await admin.query('BEGIN');
  await admin.query('SELECT work_begin($1)', [workOf('prove.load')]);
  await admin.query(`INSERT INTO merchant_orgs (id, name) VALUES ($1, 'Org')`, [org]);
  await admin.query(
    `INSERT INTO merchants (id, merchant_org_id, name, public_name, vertical, currency, time_zone)
     SELECT id, $2, 'Merchant ' || n, 'Merchant ' || n, 'other', 'USD', 'UTC' FROM unnest($1::uuid[]) WITH ORDINALITY AS m (id, n)`,
    [ids, org],
  );
  await admin.query('COMMIT');
  for (let done = 0; done < size; done += PER_TRANSACTION) {
    await admin.query(
      `INSERT INTO audit_events (id, recorded_at, actor_type, actor_id, actor_name, action, resource_type, resource_id, outcome, door,
         address, user_agent, request_id, details)
       SELECT uuidv7(t.at - clock_timestamp()), t.at,
         (ARRAY['staff', 'staff', 'staff', 'system', 'ai_agent', 'end_customer'])[1 + k.dice % 6]::actor_type, 'actor-' || k.dice % 200,
         'Person ' || k.dice % 200, (ARRAY['merchant.update', 'payout.create', 'transaction.create', 'session.create', 'account.update',
           'user.disable', 'role.update', 'audit_event.export'])[1 + (k.dice / 7) % 8],
         (ARRAY['merchant', 'payout', 'transaction', 'session', 'account', 'user', 'role', 'audit_event'])[1 + (k.dice / 7) % 8],
         ($4::uuid[])[1 + k.dice % $5::integer], CASE WHEN n % 50 = 0 THEN 'denied' ELSE 'success' END::audit_outcome, 'api',
         '203.0.' || k.dice % 250 || '.' || (k.dice / 250) % 250, 'Browser', 'load-' || n,
         jsonb_build_object('summary', 'Changed thing ' || k.dice % 5000 || CASE WHEN n % ($3::bigint / 60) = 0 THEN ' in Amsterdam' ELSE '' END)
       FROM generate_series($1::bigint, $1::bigint + $2::bigint - 1) AS n
       CROSS JOIN LATERAL (SELECT now() - make_interval(secs => ($3::bigint - n) * ($6::numeric * 86400 / $3::bigint)::double precision) - interval '1 hour' AS at) t
       CROSS JOIN LATERAL (SELECT hashint8(n)::bigint & 2147483647 AS dice) k`,
      [done, Math.min(PER_TRANSACTION, size - done), size, ids, MERCHANTS, DAYS],
    );
  }
}

/** Makes all that was loaded searchable. */
export async function indexTrail(owner: pg.Client): Promise<void> {
  await passHorizon(async (statement, values) => (await owner.query(statement, values)).rows);
  while ((await owner.query(`SELECT (index_audit(5000) ->> 'has_more')::boolean AS more`)).rows[0].more);
}

type Question = { name: string; input: v.InferOutput<typeof auditListInput> };

/** Every filter alone, and with a month out of the middle. */
export async function questionsOfTrail(admin: pg.Client): Promise<Question[]> {
  const { rows } = await admin.query<Record<string, string>>(
    `SELECT e.actor_type, e.actor_id, e.action, e.resource_type, e.resource_id, e.address, e.resource_id AS merchant_id
     FROM audit_events e WHERE e.resource_type = 'merchant' AND e.request_id LIKE 'load-%' ORDER BY e.id OFFSET 100 LIMIT 1`,
  );
  const { actor_type, actor_id, action, resource_type, resource_id, address, merchant_id } = rows[0]!;
  const alone: Question[] = [
    { name: 'nothing', input: {} },
    { name: 'actor type', input: { actor_type: actor_type as 'staff' } },
    { name: 'actor', input: { actor_id: actor_id! } },
    { name: 'action', input: { action: action! } },
    { name: 'resource type', input: { resource_type: resource_type! } },
    { name: 'resource type and id', input: { resource_type: resource_type!, resource_id: resource_id! } },
    { name: 'resource id', input: { resource_id: resource_id! } },
    { name: 'merchant', input: { merchant_id: merchant_id! } },
    { name: 'address', input: { address: address! } },
    { name: 'outcome', input: { outcome: 'denied' } },
    { name: 'a rare word', input: { q: 'Amsterdam' } },
    { name: 'the beginning of a common word', input: { q: 'chang' } },
    { name: 'two words', input: { q: 'person 17 thing' } },
    { name: 'a word that nobody wrote', input: { q: 'unheardof' } },
    { name: 'an address that nobody had', input: { address: '198.51.100.1' } },
    { name: 'actor, action and outcome', input: { actor_id: actor_id!, action: action!, outcome: 'success' } },
  ];
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const range = { from: ago(DAYS / 2), to: ago(DAYS / 2 - 30) };
  return [...alone, ...alone.map(({ name, input }) => ({ name: `${name}, a month`, input: { ...input, ...range } }))];
}
