-- A tenant that was restored from a file begins here (docs/decisions/0034-export-and-restore.md). Called once, as owner, in
-- the transaction that restores it. input: {tenant_id, slug, exported_at, exported_slug, request_id}
CREATE OR REPLACE FUNCTION begin_restored(input jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  state ledger_state;
BEGIN
  -- Transaction ids of another server mean nothing here: everything is folded, and the next epoch begins before anything is
  -- recorded, so that the event of the restore is its first entry.
  SELECT * INTO STRICT state FROM ledger_state FOR UPDATE;
  PERFORM fold_range(state, (state.epoch + 1)::smallint, '0', 64);
  PERFORM work_begin(jsonb_build_object('operation', 'tenant.restore',
    'summary', format('Restored the tenant from the export of %s', input ->> 'exported_at'),
    'actor', '{"type": "system", "id": "provisioning", "name": "Provisioning"}'::jsonb,
    'resource', jsonb_build_object('type', 'tenant', 'id', input -> 'tenant_id'),
    'request', jsonb_build_object('id', input ->> 'request_id', 'door', 'command')));
  UPDATE books SET epoch = state.epoch + 1;
  -- Books keep the id that the tenant had when they were opened: sealed transactions name it.
  UPDATE settings s SET owner_id = (input ->> 'tenant_id')::uuid WHERE s.level = 'tenant' AND s.owner_id <> (input ->> 'tenant_id')::uuid;
  UPDATE tenant SET id = (input ->> 'tenant_id')::uuid, slug = input ->> 'slug'
  WHERE (id, slug) <> ((input ->> 'tenant_id')::uuid, input ->> 'slug');
  UPDATE impersonations SET ended_at = now(), ended_because = 'session_ended' WHERE ended_at IS NULL AND expires_at > now();
END $$;
