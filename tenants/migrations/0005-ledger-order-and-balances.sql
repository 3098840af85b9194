-- The order in which the ledger was recorded: (epoch, xid). Below a horizon no transaction is in flight any more, so what
-- is below it can be folded into totals and sealed, and never changes again (docs/decisions/0011). An epoch is one
-- cluster's count of transactions: restoring or moving a tenant begins the next, since xids mean nothing elsewhere.
ALTER TABLE books
  ADD COLUMN epoch smallint NOT NULL DEFAULT 0,
  ADD COLUMN status text NOT NULL DEFAULT 'open' CONSTRAINT books_status_known CHECK (status IN ('open', 'closed')),
  -- The last day that is closed; null while no period is.
  ADD COLUMN closed_through date;

-- Types instead of CHECK constraints, which Postgres reads and plans anew for every statement that inserts.
CREATE DOMAIN minor_units AS bigint CHECK (VALUE BETWEEN 1 AND 9999999999999);
CREATE DOMAIN accounting_day AS date CHECK (VALUE BETWEEN '1900-01-01' AND '9999-12-31');
CREATE TYPE transaction_status AS ENUM ('pending', 'posted', 'voided', 'reversed', 'failed');
CREATE TYPE transaction_end AS ENUM ('tenant', 'merchant_org', 'merchant', 'end_customer', 'account');
CREATE TYPE journal_kind AS ENUM ('hold', 'release', 'post', 'reversal');
CREATE TYPE actor_type AS ENUM ('end_customer', 'staff', 'ai_agent', 'system');
CREATE TYPE audit_outcome AS ENUM ('success', 'denied', 'failure');
ALTER TABLE audit_events
  DROP CONSTRAINT audit_events_actor_type_check,
  DROP CONSTRAINT audit_events_outcome_check,
  ALTER COLUMN actor_type TYPE actor_type USING actor_type::actor_type,
  ALTER COLUMN outcome TYPE audit_outcome USING outcome::audit_outcome;
ALTER TABLE idempotency_keys
  DROP CONSTRAINT idempotency_keys_key_check,
  -- Compressing the answer of a batch takes longer than writing it.
  ALTER COLUMN response SET STORAGE EXTERNAL;

-- Limits are on the account's normal side, in minor units: debits − credits of assets and expenses, else credits − debits.
ALTER TABLE accounts
  ADD COLUMN minimum_balance bigint,
  ADD COLUMN maximum_balance bigint,
  ADD CONSTRAINT accounts_limits_in_order CHECK (minimum_balance <= maximum_balance);

ALTER TABLE transaction_journals
  ADD COLUMN epoch smallint NOT NULL DEFAULT 0,
  ADD COLUMN original_effective_date date,
  ALTER COLUMN recorded_at SET DEFAULT clock_timestamp(),
  DROP CONSTRAINT transaction_journals_kind_check,
  ALTER COLUMN kind TYPE journal_kind USING kind::journal_kind;
CREATE INDEX transaction_journals_by_record ON transaction_journals (epoch, xid);

-- A line repeats what its journal says about time, so that balances are read from one index.
-- Lines of holds and their releases are pending: they balance among themselves and are no part of the posted balance.
ALTER TABLE transaction_lines
  ADD COLUMN effective_date date NOT NULL DEFAULT CURRENT_DATE,
  ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN epoch smallint NOT NULL DEFAULT 0,
  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD COLUMN kind journal_kind NOT NULL DEFAULT 'post',
  DROP CONSTRAINT transaction_lines_amount_check,
  ALTER COLUMN amount TYPE minor_units;
ALTER TABLE transaction_lines DISABLE TRIGGER USER;
UPDATE transaction_lines l
SET effective_date = j.effective_date, recorded_at = j.recorded_at, xid = j.xid, kind = j.kind
FROM transaction_journals j
WHERE j.id = l.journal_id;
ALTER TABLE transaction_lines ENABLE TRIGGER USER;
DROP INDEX transaction_lines_by_account;
CREATE INDEX transaction_lines_by_record ON transaction_lines (account_id, epoch, xid)
  INCLUDE (recorded_at, effective_date, side, amount, kind);
CREATE INDEX transaction_lines_by_day ON transaction_lines (account_id, effective_date, journal_id, position);

-- What each line does to the sums of its account. A release takes back what was held on the other side.
CREATE VIEW line_effects AS
SELECT l.journal_id, l.position, l.account_id, l.book_id, l.currency, l.effective_date, l.recorded_at, l.epoch, l.xid, l.kind,
  CASE WHEN l.kind IN ('post', 'reversal') AND l.side = 'debit' THEN l.amount::bigint ELSE 0 END AS debit,
  CASE WHEN l.kind IN ('post', 'reversal') AND l.side = 'credit' THEN l.amount::bigint ELSE 0 END AS credit,
  CASE WHEN l.kind = 'hold' AND l.side = 'debit' THEN l.amount::bigint WHEN l.kind = 'release' AND l.side = 'credit' THEN -l.amount ELSE 0 END AS pending_debit,
  CASE WHEN l.kind = 'hold' AND l.side = 'credit' THEN l.amount::bigint WHEN l.kind = 'release' AND l.side = 'debit' THEN -l.amount ELSE 0 END AS pending_credit,
  l.side, l.amount::bigint AS amount, l.counterparty_book_id
FROM transaction_lines l;

-- Exact balances of the accounts that have a limit, and of no others: a posting locks the row and checks it.
CREATE TABLE limited_balances (
  account_id uuid PRIMARY KEY,
  debits bigint NOT NULL,
  credits bigint NOT NULL,
  pending_debits bigint NOT NULL,
  pending_credits bigint NOT NULL
);

-- How far lines have been folded into the totals below. One row.
CREATE TABLE ledger_state (
  epoch smallint NOT NULL,
  horizon xid8 NOT NULL,
  folded_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ledger_state_is_one_row ON ledger_state ((true));
INSERT INTO ledger_state (epoch, horizon) VALUES (0, '0');

-- What is not folded yet, found from its journals: there are few. That xid has an upper bound, and lines are looked up journal
-- by journal, keeps the planner from reading the whole ledger. Nothing is ever written in a later epoch than the state's.
CREATE VIEW lines_above_horizon AS
SELECT l.*
FROM transaction_journals j
CROSS JOIN LATERAL (SELECT e.* FROM line_effects e WHERE e.journal_id = j.id OFFSET 0) l
WHERE j.epoch = (SELECT s.epoch FROM ledger_state s)
  AND j.xid >= (SELECT s.horizon FROM ledger_state s) AND j.xid < '18446744073709551615';

-- Sums of all lines below the horizon.
CREATE TABLE account_totals (
  account_id uuid PRIMARY KEY,
  book_id uuid NOT NULL,
  currency char(3) NOT NULL,
  debits bigint NOT NULL,
  credits bigint NOT NULL,
  pending_debits bigint NOT NULL,
  pending_credits bigint NOT NULL,
  unmarked_lines integer NOT NULL
);
CREATE INDEX account_totals_by_book ON account_totals (book_id);

-- Posted sums of lines below the horizon, by effective month and day.
CREATE TABLE account_months (
  account_id uuid NOT NULL,
  month date NOT NULL,
  debits bigint NOT NULL,
  credits bigint NOT NULL,
  PRIMARY KEY (account_id, month)
);
CREATE TABLE account_days (
  account_id uuid NOT NULL,
  day date NOT NULL,
  debits bigint NOT NULL,
  credits bigint NOT NULL,
  PRIMARY KEY (account_id, day)
);

-- Of these, the lines that name a counterparty: what a consolidation eliminates.
CREATE TABLE account_counterparty_days (
  account_id uuid NOT NULL,
  counterparty_book_id uuid NOT NULL,
  day date NOT NULL,
  debits bigint NOT NULL,
  credits bigint NOT NULL,
  PRIMARY KEY (account_id, counterparty_book_id, day)
);

-- Both sides of every book: all its lines below the horizon, pending ones as well.
CREATE TABLE book_totals (
  book_id uuid NOT NULL,
  currency char(3) NOT NULL,
  debits bigint NOT NULL,
  credits bigint NOT NULL,
  PRIMARY KEY (book_id, currency)
);

-- What an account's sums were at a horizon of the past: written every few dozen lines of an account.
CREATE TABLE account_marks (
  account_id uuid NOT NULL,
  epoch smallint NOT NULL,
  horizon xid8 NOT NULL,
  debits bigint NOT NULL,
  credits bigint NOT NULL,
  pending_debits bigint NOT NULL,
  pending_credits bigint NOT NULL,
  PRIMARY KEY (account_id, epoch, horizon)
);

-- The clock beside the count of transactions: what lies below `horizon` was recorded before `after`, what lies at or above
-- `ceiling` was recorded after `before`.
CREATE TABLE ledger_ticks (
  epoch smallint NOT NULL,
  horizon xid8 NOT NULL,
  ceiling xid8 NOT NULL,
  before timestamptz NOT NULL,
  after timestamptz NOT NULL,
  PRIMARY KEY (epoch, after)
);
CREATE INDEX ledger_ticks_by_time ON ledger_ticks (before);

ALTER TABLE transactions
  ADD COLUMN category text,
  ADD COLUMN source text NOT NULL DEFAULT 'api',
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN caused_by uuid,
  ADD COLUMN reason text,
  ADD COLUMN posted_amount bigint,
  DROP CONSTRAINT transactions_status_check,
  DROP CONSTRAINT transactions_from_type_check,
  DROP CONSTRAINT transactions_to_type_check,
  DROP CONSTRAINT transactions_amount_check,
  DROP CONSTRAINT transactions_effective_date_check,
  DROP CONSTRAINT transactions_metadata_check,
  DROP CONSTRAINT transactions_external_id_unique,
  ALTER COLUMN status TYPE transaction_status USING status::transaction_status,
  ALTER COLUMN from_type TYPE transaction_end USING from_type::transaction_end,
  ALTER COLUMN to_type TYPE transaction_end USING to_type::transaction_end,
  ALTER COLUMN amount TYPE minor_units,
  ALTER COLUMN effective_date TYPE accounting_day;
CREATE UNIQUE INDEX transactions_external_id_unique ON transactions (source, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX transactions_pending ON transactions (expires_at, id) WHERE status = 'pending';
CREATE INDEX transactions_by_cause ON transactions (caused_by) WHERE caused_by IS NOT NULL;

-- What age alone finds costs next to nothing in a BRIN index: these rows are written in the order of time.
DROP INDEX idempotency_keys_by_age;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys USING brin (created_at);

-- Ids are UUIDv7 and rise with time: what is read by time is read by id.
DROP INDEX audit_events_by_time;
DROP INDEX transactions_by_recording;

-- A new tenant gets it with its defaults.
INSERT INTO jobs (operation, every, unique_key) SELECT 'ledger.settle', '15 minutes', 'ledger.settle every' FROM tenant;
