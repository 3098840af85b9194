-- What end customers owe a merchant and what they paid. The ledger holds the money; these rows say what for, and name the
-- transaction that booked it. Amounts are minor units of the merchant's currency.
CREATE TABLE invoice_numbers (
  merchant_id uuid NOT NULL REFERENCES merchants,
  year integer NOT NULL,
  last integer NOT NULL,
  PRIMARY KEY (merchant_id, year)
);

CREATE TABLE customer_invoices (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT customer_invoices_merchant_exists REFERENCES merchants,
  end_customer_id uuid NOT NULL,
  appointment_id uuid,
  -- A sale, or a fee for not showing up.
  category text NOT NULL CHECK (category IN ('sale', 'no_show')),
  number text NOT NULL,
  status text NOT NULL DEFAULT 'open',
  status_reason text,
  currency char(3) NOT NULL,
  tax_rate_basis_points integer NOT NULL,
  is_tax_inclusive boolean NOT NULL,
  subtotal bigint NOT NULL CHECK (subtotal >= 0),
  tax bigint NOT NULL CHECK (tax >= 0),
  total bigint NOT NULL CHECK (total BETWEEN 1 AND 9999999999999),
  deposit_due bigint NOT NULL CHECK (deposit_due >= 0),
  note text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id),
  UNIQUE (merchant_id, number),
  CONSTRAINT customer_invoices_end_customer_exists FOREIGN KEY (merchant_id, end_customer_id) REFERENCES end_customers (merchant_id, id),
  CONSTRAINT customer_invoices_appointment_exists FOREIGN KEY (merchant_id, appointment_id) REFERENCES appointments (merchant_id, id)
);
CREATE INDEX customer_invoices_by_merchant ON customer_invoices (merchant_id, id);
-- A visit is invoiced once, and once for not having happened.
CREATE UNIQUE INDEX customer_invoices_one_per_visit ON customer_invoices (appointment_id, category) WHERE status <> 'void';

CREATE TABLE customer_invoice_lines (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL,
  invoice_id uuid NOT NULL,
  position integer NOT NULL,
  description text NOT NULL,
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 9999),
  unit_price bigint NOT NULL CHECK (unit_price >= 0),
  amount bigint NOT NULL,
  FOREIGN KEY (merchant_id, invoice_id) REFERENCES customer_invoices (merchant_id, id),
  CHECK (amount = quantity * unit_price)
);
CREATE INDEX customer_invoice_lines_by_invoice ON customer_invoice_lines (invoice_id, position);

-- `amount` is what was paid, tip included. A card payment is pending until the processor has answered.
CREATE TABLE customer_payments (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL,
  invoice_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('deposit', 'balance', 'full_pay', 'tip', 'no_show')),
  method text NOT NULL CHECK (method IN ('cash', 'bank_transfer', 'card')),
  amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 9999999999999),
  tip bigint NOT NULL DEFAULT 0 CHECK (tip BETWEEN 0 AND amount),
  status text NOT NULL DEFAULT 'pending',
  processor text,
  processor_reference text,
  card_token text,
  failure text,
  transaction_id uuid UNIQUE,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id),
  FOREIGN KEY (merchant_id, invoice_id) REFERENCES customer_invoices (merchant_id, id),
  CHECK ((status = 'succeeded') = (transaction_id IS NOT NULL)),
  CHECK ((method = 'card') = (processor IS NOT NULL))
);
CREATE INDEX customer_payments_by_invoice ON customer_payments (invoice_id, id);
CREATE INDEX customer_payments_by_merchant ON customer_payments (merchant_id, id);

CREATE TABLE customer_refunds (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  -- What of it gives back a tip and tax, once it is booked; and whether it gives back a deposit before the invoice was settled,
  -- so that the invoice asks for it again.
  tip bigint NOT NULL DEFAULT 0 CHECK (tip BETWEEN 0 AND amount),
  tax bigint NOT NULL DEFAULT 0 CHECK (tax BETWEEN 0 AND amount),
  is_release boolean NOT NULL DEFAULT false,
  reason text NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  processor_reference text,
  failure text,
  transaction_id uuid UNIQUE,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (merchant_id, payment_id) REFERENCES customer_payments (merchant_id, id),
  CHECK ((status = 'succeeded') = (transaction_id IS NOT NULL)),
  CHECK (NOT is_release OR (tip = 0 AND tax = 0))
);
CREATE INDEX customer_refunds_by_payment ON customer_refunds (payment_id, id);

-- The sandbox processor's own memory: what a real one keeps at its side.
CREATE TABLE sandbox_charges (
  reference text PRIMARY KEY,
  -- The key that the caller asked with: the same again is answered the same.
  idempotency_key text NOT NULL UNIQUE,
  of_reference text REFERENCES sandbox_charges,
  kind text NOT NULL CHECK (kind IN ('charge', 'authorisation', 'refund')),
  state text NOT NULL CHECK (state IN ('authorised', 'captured', 'canceled', 'declined', 'refunded')),
  amount bigint NOT NULL,
  currency text NOT NULL,
  decline_reason text,
  created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO state_moves (machine, action, from_state, to_state) VALUES
  ('customer_invoice', 'create', '', 'open'),
  ('customer_invoice', 'pay', 'open', 'paid'),
  ('customer_invoice', 'void', 'open', 'void'),
  ('customer_invoice', 'forfeit', 'open', 'forfeited'),
  ('customer_invoice', 'refund', 'paid', 'refunded'),
  ('customer_invoice', 'refund', 'forfeited', 'refunded'),
  ('customer_payment', 'create', '', 'pending'),
  ('customer_payment', 'succeed', 'pending', 'succeeded'),
  ('customer_payment', 'fail', 'pending', 'failed'),
  ('customer_refund', 'create', '', 'pending'),
  ('customer_refund', 'succeed', 'pending', 'succeeded'),
  ('customer_refund', 'fail', 'pending', 'failed');

-- A deposit that the merchant keeps because nobody came, or came to say so too late.
INSERT INTO posting_rules (type, category, between, from_types, to_types) VALUES
  ('forfeiture', '', 'party', '{end_customer}', '{merchant}');
INSERT INTO posting_rule_lines (type, category, between, position, party, side, purpose, component) VALUES
  ('forfeiture', '', 'party', 1, 'to', 'debit', 'customer_deposits', 'amount'),
  ('forfeiture', '', 'party', 2, 'to', 'credit', 'no_show_income', 'amount');
