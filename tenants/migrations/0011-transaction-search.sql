-- What lists of transactions are searched by, and the flow of funds: both filled from the ledger after it was folded, so
-- that a posting pays for neither (docs/decisions/0018). They are derived: dropping and filling them again loses nothing.

-- How far both have come, in the order of recording. One row.
CREATE TABLE search_state (
  epoch smallint NOT NULL,
  horizon xid8 NOT NULL
);
CREATE UNIQUE INDEX search_state_is_one_row ON search_state ((true));
INSERT INTO search_state (epoch, horizon) VALUES (0, '0');

-- Words of a transaction, and what it is filtered by as `@name=value`; its size is the amount, or of raw lines the largest
-- sum that a journal debits.
CREATE TABLE transaction_search (
  transaction_id uuid PRIMARY KEY,
  effective_date date NOT NULL,
  size bigint,
  document tsvector NOT NULL
);
CREATE INDEX transaction_search_by_document ON transaction_search USING gin (document) WITH (fastupdate = off);
CREATE INDEX transaction_search_by_day ON transaction_search (effective_date, transaction_id);
CREATE INDEX transaction_search_by_size ON transaction_search (size, transaction_id);
-- Which value is common decides how a list is read.
ALTER TABLE transaction_search ALTER COLUMN document SET STATISTICS 1000;

-- A kind of money movement between two ends. Customers are one end together; null is an end that is not named, such as a
-- processor or a bank.
CREATE TABLE flow_lanes (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  category text,
  currency char(3) NOT NULL,
  from_type transaction_end,
  from_id uuid,
  to_type transaction_end,
  to_id uuid,
  CONSTRAINT flow_lanes_once UNIQUE NULLS NOT DISTINCT (type, category, currency, from_type, from_id, to_type, to_id)
);

-- What moved in a lane, by effective date: posted less reversed, in minor units.
CREATE TABLE flow_months (
  month date NOT NULL,
  lane_id integer NOT NULL,
  amount bigint NOT NULL,
  transactions bigint NOT NULL,
  PRIMARY KEY (month, lane_id)
);
CREATE TABLE flow_days (
  day date NOT NULL,
  lane_id integer NOT NULL,
  amount bigint NOT NULL,
  transactions bigint NOT NULL,
  PRIMARY KEY (day, lane_id)
);
