-- What has brought or given back money names what the ledger booked.
ALTER TABLE customer_payments ADD CONSTRAINT customer_payments_transaction_exists FOREIGN KEY (transaction_id) REFERENCES transactions;
ALTER TABLE customer_refunds ADD CONSTRAINT customer_refunds_transaction_exists FOREIGN KEY (transaction_id) REFERENCES transactions;
