import type pg from 'pg';
import { newId } from '../../../server/operations/id.ts';
import { workOf } from '../ledger/rig.ts';

// A ledger of many journals, written in bulk as the owner: the same rows in the same order that postings leave, with times
// spread over the past. The trigger that checks the balance of every journal stays on.

export type LoadOptions = { journals: number; merchants: number; ownAccounts: number; days: number };

/** As many as a fold takes at once. */
const PER_TRANSACTION = 2_000;
const PER_ORG = 10;
/** So many are found by a word of their own, however many there are. */
const REMARKABLE = 60;

/** Opens books and accounts, writes the journals, and says which account has the most lines. */
export async function loadLedger(admin: pg.Client, options: LoadOptions): Promise<{ accounts: number }> {
  await openChart(admin, options);
  await admin.query(`CREATE TEMP TABLE chart AS
    SELECT b.party_type, b.party_id, b.id AS book_id, b.epoch, a.id, coalesce(a.purpose, 'own') AS purpose,
      row_number() OVER (PARTITION BY b.party_type, a.purpose ORDER BY a.id) - 1 AS place
    FROM accounts a JOIN books b ON b.id = a.book_id WHERE a.currency = 'USD'`);
  await admin.query('CREATE UNIQUE INDEX ON chart (party_type, purpose, place)');
  await admin.query('ANALYZE chart');
  await admin.query(`CREATE TEMP TABLE draft (place bigint, id uuid, journal uuid, at timestamptz, day date, amount bigint,
    debit uuid, credit uuid, book uuid, epoch smallint, merchant uuid)`);
  for (let done = 0; done < options.journals; done += PER_TRANSACTION) {
    await loadSome(admin, options, done, Math.min(PER_TRANSACTION, options.journals - done));
  }
  await admin.query('ANALYZE');
  const { rows } = await admin.query<{ accounts: number }>(`SELECT count(*)::integer AS accounts FROM accounts`);
  return { accounts: rows[0]!.accounts };
}

async function openChart(admin: pg.Client, { merchants, ownAccounts }: LoadOptions): Promise<void> {
  await inWork(admin, async () => {
    const orgs = Array.from({ length: Math.ceil(merchants / PER_ORG) }, newId);
    const ids = Array.from({ length: merchants }, newId);
    await admin.query(
      `INSERT INTO merchant_orgs (id, name) SELECT id, 'Org ' || n FROM unnest($1::uuid[]) WITH ORDINALITY AS o (id, n)`,
      [orgs],
    );
    await admin.query(`SELECT open_book('merchant_org', id, id, name, 'USD') FROM merchant_orgs WHERE id = ANY ($1)`, [
      orgs,
    ]);
    await admin.query(
      `INSERT INTO merchants (id, merchant_org_id, name, public_name, vertical, currency, time_zone)
       SELECT id, ($2::uuid[])[1 + (n - 1) / $3], 'Merchant ' || n, 'Merchant ' || n, 'other', 'USD', 'UTC'
       FROM unnest($1::uuid[]) WITH ORDINALITY AS m (id, n)`,
      [ids, orgs, PER_ORG],
    );
    await admin.query(
      `SELECT open_book('merchant', id, merchant_org_id, name, 'USD') FROM merchants WHERE id = ANY ($1)`,
      [ids],
    );
    await admin.query(
      `SELECT create_account($1, jsonb_build_object('code', 'X' || n, 'name', 'Account ' || n, 'type', 'liability', 'currency', 'USD'))
       FROM generate_series(1, $2::integer) AS n`,
      [workOf('account.create'), ownAccounts],
    );
  });
}

async function inWork(admin: pg.Client, write: () => Promise<unknown>): Promise<void> {
  await admin.query('BEGIN');
  await admin.query('SELECT work_begin($1)', [workOf('prove.load')]);
  await write();
  await admin.query('COMMIT');
}

/** Half are payments to merchants; of the rest, most meet the tenant's cash, which makes it the hottest account. */
async function loadSome(
  admin: pg.Client,
  { journals, merchants, ownAccounts, days }: LoadOptions,
  from: number,
  count: number,
): Promise<void> {
  await inWork(admin, async () => {
    await admin.query('TRUNCATE draft');
    await admin.query(
      `INSERT INTO draft
       SELECT n, uuidv7(t.at - clock_timestamp()), uuidv7(t.at - clock_timestamp()), t.at, t.at::date - CASE WHEN n % 20 = 0 THEN (n % 7)::integer ELSE 0 END,
         1 + (hashint8(n) & 65535), d.id, c.id, c.book_id, c.epoch, CASE d.party_type WHEN 'merchant' THEN d.party_id END
       FROM generate_series($1::bigint, $1::bigint + $2::bigint - 1) AS n
       CROSS JOIN LATERAL (SELECT now() - make_interval(secs => ($3::bigint - n) * ($4::numeric * 86400 / $3::bigint)::double precision) - interval '1 hour' AS at) t
       CROSS JOIN LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 'merchant' ELSE 'tenant' END AS who, hashint8(n)::bigint & 2147483647 AS dice) k
       JOIN chart d ON d.party_type::text = k.who
         AND d.purpose = CASE k.who WHEN 'merchant' THEN 'processor_clearing' ELSE CASE WHEN n % 10 = 1 THEN 'own' ELSE 'cash' END END
         AND d.place = CASE k.who WHEN 'merchant' THEN k.dice % $5::bigint ELSE CASE WHEN n % 10 = 1 THEN k.dice % $6::bigint ELSE 0 END END
       JOIN chart c ON c.party_type::text = k.who AND c.purpose = CASE k.who WHEN 'merchant' THEN 'revenue' ELSE 'own' END
         AND c.place = CASE k.who WHEN 'merchant' THEN k.dice % $5::bigint ELSE (k.dice / 7 + 1) % $6::bigint END`,
      [from, count, journals, days, merchants, ownAccounts],
    );
    await admin.query(
      `INSERT INTO transactions (id, type, category, status, description, to_type, to_id, amount, currency, posted_amount,
         effective_date, recorded_at, source, external_id, metadata, event_id)
       SELECT id, CASE WHEN merchant IS NULL THEN 'journal' ELSE 'payment' END, CASE WHEN merchant IS NOT NULL THEN 'full' END, 'posted',
         'Visit ' || place || ' of guest ' || (place % 9973) || CASE WHEN place % $1::bigint = 0 THEN ' in Amsterdam' ELSE '' END, CASE WHEN merchant IS NOT NULL THEN 'merchant'::transaction_end END, merchant, CASE WHEN merchant IS NOT NULL THEN amount END,
         CASE WHEN merchant IS NOT NULL THEN 'USD' END, CASE WHEN merchant IS NOT NULL THEN amount END, day, at, 'api', 'load-' || place, '{}', current_event()
       FROM draft ORDER BY place`,
      [Math.ceil(journals / REMARKABLE)],
    );
    await admin.query(
      `INSERT INTO transaction_journals (id, transaction_id, book_id, kind, effective_date, recorded_at, epoch)
       SELECT journal, id, book, 'post', day, at, epoch FROM draft ORDER BY place`,
    );
    await admin.query(
      `INSERT INTO transaction_lines (journal_id, position, account_id, book_id, currency, side, amount, effective_date, recorded_at, epoch, kind)
       SELECT d.journal, s.position, CASE s.side WHEN 'debit' THEN d.debit ELSE d.credit END, d.book, 'USD', s.side, d.amount, d.day, d.at, d.epoch, 'post'
       FROM draft d CROSS JOIN (VALUES (1, 'debit'::entry_side), (2, 'credit')) AS s (position, side)
       ORDER BY d.place, s.position`,
    );
    // What the fold would have noted of the clock then.
    await admin.query(
      `INSERT INTO ledger_ticks (epoch, horizon, ceiling, before, after)
       SELECT max(epoch), (pg_current_xact_id()::text::bigint + 1)::text::xid8, (pg_current_xact_id()::text::bigint + 1)::text::xid8, max(at), max(at)
       FROM draft`,
    );
  });
}
