-- What an invoice has been paid: deposits are held until it is settled, tips are beside it. `released` is of `refunded` what was
-- given back of a deposit that was still held: the invoice asks for it again.
CREATE OR REPLACE VIEW customer_invoice_sums AS
SELECT i.id AS invoice_id,
  coalesce(sum(p.amount - p.tip) FILTER (WHERE p.status = 'succeeded' AND p.kind <> 'tip'), 0)::bigint AS paid,
  coalesce(sum(p.amount) FILTER (WHERE p.status = 'succeeded' AND p.kind = 'deposit'), 0)::bigint AS deposits,
  coalesce(sum(p.tip) FILTER (WHERE p.status = 'succeeded'), 0)::bigint AS tips,
  coalesce(sum(p.amount - p.tip) FILTER (WHERE p.status = 'pending' AND p.kind <> 'tip'), 0)::bigint AS pending,
  coalesce(sum(r.refunded), 0)::bigint AS refunded,
  coalesce(sum(r.released), 0)::bigint AS released,
  coalesce(sum(r.tips), 0)::bigint AS tips_refunded,
  coalesce(sum(r.tax), 0)::bigint AS tax_refunded,
  coalesce(sum(r.pending), 0)::bigint AS refunding
FROM customer_invoices i
LEFT JOIN customer_payments p ON p.invoice_id = i.id
LEFT JOIN LATERAL (
  SELECT sum(f.amount - f.tip) FILTER (WHERE f.status = 'succeeded') AS refunded,
    sum(f.amount) FILTER (WHERE f.status = 'succeeded' AND f.is_release) AS released,
    sum(f.tip) FILTER (WHERE f.status = 'succeeded') AS tips, sum(f.tax) FILTER (WHERE f.status = 'succeeded') AS tax,
    sum(f.amount) FILTER (WHERE f.status = 'pending') AS pending
  FROM customer_refunds f WHERE f.payment_id = p.id) r ON true
GROUP BY i.id;

-- No invoice is paid more than once, and nothing is given back more than once, whoever writes the rows; what was booked or
-- failed stays. The invoice is locked, so that two writers at the same moment see each other. Problems: conflict,
-- amount_out_of_range.
CREATE OR REPLACE FUNCTION guard_customer_money() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  invoice uuid := CASE TG_TABLE_NAME WHEN 'customer_payments' THEN (to_jsonb(NEW) ->> 'invoice_id')::uuid
    ELSE (SELECT p.invoice_id FROM customer_payments p WHERE p.id = (to_jsonb(NEW) ->> 'payment_id')::uuid) END;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status <> 'pending'
    AND to_jsonb(NEW) - '{version,updated_at}'::text[] <> to_jsonb(OLD) - '{version,updated_at}'::text[] THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message', format('It has %s already.', OLD.status)));
  END IF;
  PERFORM FROM customer_invoices i WHERE i.id = invoice FOR UPDATE;
  IF EXISTS (
    SELECT FROM customer_invoice_sums s JOIN customer_invoices i ON i.id = s.invoice_id
    WHERE i.id = invoice AND s.paid + s.pending - s.released > i.total) THEN
    PERFORM raise_problem('conflict', '{"message": "That is more than the invoice still asks for."}');
  ELSIF EXISTS (
    SELECT FROM customer_payments p
    WHERE p.invoice_id = invoice AND p.amount < (
      SELECT sum(r.amount) FROM customer_refunds r WHERE r.payment_id = p.id AND r.status <> 'failed')) THEN
    PERFORM raise_problem('conflict', '{"message": "That is more than the payment still holds."}');
  ELSIF (SELECT sum(p.amount) FROM customer_payments p WHERE p.invoice_id = invoice) > 9007199254740991 THEN
    PERFORM raise_problem('amount_out_of_range', '{"message": "All that was paid on this invoice would be too much to count."}');
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER guard_customer_money AFTER INSERT OR UPDATE ON customer_payments
  FOR EACH ROW EXECUTE FUNCTION guard_customer_money();
CREATE OR REPLACE TRIGGER guard_customer_money AFTER INSERT OR UPDATE ON customer_refunds
  FOR EACH ROW EXECUTE FUNCTION guard_customer_money();

-- An invoice says of itself only what its payments and refunds make true. Problem: conflict.
CREATE OR REPLACE FUNCTION guard_invoice_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  IF NOT (SELECT CASE NEW.status
      WHEN 'paid' THEN s.paid - s.released = NEW.total
      WHEN 'void' THEN s.paid - s.refunded + s.pending + s.refunding = 0
      WHEN 'forfeited' THEN s.paid > s.released AND s.pending + s.refunding = 0
      WHEN 'refunded' THEN s.paid = s.refunded
      ELSE true END
    FROM customer_invoice_sums s WHERE s.invoice_id = NEW.id) THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message', format('What was paid does not make the invoice %s.', NEW.status)));
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER guard_invoice_status AFTER UPDATE OF status ON customer_invoices
  FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION guard_invoice_status();

-- A merchant that has closed asks for nothing and takes nothing. Its row is shared, so that it does not close meanwhile.
-- Problem: conflict.
CREATE OR REPLACE FUNCTION require_trading() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  merchant merchants;
BEGIN
  SELECT * INTO merchant FROM merchants m WHERE m.id = NEW.merchant_id FOR SHARE;
  IF merchant.status = 'closed' THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message', format('%s is closed.', merchant.name)));
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER require_trading BEFORE INSERT ON customer_invoices
  FOR EACH ROW EXECUTE FUNCTION require_trading();
CREATE OR REPLACE TRIGGER require_trading BEFORE INSERT ON customer_payments
  FOR EACH ROW EXECUTE FUNCTION require_trading();

-- Today, where a merchant is.
CREATE OR REPLACE FUNCTION merchant_today(merchant uuid) RETURNS date
LANGUAGE sql STABLE AS $$
  SELECT (now() AT TIME ZONE m.time_zone)::date FROM merchants m WHERE m.id = merchant
$$;

-- Fills in the day that the trigger names, which is never one to come. Problem: invalid.
CREATE OR REPLACE FUNCTION guard_day() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  today date := merchant_today(NEW.merchant_id);
  given date := coalesce((to_jsonb(NEW) ->> TG_ARGV[0])::date, today);
BEGIN
  IF given > today THEN
    PERFORM raise_problem('invalid', jsonb_build_object('errors', jsonb_build_object(TG_ARGV[0],
      jsonb_build_array(format('must not be after today, %s', today)))));
  END IF;
  RETURN jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], given));
END $$;
CREATE OR REPLACE TRIGGER guard_day BEFORE INSERT ON customer_payments
  FOR EACH ROW EXECUTE FUNCTION guard_day('paid_on');
CREATE OR REPLACE TRIGGER guard_day BEFORE INSERT ON customer_refunds
  FOR EACH ROW EXECUTE FUNCTION guard_day('paid_on');
CREATE OR REPLACE TRIGGER guard_day BEFORE INSERT ON customer_invoices
  FOR EACH ROW EXECUTE FUNCTION guard_day('issued_on');

-- Card payments and refunds whose job gave up are asked for again, until their processor tells. Returns how many.
CREATE OR REPLACE FUNCTION resume_cards() RETURNS bigint
LANGUAGE sql AS $$
  WITH resumed AS (
    INSERT INTO jobs (operation, input, unique_key)
    SELECT w.operation, jsonb_build_object('id', w.id), w.operation || ':' || w.id
    FROM (
      SELECT 'customer_payment.process' AS operation, p.id, p.created_at FROM customer_payments p
      WHERE p.status = 'pending' AND p.method = 'card'
      UNION ALL
      SELECT 'customer_payment.process_refund', r.id, r.created_at FROM customer_refunds r WHERE r.status = 'pending') w
    WHERE w.created_at < now() - interval '10 minutes'
    ORDER BY w.id
    ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING
    RETURNING 1)
  SELECT count(*) FROM resumed
$$;

-- The next number of a merchant's invoices in the year of a day, without gaps: whoever takes one is alone until the commit.
CREATE OR REPLACE FUNCTION next_invoice_number(merchant uuid, day date DEFAULT NULL) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  INSERT INTO invoice_numbers AS n (merchant_id, year, last)
  VALUES (merchant, extract(year FROM coalesce(day, merchant_today(merchant)))::integer, 1)
  ON CONFLICT (merchant_id, year) DO UPDATE SET last = n.last + 1
  RETURNING n.year || '-' || lpad(n.last::text, 5, '0')
$$;

-- Whether an invoice would go on telling of a transaction that was reversed.
CREATE OR REPLACE FUNCTION is_customer_money(of_transaction transactions) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT (of_transaction).source = 'customer_invoice'
    OR EXISTS (SELECT FROM customer_payments p WHERE p.transaction_id = (of_transaction).id)
    OR EXISTS (SELECT FROM customer_refunds r WHERE r.transaction_id = (of_transaction).id)
$$;
