-- Time zones are those that Postgres knows: days, hours and reports are counted in them.

-- Whether clocks of a zone can be read here.
CREATE OR REPLACE FUNCTION is_known_zone(zone text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM now() AT TIME ZONE zone;
  RETURN true;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN false;
END $$;

-- Problem: invalid.
CREATE OR REPLACE FUNCTION guard_zone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  IF NOT is_known_zone(NEW.time_zone) THEN
    PERFORM raise_problem('invalid', '{"message": "This time zone is not known.", "errors": {"time_zone": ["must be an IANA time zone like Europe/Paris"]}}');
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER guard_zone BEFORE INSERT OR UPDATE OF time_zone ON tenant
  FOR EACH ROW EXECUTE FUNCTION guard_zone();
CREATE OR REPLACE TRIGGER guard_zone BEFORE INSERT OR UPDATE OF time_zone ON merchants
  FOR EACH ROW EXECUTE FUNCTION guard_zone();
