import type pg from 'pg';
import { newId } from '../../../server/operations/id.ts';
import { PLACES } from './commands.ts';
import type { Status } from './model.ts';
import { arrange, type Rig, workOf } from './rig.ts';

export type WorldBook = {
  id: string;
  accounts: Record<(typeof PLACES)[number], string>;
  /** The same, by place. */
  places: string[];
};

/** Two merchants with books of their own, beside the tenant's: what one run happens in. */
export type World = {
  rig: Rig;
  today: Date;
  books: WorldBook[];
  parties: { type: string; id: string }[];
  limited: ReadonlySet<string>;
  /** Folds a few journals, and notes the time whenever it does: the product notes it every few seconds only. */
  fold(journals: number, linesPerMark: number): Promise<void>;
  statuses(ids: string[]): Promise<Map<string, { status: Status; posted_amount: number | null }>>;
};

/** Prepares the tenant for runs: a MerchantOrg, and a connection that folds. */
export async function openWorlds(rig: Rig, folder: pg.Client): Promise<() => Promise<World>> {
  const [org] = await arrange<{ id: string }>(
    rig.admin,
    `INSERT INTO merchant_orgs (name) VALUES ('Proof') RETURNING id`,
    [],
  );
  const { rows } = await rig.admin.query<{ id: string; today: string }>(
    'SELECT id, tenant_today()::text AS today FROM tenant',
  );
  await folder.query('CREATE TEMP TABLE kept_ticks (LIKE ledger_ticks)');
  let last: Promise<unknown> = Promise.resolve();
  const fold: World['fold'] = async (journals, linesPerMark) => {
    const next = last.then(() => foldNoting(folder, journals, linesPerMark));
    last = next.catch(() => {});
    await next;
  };
  const { id: tenantId, today } = rows[0]!;
  return () => openWorld({ rig, org: org!.id, tenantId, today: new Date(`${today}T00:00:00Z`), fold });
}

async function foldNoting(folder: pg.Client, journals: number, linesPerMark: number): Promise<void> {
  await folder.query('BEGIN');
  try {
    await folder.query('WITH kept AS (DELETE FROM ledger_ticks RETURNING *) INSERT INTO kept_ticks SELECT * FROM kept');
    await folder.query('SELECT fold_ledger($1, $2)', [journals, linesPerMark]);
    await folder.query('WITH kept AS (DELETE FROM kept_ticks RETURNING *) INSERT INTO ledger_ticks SELECT * FROM kept');
    await folder.query('COMMIT');
  } catch (error) {
    await folder.query('ROLLBACK');
    throw error;
  }
}

const MORE = [
  { code: 'LIMITED', type: 'asset', currency: 'USD', minimum_balance: -500, maximum_balance: 1_000 },
  { code: 'EURO1', type: 'asset', currency: 'EUR' },
  { code: 'EURO2', type: 'liability', currency: 'EUR' },
];

type Parts = { rig: Rig; org: string; tenantId: string; today: Date; fold: World['fold'] };

async function openWorld({ rig, org, tenantId, today, fold }: Parts): Promise<World> {
  const { admin } = rig;
  const merchants = [newId(), newId()];
  const opened = await arrange<{ book: string }>(
    admin,
    `WITH made AS (
       INSERT INTO merchants (id, merchant_org_id, name, public_name, vertical, currency, time_zone)
       SELECT id, $1, 'Proof', 'Proof', 'other', 'USD', 'UTC' FROM unnest($2::uuid[]) AS m (id) RETURNING id)
     SELECT open_book('merchant', m.id, $1, 'Proof', 'USD') AS book FROM made m`,
    [org, merchants],
  );
  const bookIds = opened.map(({ book }) => book);
  const inputs = bookIds.flatMap((book_id) =>
    MORE.map((more) => JSON.stringify({ ...more, name: more.code, book_id })),
  );
  await arrange(admin, 'SELECT create_account($1, i::jsonb) FROM unnest($2::text[]) AS i', [
    workOf('account.create'),
    inputs,
  ]);
  const { rows } = await admin.query<{ id: string; book_id: string; name: string }>(
    `SELECT id, book_id, CASE code WHEN 'LIMITED' THEN 'limited' WHEN 'EURO1' THEN 'euro_cash' WHEN 'EURO2' THEN 'euro_payable' ELSE purpose END AS name
     FROM accounts WHERE book_id = ANY ($1)`,
    [bookIds],
  );
  const books = bookIds.map((id): WorldBook => {
    const named = new Map(rows.filter(({ book_id }) => book_id === id).map((row) => [row.name, row.id]));
    const places = PLACES.map((place) => named.get(place)!);
    return {
      id,
      places,
      accounts: Object.fromEntries(PLACES.map((place, index) => [place, places[index]])) as WorldBook['accounts'],
    };
  });
  return {
    rig,
    today,
    books,
    parties: [...merchants.map((id) => ({ type: 'merchant', id })), { type: 'tenant', id: tenantId }],
    limited: new Set(books.map(({ accounts }) => accounts.limited)),
    fold,
    statuses: async (ids) => {
      const found = await admin.query<{ id: string; status: Status; posted_amount: string | null }>(
        'SELECT id, status, posted_amount FROM transactions WHERE id = ANY ($1)',
        [ids],
      );
      return new Map(
        found.rows.map(({ id, status, posted_amount: of }) => [
          id,
          { status, posted_amount: of === null ? null : Number(of) },
        ]),
      );
    },
  };
}
