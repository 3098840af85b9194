-- What a new tenant starts with. Called once by provisioning, as owner, in the transaction that creates the schema.
-- input: {tenant_id, slug, name, owner_email, invitation_hash, currency, time_zone, locale, request_id,
--         api_key: {id?, hash, prefix} or null}
CREATE OR REPLACE FUNCTION install_defaults(input jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  tenant_id uuid := (input ->> 'tenant_id')::uuid;
  owner_role uuid;
  owner_user uuid;
BEGIN
  PERFORM work_begin(jsonb_build_object('operation', 'tenant.provision', 'summary', 'Provisioned the tenant',
    'actor', '{"type": "system", "id": "provisioning", "name": "Provisioning"}'::jsonb,
    'resource', jsonb_build_object('type', 'tenant', 'id', tenant_id),
    'request', jsonb_build_object('id', input ->> 'request_id', 'door', 'command')));

  INSERT INTO tenant (id, slug, name, locale, time_zone, currency)
  VALUES (tenant_id, input ->> 'slug', input ->> 'name', input ->> 'locale', input ->> 'time_zone', input ->> 'currency');

  INSERT INTO roles (key, name, description) VALUES
    ('owner', 'Owner', 'Everything, including owners and billing of the platform'),
    ('admin', 'Admin', 'Everything an owner may do'),
    ('finance', 'Finance', 'The ledger, billing and reports'),
    ('sales', 'Sales', 'Prospects and onboarding'),
    ('support', 'Support', 'Reads customers and their set-up, helps merchants'),
    ('auditor', 'Auditor', 'Reads everything, changes nothing'),
    ('merchant_manager', 'Merchant manager', 'Runs the businesses in scope'),
    ('merchant_staff', 'Merchant staff', 'Daily work of one business'),
    ('ai_agent', 'AI agent', 'What an assistant may do without asking');

  INSERT INTO users (email, name) VALUES (lower(input ->> 'owner_email'), 'Owner') RETURNING id INTO owner_user;
  SELECT id INTO STRICT owner_role FROM roles WHERE key = 'owner';
  INSERT INTO role_assignments (user_id, role_id) VALUES (owner_user, owner_role);
  INSERT INTO invitations (user_id, token_hash, expires_at)
  VALUES (owner_user, input ->> 'invitation_hash', now() + interval '14 days');

  IF input -> 'api_key' <> 'null' THEN
    INSERT INTO api_keys (id, name, prefix, key_hash, role_id)
    VALUES (coalesce((input #>> '{api_key,id}')::uuid, uuidv7()), 'First API key', input #>> '{api_key,prefix}',
      input #>> '{api_key,hash}', owner_role);
  END IF;

  PERFORM open_book('tenant', tenant_id, NULL, input ->> 'name', input ->> 'currency');
  INSERT INTO jobs (operation, every, unique_key) VALUES
    ('housekeeping.sweep', '1 hour', 'housekeeping.sweep'),
    ('ledger.settle', '15 minutes', 'ledger.settle every'),
    ('isolation.probe', '15 minutes', 'isolation.probe every'),
    ('alert.watch', '5 minutes', 'alert.watch every'),
    ('usage.measure', '1 hour', 'usage.measure every');
  INSERT INTO jobs (operation, every, unique_key, run_at) VALUES
    ('ledger.check', '1 day', 'ledger.check every', now() + interval '1 day');
END $$;
