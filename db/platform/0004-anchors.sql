-- The hashes of tenants' sealed blocks, outside their own reach: a tenant can add to its own and read them, nothing else.
-- Append-only for every role. They outlive the tenant: a hash tells nothing, and proves what an old export says.
CREATE TABLE platform.anchors (
  tenant_id uuid NOT NULL,
  block integer NOT NULL,
  hash bytea NOT NULL,
  anchored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, block)
);

CREATE FUNCTION platform.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: what is written there never changes', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON platform.anchors
  FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON platform.anchors
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

-- Keeps the hash of a block of the tenant that is logged in. The first one stays, whatever comes after: that the chain
-- differs from its anchors is for the verification to find.
CREATE FUNCTION platform.anchor(block integer, hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO platform.anchors (tenant_id, block, hash)
  SELECT t.id, anchor.block, anchor.hash
    FROM platform.current_tenant_id() AS t (id)
   WHERE t.id IS NOT NULL
  ON CONFLICT DO NOTHING;
END
$$;

-- The anchors of the tenant that is logged in, of the blocks from one number to another.
CREATE FUNCTION platform.anchors_between(first_block integer, last_block integer)
RETURNS TABLE (block integer, hash bytea, anchored_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT a.block, a.hash, a.anchored_at
    FROM platform.anchors AS a
   WHERE a.tenant_id = platform.current_tenant_id() AND a.block BETWEEN first_block AND last_block
   ORDER BY a.block
$$;

-- Only the sealing function, which runs as the owner of the schemas, anchors: a login cannot spoil the places of blocks to come.
REVOKE EXECUTE ON FUNCTION platform.anchor(integer, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION platform.anchors_between(integer, integer) TO scp_tenant;
