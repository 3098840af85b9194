-- A key is claimed when its unit of work begins, and what a posting answered is read again from the ledger, which never
-- changes: no copy of it is kept (docs/decisions/0019).
ALTER TABLE idempotency_keys ADD COLUMN transaction_ids uuid[];
