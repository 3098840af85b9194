-- The reference: the least that writes a journal and its lines. No checks, no balances, no audit, no keys.
CREATE TYPE entry_side AS ENUM ('debit', 'credit');

CREATE TABLE journals (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  description text NOT NULL,
  effective_date date NOT NULL DEFAULT CURRENT_DATE,
  recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE lines (
  journal_id uuid NOT NULL,
  position smallint NOT NULL,
  account_id uuid NOT NULL,
  side entry_side NOT NULL,
  amount bigint NOT NULL,
  PRIMARY KEY (journal_id, position)
);
CREATE INDEX lines_by_account ON lines (account_id);

CREATE FUNCTION post_pair(description text, debited uuid, credited uuid, amount bigint) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
  journal uuid;
BEGIN
  INSERT INTO journals (description) VALUES (post_pair.description) RETURNING id INTO journal;
  INSERT INTO lines (journal_id, position, account_id, side, amount)
  VALUES (journal, 1, debited, 'debit', post_pair.amount), (journal, 2, credited, 'credit', post_pair.amount);
  RETURN journal;
END $$;

-- Journals of so many lines each, all in two statements.
CREATE FUNCTION post_set(descriptions text[], size integer, account_ids uuid[], sides entry_side[], amounts bigint[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[] := ARRAY(SELECT uuidv7() FROM generate_series(1, cardinality(descriptions)));
BEGIN
  INSERT INTO journals (id, description)
  SELECT j.id, j.description FROM unnest(ids, descriptions) AS j (id, description);
  INSERT INTO lines (journal_id, position, account_id, side, amount)
  SELECT ids[(l.place - 1) / size + 1], (l.place - 1) % size + 1, l.account_id, l.side, l.amount
  FROM unnest(account_ids, sides, amounts) WITH ORDINALITY AS l (account_id, side, amount, place);
  RETURN ids;
END $$;
