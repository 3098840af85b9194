-- One rule per type, category and shape of transaction. `between` says what its two ends are: 'parties' that both keep
-- books, one 'party' that does (the other is a customer, a processor, a bank), or two named 'accounts'. Parties' accounts are
-- found by purpose. A line takes the whole 'amount', a named component of it, or the 'rest' that balances its book.
DROP TABLE posting_rule_lines;
DROP TABLE posting_rules;
CREATE TABLE posting_rules (
  type text NOT NULL,
  category text NOT NULL DEFAULT '',
  between text NOT NULL CHECK (between IN ('parties', 'party', 'accounts')),
  from_types transaction_end[] NOT NULL,
  to_types transaction_end[] NOT NULL,
  allowed_types account_type[],
  required_types account_type[],
  -- It ends what another transaction began, and must say which.
  needs_cause boolean NOT NULL DEFAULT false,
  PRIMARY KEY (type, category, between)
);
CREATE TABLE posting_rule_lines (
  type text NOT NULL,
  category text NOT NULL DEFAULT '',
  between text NOT NULL,
  position smallint NOT NULL,
  party text NOT NULL CHECK (party IN ('from', 'to')),
  side entry_side NOT NULL,
  purpose text,
  component text NOT NULL DEFAULT 'amount',
  counterparty text CHECK (counterparty IN ('from', 'to')),
  PRIMARY KEY (type, category, between, position),
  FOREIGN KEY (type, category, between) REFERENCES posting_rules
);

-- What each kind of party meets in the rules below.
INSERT INTO chart_templates (party_type, purpose, code, name, type)
SELECT party.party_type, line.purpose, line.code, line.name, line.type::account_type
FROM (VALUES
  ('processor_clearing', '1050', 'Processor clearing', 'asset', '{tenant,merchant,merchant_org}'),
  ('payouts_in_transit', '1060', 'Payouts in transit', 'asset', '{merchant,merchant_org}'),
  ('customer_deposits', '2200', 'Customer deposits', 'liability', '{merchant}'),
  ('tips_payable', '2300', 'Tips payable', 'liability', '{merchant}'),
  ('tax_payable', '2400', 'Sales tax payable', 'liability', '{merchant}'),
  ('refunds', '4100', 'Refunds', 'revenue', '{merchant}'),
  ('no_show_income', '4050', 'No-show fees', 'revenue', '{merchant}'),
  ('commission_income', '4200', 'Commission income', 'revenue', '{tenant,merchant_org}'),
  ('franchise_income', '4300', 'Franchise fee income', 'revenue', '{tenant,merchant_org}'),
  ('subscription_income', '4400', 'Subscription income', 'revenue', '{tenant}'),
  ('processor_fees', '5100', 'Processor fees', 'expense', '{tenant,merchant,merchant_org}'),
  ('commission_expense', '5200', 'Commission expense', 'expense', '{merchant,merchant_org}'),
  ('franchise_expense', '5300', 'Franchise fee expense', 'expense', '{merchant,merchant_org}'),
  ('subscription_expense', '5400', 'Subscription expense', 'expense', '{merchant,merchant_org}'),
  ('bad_debt', '5500', 'Bad debt expense', 'expense', '{tenant,merchant,merchant_org}')
) AS line (purpose, code, name, type, parties)
CROSS JOIN LATERAL unnest(line.parties::party_type[]) AS party (party_type);

-- Which ends a rule is for; an end that keeps no books may be left out.
INSERT INTO posting_rules (type, category, between, from_types, to_types, allowed_types, required_types) VALUES
  ('payment', 'full', 'party', '{end_customer}', '{merchant}', NULL, NULL),
  ('payment', 'deposit', 'party', '{end_customer}', '{merchant}', NULL, NULL),
  ('payment', 'balance', 'party', '{end_customer}', '{merchant}', NULL, NULL),
  ('payment', 'tip', 'party', '{end_customer}', '{merchant}', NULL, NULL),
  ('payment', 'no_show', 'party', '{end_customer}', '{merchant}', NULL, NULL),
  ('refund', '', 'party', '{merchant}', '{end_customer}', NULL, NULL),
  ('refund', 'deposit', 'party', '{merchant}', '{end_customer}', NULL, NULL),
  ('processor_fee', '', 'party', '{merchant,merchant_org,tenant}', '{}', NULL, NULL),
  ('commission', '', 'parties', '{merchant,merchant_org}', '{merchant_org,tenant}', NULL, NULL),
  ('franchise_fee', '', 'parties', '{merchant,merchant_org}', '{merchant_org,tenant}', NULL, NULL),
  ('subscription_charge', '', 'parties', '{merchant,merchant_org}', '{tenant}', NULL, NULL),
  ('settlement', '', 'parties', '{merchant,merchant_org,tenant}', '{merchant,merchant_org,tenant}', NULL, NULL),
  ('payout', '', 'party', '{}', '{merchant,merchant_org}', NULL, NULL),
  ('payout', 'settled', 'party', '{}', '{merchant,merchant_org}', NULL, NULL),
  ('payout', 'returned', 'party', '{}', '{merchant,merchant_org}', NULL, NULL),
  ('write_off', '', 'party', '{merchant,merchant_org,tenant}', '{end_customer}', NULL, NULL),
  ('write_off', '', 'parties', '{merchant,merchant_org,tenant}', '{merchant,merchant_org,tenant}', NULL, NULL),
  ('transfer', '', 'parties', '{merchant,merchant_org,tenant}', '{merchant,merchant_org,tenant}', NULL, NULL),
  ('transfer', '', 'accounts', '{account}', '{account}', '{asset,liability,equity}', NULL),
  ('adjustment', '', 'parties', '{merchant,merchant_org,tenant}', '{merchant,merchant_org,tenant}', NULL, NULL),
  ('adjustment', '', 'accounts', '{account}', '{account}', NULL, '{equity,revenue,expense}');

UPDATE posting_rules SET needs_cause = true WHERE type = 'payout' AND category <> '';

INSERT INTO posting_rule_lines (type, category, between, position, party, side, purpose, component, counterparty) VALUES
  ('payment', 'full', 'party', 1, 'to', 'debit', 'processor_clearing', 'amount', NULL),
  ('payment', 'full', 'party', 2, 'to', 'credit', 'revenue', 'rest', NULL),
  ('payment', 'full', 'party', 3, 'to', 'credit', 'tips_payable', 'tip', NULL),
  ('payment', 'full', 'party', 4, 'to', 'credit', 'tax_payable', 'tax', NULL),
  ('payment', 'deposit', 'party', 1, 'to', 'debit', 'processor_clearing', 'amount', NULL),
  ('payment', 'deposit', 'party', 2, 'to', 'credit', 'customer_deposits', 'amount', NULL),
  ('payment', 'balance', 'party', 1, 'to', 'debit', 'processor_clearing', 'amount', NULL),
  ('payment', 'balance', 'party', 2, 'to', 'debit', 'customer_deposits', 'deposit', NULL),
  ('payment', 'balance', 'party', 3, 'to', 'credit', 'revenue', 'rest', NULL),
  ('payment', 'balance', 'party', 4, 'to', 'credit', 'tips_payable', 'tip', NULL),
  ('payment', 'balance', 'party', 5, 'to', 'credit', 'tax_payable', 'tax', NULL),
  ('payment', 'tip', 'party', 1, 'to', 'debit', 'processor_clearing', 'amount', NULL),
  ('payment', 'tip', 'party', 2, 'to', 'credit', 'tips_payable', 'amount', NULL),
  ('payment', 'no_show', 'party', 1, 'to', 'debit', 'processor_clearing', 'amount', NULL),
  ('payment', 'no_show', 'party', 2, 'to', 'debit', 'customer_deposits', 'deposit', NULL),
  ('payment', 'no_show', 'party', 3, 'to', 'credit', 'no_show_income', 'rest', NULL),
  ('payment', 'no_show', 'party', 4, 'to', 'credit', 'tax_payable', 'tax', NULL),
  ('refund', '', 'party', 1, 'from', 'debit', 'refunds', 'rest', NULL),
  ('refund', '', 'party', 2, 'from', 'debit', 'tips_payable', 'tip', NULL),
  ('refund', '', 'party', 3, 'from', 'debit', 'tax_payable', 'tax', NULL),
  ('refund', '', 'party', 4, 'from', 'credit', 'processor_clearing', 'amount', NULL),
  ('refund', 'deposit', 'party', 1, 'from', 'debit', 'customer_deposits', 'amount', NULL),
  ('refund', 'deposit', 'party', 2, 'from', 'credit', 'processor_clearing', 'amount', NULL),
  ('processor_fee', '', 'party', 1, 'from', 'debit', 'processor_fees', 'amount', NULL),
  ('processor_fee', '', 'party', 2, 'from', 'credit', 'processor_clearing', 'amount', NULL),
  ('commission', '', 'parties', 1, 'from', 'debit', 'commission_expense', 'amount', 'to'),
  ('commission', '', 'parties', 2, 'from', 'credit', 'due_to_related', 'amount', 'to'),
  ('commission', '', 'parties', 3, 'to', 'debit', 'due_from_related', 'amount', 'from'),
  ('commission', '', 'parties', 4, 'to', 'credit', 'commission_income', 'amount', 'from'),
  ('franchise_fee', '', 'parties', 1, 'from', 'debit', 'franchise_expense', 'amount', 'to'),
  ('franchise_fee', '', 'parties', 2, 'from', 'credit', 'due_to_related', 'amount', 'to'),
  ('franchise_fee', '', 'parties', 3, 'to', 'debit', 'due_from_related', 'amount', 'from'),
  ('franchise_fee', '', 'parties', 4, 'to', 'credit', 'franchise_income', 'amount', 'from'),
  ('subscription_charge', '', 'parties', 1, 'from', 'debit', 'subscription_expense', 'amount', 'to'),
  ('subscription_charge', '', 'parties', 2, 'from', 'credit', 'due_to_related', 'amount', 'to'),
  ('subscription_charge', '', 'parties', 3, 'to', 'debit', 'due_from_related', 'amount', 'from'),
  ('subscription_charge', '', 'parties', 4, 'to', 'credit', 'subscription_income', 'amount', 'from'),
  ('settlement', '', 'parties', 1, 'from', 'debit', 'due_to_related', 'amount', 'to'),
  ('settlement', '', 'parties', 2, 'from', 'credit', 'cash', 'amount', NULL),
  ('settlement', '', 'parties', 3, 'to', 'debit', 'cash', 'amount', NULL),
  ('settlement', '', 'parties', 4, 'to', 'credit', 'due_from_related', 'amount', 'from'),
  ('payout', '', 'party', 1, 'to', 'debit', 'payouts_in_transit', 'amount', NULL),
  ('payout', '', 'party', 2, 'to', 'credit', 'processor_clearing', 'amount', NULL),
  ('payout', 'settled', 'party', 1, 'to', 'debit', 'cash', 'amount', NULL),
  ('payout', 'settled', 'party', 2, 'to', 'credit', 'payouts_in_transit', 'amount', NULL),
  ('payout', 'returned', 'party', 1, 'to', 'debit', 'processor_clearing', 'amount', NULL),
  ('payout', 'returned', 'party', 2, 'to', 'credit', 'payouts_in_transit', 'amount', NULL),
  ('write_off', '', 'party', 1, 'from', 'debit', 'bad_debt', 'amount', NULL),
  ('write_off', '', 'party', 2, 'from', 'credit', 'receivable', 'amount', NULL),
  ('write_off', '', 'parties', 1, 'from', 'debit', 'bad_debt', 'amount', 'to'),
  ('write_off', '', 'parties', 2, 'from', 'credit', 'due_from_related', 'amount', 'to'),
  ('write_off', '', 'parties', 3, 'to', 'debit', 'due_to_related', 'amount', 'from'),
  ('write_off', '', 'parties', 4, 'to', 'credit', 'adjustment_income', 'amount', 'from'),
  ('transfer', '', 'parties', 1, 'from', 'debit', 'due_from_related', 'amount', 'to'),
  ('transfer', '', 'parties', 2, 'from', 'credit', 'cash', 'amount', NULL),
  ('transfer', '', 'parties', 3, 'to', 'debit', 'cash', 'amount', NULL),
  ('transfer', '', 'parties', 4, 'to', 'credit', 'due_to_related', 'amount', 'from'),
  ('transfer', '', 'accounts', 1, 'to', 'debit', NULL, 'amount', NULL),
  ('transfer', '', 'accounts', 2, 'from', 'credit', NULL, 'amount', NULL),
  ('adjustment', '', 'parties', 1, 'from', 'debit', 'adjustment_expense', 'amount', 'to'),
  ('adjustment', '', 'parties', 2, 'from', 'credit', 'due_to_related', 'amount', 'to'),
  ('adjustment', '', 'parties', 3, 'to', 'debit', 'due_from_related', 'amount', 'from'),
  ('adjustment', '', 'parties', 4, 'to', 'credit', 'adjustment_income', 'amount', 'from'),
  ('adjustment', '', 'accounts', 1, 'to', 'debit', NULL, 'amount', NULL),
  ('adjustment', '', 'accounts', 2, 'from', 'credit', NULL, 'amount', NULL);
