-- Looked through once an hour by the sweep, which an index on every key does not pay for.
DROP INDEX idempotency_keys_by_age;

-- They take other arguments since keys are claimed first.
DROP FUNCTION IF EXISTS record_event(jsonb, audit_outcome, jsonb), open_work(jsonb), keep_answer(jsonb, uuid, integer, text),
  transaction_documents(uuid[], jsonb);
