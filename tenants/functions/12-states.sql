-- State machines: the `status` of these tables moves only as state_moves allows, whoever writes it.

-- Takes the machine's name.
CREATE OR REPLACE FUNCTION guard_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  before text := CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.status END;
BEGIN
  IF NEW.status <> before AND NOT EXISTS (
    SELECT FROM state_moves s WHERE s.machine = TG_ARGV[0] AND s.from_state = before AND s.to_state = NEW.status) THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message', CASE before
      WHEN '' THEN format('A new %s is not %s.', replace(TG_ARGV[0], '_', ' '), NEW.status)
      ELSE format('A %s that is %s cannot become %s.', replace(TG_ARGV[0], '_', ' '), before, NEW.status) END));
  END IF;
  RETURN NEW;
END $$;

DO $$
DECLARE
  guarded record;
BEGIN
  FOR guarded IN SELECT * FROM (VALUES
    ('merchant_orgs', 'merchant_org'),
    ('merchants', 'merchant'),
    ('appointments', 'appointment'),
    ('customer_invoices', 'customer_invoice'),
    ('customer_payments', 'customer_payment'),
    ('customer_refunds', 'customer_refund'),
    ('imports', 'import'),
    ('merchant_transfers', 'merchant_transfer'),
    ('prospects', 'prospect')) AS t (table_name, machine)
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER guard_state BEFORE INSERT OR UPDATE OF status ON %I
      FOR EACH ROW EXECUTE FUNCTION guard_state(%L)', guarded.table_name, guarded.machine);
  END LOOP;
END $$;
