-- The day on which money changed hands and an invoice is dated, local to the merchant: what is written down later is booked on
-- that day. The database fills it in when nobody says (41-customer-payments.sql).
ALTER TABLE customer_payments ADD COLUMN paid_on date;
ALTER TABLE customer_refunds ADD COLUMN paid_on date;
ALTER TABLE customer_invoices ADD COLUMN issued_on date;

ALTER TABLE customer_payments DISABLE TRIGGER USER;
ALTER TABLE customer_refunds DISABLE TRIGGER USER;
ALTER TABLE customer_invoices DISABLE TRIGGER USER;
UPDATE customer_payments p SET paid_on = coalesce(
  (SELECT t.effective_date FROM transactions t WHERE t.id = p.transaction_id),
  (SELECT (p.created_at AT TIME ZONE m.time_zone)::date FROM merchants m WHERE m.id = p.merchant_id));
UPDATE customer_refunds r SET paid_on = coalesce(
  (SELECT t.effective_date FROM transactions t WHERE t.id = r.transaction_id),
  (SELECT (r.created_at AT TIME ZONE m.time_zone)::date FROM merchants m WHERE m.id = r.merchant_id));
UPDATE customer_invoices i SET issued_on = (i.created_at AT TIME ZONE m.time_zone)::date FROM merchants m WHERE m.id = i.merchant_id;
ALTER TABLE customer_payments ENABLE TRIGGER USER;
ALTER TABLE customer_refunds ENABLE TRIGGER USER;
ALTER TABLE customer_invoices ENABLE TRIGGER USER;
ALTER TABLE customer_payments ALTER COLUMN paid_on SET NOT NULL;
ALTER TABLE customer_refunds ALTER COLUMN paid_on SET NOT NULL;
ALTER TABLE customer_invoices ALTER COLUMN issued_on SET NOT NULL;

-- A card that was taken at a terminal of the merchant's: it is written down, nobody is asked.
ALTER TABLE customer_payments
  DROP CONSTRAINT customer_payments_method_check,
  ADD CONSTRAINT customer_payments_method_check CHECK (method IN ('cash', 'bank_transfer', 'card', 'card_terminal'));

-- What waits for a processor is few among many: whoever gave up asking is found again every hour.
CREATE INDEX customer_payments_pending ON customer_payments (id) WHERE status = 'pending';
CREATE INDEX customer_refunds_pending ON customer_refunds (id) WHERE status = 'pending';

-- They take a day now; who names none gets today.
DROP FUNCTION IF EXISTS next_invoice_number(uuid), reserve_payout(jsonb, transaction_end, uuid, text, bigint, date);
