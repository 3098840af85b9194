-- Impersonation ("view as", docs/decisions/0025): staff look at the portal as a merchant's person does. What ends one is a
-- fact of the database: the time it was given, the session that carries it, and any change of either person's rights.

CREATE OR REPLACE FUNCTION is_running(i impersonations) RETURNS boolean
LANGUAGE sql STABLE
RETURN i.ended_at IS NULL AND i.expires_at > now();

-- The impersonation that a session carries, running or over but not left; null when there is none. `merchants` tells the
-- MerchantOrg of every merchant at which either person holds a role.
CREATE OR REPLACE FUNCTION session_impersonation(handle uuid) RETURNS json
LANGUAGE sql STABLE
RETURN (
  SELECT json_build_object('id', i.id, 'is_running', is_running(i) AND u.status IS NOT DISTINCT FROM 'active',
    'is_stepped_up', i.stepped_up_at IS NOT NULL, 'reason', i.reason, 'started_at', rfc3339(i.created_at),
    'expires_at', rfc3339(i.expires_at), 'ended_because', i.ended_because,
    'user', json_build_object('id', i.user_id, 'name', coalesce(u.name, 'A removed account'), 'email', coalesce(u.email, '')),
    'roles', CASE WHEN must_enrol(i.user_id) THEN '[]' ELSE held_roles(i.user_id) END,
    'merchants', (
      SELECT coalesce(json_object_agg(m.id, m.merchant_org_id), '{}')
      FROM merchants m
      WHERE m.id IN (SELECT a.merchant_id FROM role_assignments a WHERE a.user_id IN (i.user_id, i.impersonator_id))))
  FROM impersonations i
  LEFT JOIN users u ON u.id = i.user_id
  WHERE i.session_handle = handle AND i.left_at IS NULL);

-- The second wall behind server/operations/impersonated.ts. A unit of work of somebody who views as another holds only
-- while that impersonation runs, in that very session, and after a step-up; what proves who one is or leaves needs less.
-- Problems: impersonation_over, step_up_required.
CREATE OR REPLACE FUNCTION require_impersonation(work jsonb, is_read boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  running impersonations;
BEGIN
  SELECT i.* INTO running
  FROM impersonations i
  JOIN sessions s ON s.handle = i.session_handle AND s.expires_at > now()
  WHERE i.id::text = work #>> '{actor,impersonator,impersonation_id}' AND i.left_at IS NULL
    AND i.impersonator_id::text = work #>> '{actor,impersonator,id}' AND i.user_id::text = work #>> '{actor,id}'
  FOR NO KEY UPDATE OF i;
  IF running.id IS NOT NULL AND work ->> 'operation' IN ('impersonation.end', 'session.delete') THEN
    RETURN;
  ELSIF running.id IS NULL OR NOT is_running(running) THEN
    PERFORM raise_problem('impersonation_over');
  ELSIF running.stepped_up_at IS NULL AND NOT is_read AND work ->> 'operation' <> 'impersonation.step_up' THEN
    PERFORM raise_problem('step_up_required');
  END IF;
END $$;

-- Records that somebody who views as another has read something. It lets no row change.
CREATE OR REPLACE FUNCTION work_read(work jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  event_before text := coalesce(current_setting('scp.event', true), '');
BEGIN
  PERFORM require_impersonation(work, true);
  PERFORM record_event(uuidv7(), work, 'success', jsonb_build_object('summary', work -> 'summary', 'is_read', true), l.epoch)
  FROM ledger_state l;
  PERFORM set_config('scp.event', event_before, true);
END $$;

-- Ends what a person does as somebody else, and what others do as that person.
CREATE OR REPLACE FUNCTION end_impersonations(person uuid, because text) RETURNS void
LANGUAGE sql AS $$
  UPDATE impersonations i SET ended_at = now(), ended_because = because
  WHERE i.ended_at IS NULL AND i.expires_at > now() AND person IN (i.user_id, i.impersonator_id)
$$;

CREATE OR REPLACE FUNCTION end_impersonation_with_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  UPDATE impersonations i SET ended_at = now(), ended_because = 'session_ended', left_at = now()
  WHERE i.session_handle = OLD.handle AND i.left_at IS NULL AND i.ended_at IS NULL AND i.expires_at > now();
  RETURN NULL;
END $$;
-- One that has run out is cleared away outside any unit of work; no impersonation outlasts its session.
CREATE OR REPLACE TRIGGER end_impersonation AFTER DELETE ON sessions
  FOR EACH ROW WHEN (OLD.expires_at > now()) EXECUTE FUNCTION end_impersonation_with_session();

CREATE OR REPLACE FUNCTION end_impersonations_with_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM end_impersonations(OLD.id, 'account_disabled');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER end_impersonations AFTER UPDATE OF status ON users
  FOR EACH ROW WHEN (NEW.status <> 'active') EXECUTE FUNCTION end_impersonations_with_account();
CREATE OR REPLACE TRIGGER end_impersonations_of_removed AFTER DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION end_impersonations_with_account();

-- Whoever's rights change while an impersonation runs: it ends, rather than go on with other rights than it began with.
CREATE OR REPLACE FUNCTION end_impersonations_with_assignment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM end_impersonations(coalesce(NEW.user_id, OLD.user_id), 'rights_changed');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER end_impersonations AFTER INSERT OR UPDATE OR DELETE ON role_assignments
  FOR EACH ROW EXECUTE FUNCTION end_impersonations_with_assignment();

CREATE OR REPLACE FUNCTION end_impersonations_with_role() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM end_impersonations(a.user_id, 'rights_changed')
  FROM (SELECT DISTINCT h.user_id FROM role_assignments h WHERE h.role_id = OLD.id) a;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER end_impersonations AFTER UPDATE OF permissions, requires_second_factor ON roles
  FOR EACH ROW EXECUTE FUNCTION end_impersonations_with_role();
