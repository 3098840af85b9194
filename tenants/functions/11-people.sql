-- What people may do, and what must not be taken from a tenant.

-- The roles that somebody holds now and where, as the code reads them (server/auth/grants.ts).
CREATE OR REPLACE FUNCTION held_roles(person uuid) RETURNS json
LANGUAGE sql STABLE
RETURN (
  SELECT coalesce(json_agg(json_build_object('key', r.key, 'permissions', r.permissions,
    'merchant_org_id', a.merchant_org_id, 'merchant_id', a.merchant_id, 'expires_at', rfc3339(a.expires_at))), '[]')
  FROM role_assignments a
  JOIN roles r ON r.id = a.role_id
  WHERE a.user_id = person AND (a.expires_at IS NULL OR a.expires_at > now()));

-- A role asks for a second factor that this person has not set up. Whoever came in by a passkey has shown one.
CREATE OR REPLACE FUNCTION must_enrol(person uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN NOT EXISTS (SELECT FROM second_factors f WHERE f.id = person AND f.confirmed_at IS NOT NULL) AND EXISTS (
  SELECT FROM role_assignments a
  JOIN roles r ON r.id = a.role_id AND r.requires_second_factor
  WHERE a.user_id = person AND (a.expires_at IS NULL OR a.expires_at > now()));

-- Whether somebody has more than a password to show: an authenticator app, or a passkey.
CREATE OR REPLACE FUNCTION has_second_factor(person uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM second_factors f WHERE f.id = person AND f.confirmed_at IS NOT NULL)
  OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = person);

-- When somebody was here last, to the hour; null for whoever has not signed in within half a year.
CREATE OR REPLACE FUNCTION last_seen(person uuid) RETURNS timestamptz
LANGUAGE sql STABLE
RETURN greatest((SELECT max(s.last_used_at) FROM sessions s WHERE s.user_id = person),
  (SELECT max(d.seen_at) FROM known_devices d WHERE d.user_id = person));

-- A tenant always keeps an owner: an active user who holds the role Owner for the whole tenant and without end. Whatever
-- takes one away waits for the others that do, and is refused when none is left.

CREATE OR REPLACE FUNCTION keep_an_owner() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('{{schema}} owners', 0));
  -- A statement of its own: it sees what was committed while this one waited.
  IF NOT EXISTS (
    SELECT FROM role_assignments a
    JOIN roles r ON r.id = a.role_id AND r.key = 'owner'
    JOIN users u ON u.id = a.user_id AND u.status = 'active'
    WHERE a.merchant_org_id IS NULL AND a.merchant_id IS NULL AND a.expires_at IS NULL)
  THEN
    PERFORM raise_problem('last_owner',
      '{"message": "This is the last owner. Make somebody else an owner for the whole tenant and without end first."}');
  END IF;
END $$;

-- Somebody who is invited only, or disabled, is nobody's last owner. A user who is gone already was one, as far as is known.
CREATE OR REPLACE FUNCTION keep_an_owner_assigned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  IF OLD.role_id = (SELECT id FROM roles WHERE key = 'owner')
    AND NOT EXISTS (SELECT FROM users WHERE id = OLD.user_id AND status <> 'active')
  THEN
    PERFORM keep_an_owner();
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER keep_an_owner AFTER UPDATE OR DELETE ON role_assignments
  FOR EACH ROW WHEN (OLD.merchant_org_id IS NULL AND OLD.merchant_id IS NULL AND OLD.expires_at IS NULL)
  EXECUTE FUNCTION keep_an_owner_assigned();

CREATE OR REPLACE FUNCTION keep_an_owner_active() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM role_assignments a JOIN roles r ON r.id = a.role_id AND r.key = 'owner'
    WHERE a.user_id = OLD.id AND a.merchant_org_id IS NULL AND a.merchant_id IS NULL AND a.expires_at IS NULL)
  THEN
    PERFORM keep_an_owner();
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER keep_an_owner AFTER UPDATE ON users
  FOR EACH ROW WHEN (OLD.status = 'active' AND NEW.status <> 'active') EXECUTE FUNCTION keep_an_owner_active();
