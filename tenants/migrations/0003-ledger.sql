CREATE TYPE entry_side AS ENUM ('debit', 'credit');
CREATE TYPE account_type AS ENUM ('asset', 'liability', 'equity', 'revenue', 'expense');
CREATE TYPE party_type AS ENUM ('tenant', 'merchant_org', 'merchant');

-- ISO 4217: how many decimals the minor unit of a currency has.
CREATE TABLE currencies (
  code char(3) PRIMARY KEY,
  exponent smallint NOT NULL CHECK (exponent BETWEEN 0 AND 4)
);
INSERT INTO currencies (code, exponent)
SELECT code, 2 FROM unnest(string_to_array(
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC '
  || 'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD '
  || 'KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO '
  || 'NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL '
  || 'THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG', ' ')) AS code
UNION ALL SELECT code, 0 FROM unnest(string_to_array('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF', ' ')) AS code
UNION ALL SELECT code, 3 FROM unnest(string_to_array('BHD IQD JOD KWD LYD OMR TND', ' ')) AS code;

ALTER TABLE tenant ADD CONSTRAINT tenant_currency_exists FOREIGN KEY (currency) REFERENCES currencies;
ALTER TABLE merchants ADD CONSTRAINT merchants_currency_exists FOREIGN KEY (currency) REFERENCES currencies;

-- One set of books per party. The scope columns say whose it is without a join.
CREATE TABLE books (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  party_type party_type NOT NULL,
  party_id uuid NOT NULL,
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid REFERENCES merchants,
  name text NOT NULL,
  currency char(3) NOT NULL REFERENCES currencies,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT books_one_per_party UNIQUE (party_type, party_id),
  CONSTRAINT books_scope_matches_party CHECK (
    CASE party_type
      WHEN 'tenant' THEN merchant_org_id IS NULL AND merchant_id IS NULL
      WHEN 'merchant_org' THEN merchant_org_id = party_id AND merchant_id IS NULL
      ELSE merchant_org_id IS NOT NULL AND merchant_id = party_id
    END)
);

-- The accounts every new book starts with; a purpose is how a posting rule finds an account.
CREATE TABLE chart_templates (
  party_type party_type NOT NULL,
  purpose text NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  type account_type NOT NULL,
  PRIMARY KEY (party_type, purpose)
);
INSERT INTO chart_templates (party_type, purpose, code, name, type)
SELECT party.party_type, line.purpose, line.code, line.name, line.type::account_type
FROM unnest(enum_range(NULL::party_type)) AS party (party_type)
CROSS JOIN (VALUES
  ('cash', '1000', 'Cash', 'asset'),
  ('receivable', '1100', 'Accounts receivable', 'asset'),
  ('due_from_related', '1200', 'Due from related parties', 'asset'),
  ('payable', '2000', 'Accounts payable', 'liability'),
  ('due_to_related', '2100', 'Due to related parties', 'liability'),
  ('equity', '3000', 'Owner''s equity', 'equity'),
  ('revenue', '4000', 'Revenue', 'revenue'),
  ('adjustment_income', '4900', 'Adjustments received', 'revenue'),
  ('operating_expense', '5000', 'Operating expense', 'expense'),
  ('adjustment_expense', '5900', 'Adjustments granted', 'expense')
) AS line (purpose, code, name, type);

CREATE TABLE accounts (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  book_id uuid NOT NULL CONSTRAINT accounts_book_exists REFERENCES books,
  code text NOT NULL,
  name text NOT NULL,
  type account_type NOT NULL,
  currency char(3) NOT NULL CONSTRAINT accounts_currency_exists REFERENCES currencies,
  purpose text,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT accounts_code_unique UNIQUE (book_id, code)
);
CREATE UNIQUE INDEX accounts_by_purpose ON accounts (book_id, purpose, currency) WHERE purpose IS NOT NULL;

-- The business event. What it posted are its journals; only its status ever changes, and only by function.
CREATE TABLE transactions (
  id uuid PRIMARY KEY,
  type text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'posted', 'voided', 'reversed', 'failed')),
  description text NOT NULL,
  from_type text CHECK (from_type IN ('tenant', 'merchant_org', 'merchant', 'account')),
  from_id uuid,
  to_type text CHECK (to_type IN ('tenant', 'merchant_org', 'merchant', 'account')),
  to_id uuid,
  amount bigint CHECK (amount BETWEEN 1 AND 9999999999999),
  currency char(3),
  effective_date date NOT NULL CHECK (effective_date BETWEEN '1900-01-01' AND '9999-12-31'),
  recorded_at timestamptz NOT NULL DEFAULT now(),
  external_id text CONSTRAINT transactions_external_id_unique UNIQUE,
  metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
  event_id uuid NOT NULL
);
CREATE INDEX transactions_by_effective_date ON transactions (effective_date, id);

-- A balanced set of lines in one book: one per transaction, book and step.
CREATE TABLE transaction_journals (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  transaction_id uuid NOT NULL,
  book_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('hold', 'post', 'reversal')),
  effective_date date NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT transaction_journals_one_per_step UNIQUE (transaction_id, book_id, kind)
);
CREATE INDEX transaction_journals_by_book ON transaction_journals (book_id, id);

-- The posting function guarantees that journal, account, book and currency exist and belong together:
-- foreign keys here would take a row lock on every account that is posted to.
CREATE TABLE transaction_lines (
  journal_id uuid NOT NULL,
  position smallint NOT NULL,
  account_id uuid NOT NULL,
  book_id uuid NOT NULL,
  currency char(3) NOT NULL,
  side entry_side NOT NULL,
  amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 9999999999999),
  counterparty_book_id uuid,
  memo text,
  PRIMARY KEY (journal_id, position)
);
CREATE INDEX transaction_lines_by_account ON transaction_lines (account_id, journal_id) INCLUDE (side, amount);

-- Posting rules as data: which accounts meet for a typed transaction. `between` says whether the two ends are
-- parties (their accounts are found by purpose) or two named accounts.
CREATE TABLE posting_rules (
  type text NOT NULL,
  between text NOT NULL CHECK (between IN ('parties', 'accounts')),
  allowed_types account_type[],
  required_types account_type[],
  PRIMARY KEY (type, between)
);
CREATE TABLE posting_rule_lines (
  type text NOT NULL,
  between text NOT NULL,
  position smallint NOT NULL,
  party text NOT NULL CHECK (party IN ('from', 'to')),
  side entry_side NOT NULL,
  purpose text,
  counterparty text CHECK (counterparty IN ('from', 'to')),
  PRIMARY KEY (type, between, position),
  FOREIGN KEY (type, between) REFERENCES posting_rules
);
INSERT INTO posting_rules (type, between, allowed_types, required_types) VALUES
  ('transfer', 'parties', NULL, NULL),
  ('transfer', 'accounts', '{asset,liability,equity}', NULL),
  ('adjustment', 'parties', NULL, NULL),
  ('adjustment', 'accounts', NULL, '{equity,revenue,expense}');
INSERT INTO posting_rule_lines (type, between, position, party, side, purpose, counterparty) VALUES
  ('transfer', 'parties', 1, 'from', 'debit', 'due_from_related', 'to'),
  ('transfer', 'parties', 2, 'from', 'credit', 'cash', NULL),
  ('transfer', 'parties', 3, 'to', 'debit', 'cash', NULL),
  ('transfer', 'parties', 4, 'to', 'credit', 'due_to_related', 'from'),
  ('transfer', 'accounts', 1, 'to', 'debit', NULL, NULL),
  ('transfer', 'accounts', 2, 'from', 'credit', NULL, NULL),
  ('adjustment', 'parties', 1, 'from', 'debit', 'adjustment_expense', 'to'),
  ('adjustment', 'parties', 2, 'from', 'credit', 'due_to_related', 'to'),
  ('adjustment', 'parties', 3, 'to', 'debit', 'due_from_related', 'from'),
  ('adjustment', 'parties', 4, 'to', 'credit', 'adjustment_income', 'from'),
  ('adjustment', 'accounts', 1, 'to', 'debit', NULL, NULL),
  ('adjustment', 'accounts', 2, 'from', 'credit', NULL, NULL);
