-- Nearly every transaction is posted: the others are found by their status, and posting pays nothing for it.
CREATE INDEX transactions_by_status ON transactions (status, id) WHERE status <> 'posted';
