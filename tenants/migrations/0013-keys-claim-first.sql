-- A key is claimed when its unit of work begins, and what a posting answered is read again from the ledger, which never
-- changes: no copy of it is kept (docs/decisions/0019).
ALTER TABLE idempotency_keys ADD COLUMN transaction_ids uuid[];
-- Looked through once an hour by the sweep, which an index on every key does not pay for.
DROP INDEX idempotency_keys_by_age;

-- They take other arguments from here on.
DROP FUNCTION IF EXISTS record_event(jsonb, audit_outcome, jsonb), open_work(jsonb), keep_answer(jsonb, uuid, integer, text),
  transaction_documents(uuid[], jsonb);
