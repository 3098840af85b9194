-- What became of the periods of a book: each closing and reopening, by whom and why. What holds now is books.closed_through.
CREATE TYPE period_action AS ENUM ('close', 'reopen');
CREATE TABLE period_events (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  book_id uuid NOT NULL REFERENCES books,
  action period_action NOT NULL,
  -- The last closed day before and after; null where no period is closed.
  was_closed_through date,
  closed_through date,
  reason text,
  -- What was checked when it was closed, and what was found.
  checks jsonb,
  actor_type actor_type NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  event_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT period_events_move_on CHECK (
    CASE action
      WHEN 'close' THEN closed_through > coalesce(was_closed_through, '-infinity') AND checks IS NOT NULL
      ELSE was_closed_through > coalesce(closed_through, '-infinity') AND reason IS NOT NULL
    END)
);
CREATE INDEX period_events_by_book ON period_events (book_id, id);

ALTER TABLE books
  ADD CONSTRAINT books_close_whole_months
  CHECK (closed_through = (date_trunc('month', closed_through::timestamp) + interval '1 month - 1 day')::date);

-- What came too late for its period; most journals do not.
CREATE INDEX transaction_journals_late ON transaction_journals (book_id, original_effective_date)
  WHERE original_effective_date IS NOT NULL;
