-- When a tenant next has work. Rows are only added and removed, never updated, so that no writer waits for another:
-- several rows of a tenant mean its earliest. No foreign key, since it would lock the tenant's row at every write;
-- rows of a tenant that is gone join to nothing, and dropping a tenant removes them.
CREATE TABLE platform.wakes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  due_at timestamptz NOT NULL
);
CREATE INDEX wakes_due_at_idx ON platform.wakes (due_at);
CREATE INDEX wakes_tenant_id_due_at_idx ON platform.wakes (tenant_id, due_at);
GRANT SELECT ON platform.wakes TO scp_gateway;

-- The tenant that is logged in, or null. The role comes from the login, so no caller can name another tenant.
CREATE FUNCTION platform.current_tenant_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT t.id
    FROM platform.tenants AS t
   WHERE t.role_name = session_user
$$;

-- Asks that the tenant be woken at due_at or before. Writes nothing when an earlier wake is there already, and nothing
-- for provisioning and migrations, which are no tenant's login and end by waking the tenant themselves.
-- The shared lock lasts until commit and tells begin_rest() that somebody may be relying on a wake it can see.
-- Call it in READ COMMITTED: an older snapshot could show a wake that has been taken away.
CREATE FUNCTION platform.wake(due_at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant uuid := platform.current_tenant_id();
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('scp:wake:' || tenant, 0));
  INSERT INTO platform.wakes (tenant_id, due_at)
  SELECT tenant, wake.due_at
   WHERE tenant IS NOT NULL
     AND NOT EXISTS (SELECT FROM platform.wakes AS w WHERE w.tenant_id = tenant AND w.due_at <= wake.due_at);
END
$$;

-- Whether the tenant may now be put to rest: true when no transaction in flight has asked for a wake. The caller then
-- finds its next due time in a new statement of the same transaction and calls rest() with it. False: try at the next tick.
CREATE FUNCTION platform.begin_rest() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce(pg_try_advisory_xact_lock(hashtextextended('scp:wake:' || platform.current_tenant_id(), 0)), false);
END
$$;

-- Replaces the tenant's wakes by the next one, or by none when next_due is null. Only after begin_rest() said true.
CREATE FUNCTION platform.rest(next_due timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant uuid := platform.current_tenant_id();
BEGIN
  IF NOT platform.begin_rest() THEN
    RAISE EXCEPTION 'rest() without begin_rest()' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  DELETE FROM platform.wakes AS w
   WHERE w.tenant_id = tenant;
  INSERT INTO platform.wakes (tenant_id, due_at)
  SELECT tenant, next_due
   WHERE next_due IS NOT NULL;
END
$$;

GRANT EXECUTE ON FUNCTION platform.wake(timestamptz), platform.begin_rest(), platform.rest(timestamptz) TO scp_tenant;
