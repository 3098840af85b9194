-- Statements of banks and processors, and what of them is matched with the ledger (docs/decisions/0015).
-- An account is reconciled with one source; amounts are signed, and what is positive debits the account.
CREATE TABLE statement_sources (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  account_id uuid NOT NULL REFERENCES accounts,
  name text NOT NULL,
  mapping jsonb NOT NULL,
  rules jsonb NOT NULL,
  difference_account_id uuid REFERENCES accounts,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT statement_sources_one_per_account UNIQUE (account_id)
);

-- A statement is one file. Signed off, it keeps the report as it was then.
CREATE TABLE statements (
  id uuid PRIMARY KEY,
  source_id uuid NOT NULL REFERENCES statement_sources,
  file_name text,
  file_hash text NOT NULL,
  period_from date NOT NULL,
  period_to date NOT NULL,
  opening_balance bigint NOT NULL,
  closing_balance bigint NOT NULL,
  line_count integer NOT NULL,
  skipped_count integer NOT NULL,
  matched_count integer NOT NULL DEFAULT 0,
  matched_amount bigint NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'signed_off')),
  report jsonb,
  signed_off_at timestamptz,
  signed_off_by jsonb,
  note text,
  reopened_by jsonb,
  reopened_reason text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT statements_period_in_order CHECK (period_from <= period_to),
  CONSTRAINT statements_matched_at_most_all CHECK (matched_count BETWEEN 0 AND line_count),
  CONSTRAINT statements_report_when_signed_off CHECK ((status = 'signed_off') = (report IS NOT NULL)),
  CONSTRAINT statements_file_once UNIQUE (source_id, file_hash)
);
CREATE INDEX statements_by_period ON statements (source_id, period_to, id);

-- The fingerprint is the bank's own id of the line, else a hash of what it says and which of its like it is: the same
-- line in two files that overlap is one line.
CREATE TABLE statement_lines (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  statement_id uuid NOT NULL REFERENCES statements ON DELETE CASCADE,
  source_id uuid NOT NULL,
  position integer NOT NULL,
  date accounting_day NOT NULL,
  amount bigint NOT NULL CHECK (abs(amount) BETWEEN 1 AND 9999999999999),
  description text NOT NULL,
  reference text,
  fingerprint text NOT NULL,
  CONSTRAINT statement_lines_once_per_source UNIQUE (source_id, fingerprint)
);
CREATE INDEX statement_lines_by_date ON statement_lines (statement_id, date, id);

-- Lines of one statement and lines of the ledger with equal sums. The match names its lines, so that the audit trail tells
-- what was matched; the tables below see to it that nothing is matched twice.
CREATE TABLE reconciliation_matches (
  id uuid PRIMARY KEY,
  statement_id uuid NOT NULL REFERENCES statements,
  rule text NOT NULL CHECK (rule IN ('manual', 'reference', 'amount', 'ledger_group', 'statement_group', 'reversal')),
  score real,
  amount bigint NOT NULL,
  statement_line_ids uuid[] NOT NULL,
  ledger_lines jsonb NOT NULL,
  difference bigint NOT NULL DEFAULT 0,
  difference_transaction_id uuid,
  matched_by jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reconciliation_matches_by_statement ON reconciliation_matches (statement_id, id);

CREATE TABLE matched_statement_lines (
  statement_line_id uuid CONSTRAINT matched_statement_lines_once PRIMARY KEY,
  match_id uuid NOT NULL REFERENCES reconciliation_matches ON DELETE CASCADE
);
CREATE INDEX matched_statement_lines_by_match ON matched_statement_lines (match_id);
CREATE TABLE matched_ledger_lines (
  journal_id uuid NOT NULL,
  position smallint NOT NULL,
  match_id uuid NOT NULL REFERENCES reconciliation_matches ON DELETE CASCADE,
  statement_id uuid NOT NULL,
  effective_date date NOT NULL,
  amount bigint NOT NULL,
  CONSTRAINT matched_ledger_lines_once PRIMARY KEY (journal_id, position)
);
CREATE INDEX matched_ledger_lines_by_match ON matched_ledger_lines (match_id);
CREATE INDEX matched_ledger_lines_by_statement ON matched_ledger_lines (statement_id) INCLUDE (effective_date, amount);
