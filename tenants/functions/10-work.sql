-- The unit of work. `work` is the envelope that the kernel makes of one outermost operation:
--   { operation, summary, actor: {type, id, name, impersonator?, delegator?}, resource: {type, id}?, scope,
--     request: {id, door, address?, user_agent?}, idempotency: {key, hash}?, access_version? }
-- Errors that are part of the contract are raised with SQLSTATE SCP01: message = problem code, detail = JSON of the
-- problem's further members; its `message` is the sentence for the person.
--
-- Functions without a pinned search_path are never called from outside, only by those that have one; functions with a
-- RETURN body need none, their names were resolved when they were created.

CREATE OR REPLACE FUNCTION raise_problem(code text, detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'SCP01', MESSAGE = code, DETAIL = detail::text;
END $$;

-- Instants on the wire: RFC 3339, UTC, microseconds.
CREATE OR REPLACE FUNCTION rfc3339(instant timestamptz) RETURNS text
LANGUAGE sql STABLE
RETURN to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- Writes an audit event, and of a success has this transaction record what it does under it from here on.
CREATE OR REPLACE FUNCTION record_event(event uuid, work jsonb, outcome audit_outcome, details jsonb, epoch smallint) RETURNS uuid
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_events (id, actor_type, actor_id, actor_name, impersonator, delegator, action,
    resource_type, resource_id, outcome, door, address, user_agent, request_id, details, epoch)
  VALUES (record_event.event, (work #>> '{actor,type}')::actor_type, work #>> '{actor,id}', work #>> '{actor,name}',
    work #> '{actor,impersonator}', work #> '{actor,delegator}', work ->> 'operation',
    work #>> '{resource,type}', work #>> '{resource,id}', record_event.outcome, work #>> '{request,door}',
    work #>> '{request,address}', work #>> '{request,user_agent}', work #>> '{request,id}', record_event.details, record_event.epoch);
  RETURN CASE record_event.outcome WHEN 'success' THEN set_config('scp.event', event::text, true)::uuid ELSE event END;
END $$;

-- The audit event of this transaction, or null. Proved by its transaction id, so a forged setting is of no use.
CREATE OR REPLACE FUNCTION current_event() RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT id FROM audit_events
  WHERE id = nullif(current_setting('scp.event', true), '')::uuid AND xid = pg_current_xact_id_if_assigned());

-- Whose idempotency keys these are: those of an impersonation are not those of the person.
CREATE OR REPLACE FUNCTION key_owner(work jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(work #>> '{actor,impersonator,impersonation_id}', work #>> '{actor,id}');

-- Opens the unit of work, or joins the one that this transaction has: claims the idempotency key and writes the audit event
-- that lets this transaction change rows. Answers the event; or, when this very request is a replay and nothing is written,
-- what was answered before. A second caller with the same key waits here until the first has committed.
-- `posting` are the transactions that this work will make: its answer is the ledger's own and no copy is kept, so that a
-- replay is told which transactions it `posted`.
-- Problems: idempotency_conflict (same key, other request), already_done (same request, secret answer).
CREATE OR REPLACE FUNCTION open_work(work jsonb, posting uuid[] DEFAULT NULL, OUT event uuid, OUT replay jsonb, OUT posted uuid[])
LANGUAGE plpgsql AS $$
DECLARE
  state record;
BEGIN
  IF current_setting('scp.event', true) <> '' THEN
    event := current_event();
    IF event IS NOT NULL THEN RETURN; END IF;
  END IF;
  IF work #> '{actor,impersonator}' <> 'null' THEN
    PERFORM require_impersonation(work, false);
    -- Money never, whatever the code around thinks of its risk.
    IF posting IS NOT NULL THEN PERFORM raise_problem('not_while_impersonating'); END IF;
  END IF;
  SELECT a.version, l.epoch INTO state FROM access_state a CROSS JOIN ledger_state l;
  -- The actor's rights were read before: nothing may have been taken from anybody since.
  IF state.version <> (work -> 'access_version')::bigint THEN
    RAISE EXCEPTION 'keys, roles or sessions have changed' USING ERRCODE = 'SCP04';
  END IF;
  event := uuidv7();
  WHILE work -> 'idempotency' <> 'null' LOOP
    INSERT INTO idempotency_keys (actor_id, key, operation, request_hash, event_id, status, transaction_ids)
    VALUES (key_owner(work), work #>> '{idempotency,key}', work ->> 'operation', work #>> '{idempotency,hash}', event,
      CASE WHEN posting IS NOT NULL THEN 201 END, posting)
    ON CONFLICT DO NOTHING;
    EXIT WHEN FOUND;
    SELECT a.replay, a.posted INTO replay, posted FROM answer_again(work) a;
    IF coalesce(replay::text, posted::text) IS NOT NULL THEN RETURN; END IF;
  END LOOP;
  PERFORM record_event(event, work, 'success', jsonb_build_object('summary', work -> 'summary'), state.epoch);
END $$;

-- What this request was answered before; nothing when its key was another day's, which is free from now on.
CREATE OR REPLACE FUNCTION answer_again(work jsonb, OUT replay jsonb, OUT posted uuid[])
LANGUAGE plpgsql AS $$
DECLARE
  actor text := key_owner(work);
  wanted_key text := work #>> '{idempotency,key}';
  known idempotency_keys;
BEGIN
  DELETE FROM idempotency_keys k WHERE k.actor_id = actor AND k.key = wanted_key AND k.created_at < now() - interval '24 hours';
  SELECT * INTO known FROM idempotency_keys k WHERE k.actor_id = actor AND k.key = wanted_key;
  IF known.operation <> work ->> 'operation' OR known.request_hash <> work #>> '{idempotency,hash}' THEN
    PERFORM raise_problem('idempotency_conflict');
  ELSIF known.transaction_ids IS NOT NULL THEN
    posted := known.transaction_ids;
  ELSIF known.response IS NOT NULL THEN
    replay := jsonb_build_object('replay', jsonb_build_object('status', known.status, 'body', known.response));
  ELSIF known.key IS NOT NULL THEN
    PERFORM raise_problem('already_done');
  END IF;
END $$;

-- Keeps the answer for replays of the same key; of a secret answer only that there was one.
CREATE OR REPLACE FUNCTION keep_answer(work jsonb, answer_status integer, answer text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF work #>> '{idempotency,key}' IS NOT NULL THEN
    UPDATE idempotency_keys k SET status = answer_status, response = answer
    WHERE k.actor_id = key_owner(work) AND k.key = work #>> '{idempotency,key}';
  END IF;
END $$;

-- open_work and keep_answer for the kernel. Returns {event_id} or {replay: {status, body}}.
CREATE OR REPLACE FUNCTION work_begin(work jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
BEGIN
  RETURN coalesce(begun.replay, jsonb_build_object('event_id', begun.event));
END $$;

CREATE OR REPLACE FUNCTION work_complete(work jsonb, answer_status integer, answer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM keep_answer(work, answer_status, answer);
END $$;

-- Goes on under a further event of the same unit of work: who and what as before, with a summary of its own. For work of any
-- number of rows, so that no event grows beyond what can be read, sealed and searched.
CREATE OR REPLACE FUNCTION continue_work(summary text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  further uuid := uuidv7();
BEGIN
  INSERT INTO audit_events (id, actor_type, actor_id, actor_name, impersonator, delegator, action,
    resource_type, resource_id, outcome, door, address, user_agent, request_id, details, epoch)
  SELECT further, e.actor_type, e.actor_id, e.actor_name, e.impersonator, e.delegator, e.action,
    e.resource_type, e.resource_id, e.outcome, e.door, e.address, e.user_agent, e.request_id,
    jsonb_build_object('summary', continue_work.summary), e.epoch
  FROM audit_events e WHERE e.id = current_event();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'nothing to go on with outside an audited unit of work' USING ERRCODE = 'SCP02';
  END IF;
  RETURN set_config('scp.event', further::text, true)::uuid;
END $$;

-- Records that an operation was denied, in a transaction of its own. The first five per actor, operation, subject and
-- minute leave an event each, after that every doubling leaves one with the count. When an operation was denied a hundred times
-- within the minute, further subjects are counted together: every doubling of all leaves an event without a subject.
-- `about` is personal data that an erasure of the event takes, unlike its resource.
CREATE OR REPLACE FUNCTION work_deny(work jsonb, code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  who text := work #>> '{actor,id}';
  what text := work ->> 'operation';
  whom text := coalesce(work #>> '{resource,id}', '');
  this_minute timestamptz := date_trunc('minute', now());
  seen integer;
  in_all integer;
BEGIN
  INSERT INTO denial_counts AS kept (actor_id, action, subject, minute, count) VALUES ('*', what, '*', this_minute, 1)
  ON CONFLICT (actor_id, action, subject, minute) DO UPDATE SET count = kept.count + 1
  RETURNING count INTO in_all;
  UPDATE denial_counts d SET count = d.count + 1 WHERE (d.actor_id, d.action, d.subject, d.minute) = (who, what, whom, this_minute)
  RETURNING d.count INTO seen;
  IF seen IS NULL AND in_all <= 100 THEN
    INSERT INTO denial_counts (actor_id, action, subject, minute, count) VALUES (who, what, whom, this_minute, 1);
    seen := 1;
  ELSIF seen IS NULL THEN
    seen := in_all;
    work := work #- '{resource,id}' #- '{resource,about}';
  END IF;
  IF seen <= 5 OR seen & (seen - 1) = 0 THEN
    PERFORM record_event(uuidv7(), work, 'denied', jsonb_strip_nulls(jsonb_build_object('summary', work ->> 'summary', 'code', code,
      'count', seen, 'about', work #>> '{resource,about}')), l.epoch)
    FROM ledger_state l;
  END IF;
END $$;

-- Drops what has outlived its purpose. Returns how many rows went.
CREATE OR REPLACE FUNCTION sweep_expired() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  WITH devices AS (DELETE FROM known_devices WHERE seen_at < now() - interval '180 days' RETURNING 1),
    keys AS (DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours' RETURNING 1),
    challenges AS (DELETE FROM spent_challenges WHERE expires_at < now() RETURNING 1),
    flows AS (DELETE FROM sso_flows WHERE expires_at < now() RETURNING 1),
    counts AS (DELETE FROM denial_counts WHERE minute < now() - interval '1 hour' RETURNING 1),
    mails AS (DELETE FROM mailbox WHERE expires_at < now() RETURNING 1),
    unsent AS (UPDATE outbox SET payload = payload - 'sealed_body' - 'body'
      WHERE expires_at < now() AND payload ?| ARRAY['sealed_body', 'body'] RETURNING 1),
    idle_imports AS (UPDATE imports SET status = 'cancelled', finished_at = now()
      WHERE status NOT IN ('done', 'cancelled') AND updated_at < now() - interval '30 days' RETURNING 1),
    ended AS MATERIALIZED (SELECT id FROM imports WHERE status IN ('done', 'cancelled') AND finished_at < now() - interval '30 days'),
    parts AS (DELETE FROM import_parts p USING imports i WHERE i.id = p.import_id AND i.status IN ('done', 'cancelled') RETURNING 1),
    lines AS (DELETE FROM import_rows r USING ended e WHERE e.id = r.import_id RETURNING 1),
    wrong AS (DELETE FROM import_errors w USING ended e WHERE e.id = w.import_id RETURNING 1)
  SELECT (SELECT count(*) FROM devices) + (SELECT count(*) FROM keys)
    + (SELECT count(*) FROM challenges) + (SELECT count(*) FROM flows) + (SELECT count(*) FROM counts) + (SELECT count(*) FROM mails)
    + (SELECT count(*) FROM idle_imports) + (SELECT count(*) FROM parts) + (SELECT count(*) FROM lines) + (SELECT count(*) FROM wrong)
    + (SELECT count(*) FROM unsent)
$$;

-- Drops what is over for longer than the tenant keeps it: sessions, mails (to whom and about what), finished jobs and isolation
-- probes; never the ledger, nor the audit trail. So many of each at a time, the oldest first: the next hour goes on. Returns how
-- many of each went.
CREATE OR REPLACE FUNCTION prune_kept(at_once integer DEFAULT 10000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  since timestamptz := (SELECT now() - make_interval(days => t.retention_days) FROM tenant t);
  pruned jsonb;
BEGIN
  WITH gone AS (DELETE FROM sessions WHERE id IN (
      SELECT s.id FROM sessions s WHERE s.expires_at < since ORDER BY s.expires_at LIMIT at_once) RETURNING 1),
    sent AS (DELETE FROM outbox WHERE id IN (
      SELECT o.id FROM outbox o WHERE o.created_at < since AND o.expires_at < now() ORDER BY o.created_at LIMIT at_once) RETURNING 1),
    done AS (DELETE FROM jobs WHERE id IN (
      SELECT j.id FROM jobs j WHERE j.state = 'succeeded' AND j.finished_at < since ORDER BY j.finished_at LIMIT at_once) RETURNING 1),
    probed AS (DELETE FROM isolation_probes WHERE id IN (
      SELECT p.id FROM isolation_probes p WHERE p.probed_at < since ORDER BY p.probed_at LIMIT at_once) RETURNING 1)
  SELECT jsonb_build_object('sessions', (SELECT count(*) FROM gone), 'mails', (SELECT count(*) FROM sent),
    'jobs', (SELECT count(*) FROM done), 'probes', (SELECT count(*) FROM probed)) INTO pruned;
  RETURN pruned;
END $$;

-- The write guard: a row of a guarded table changes only in a transaction that holds its own audit event, and the
-- change is recorded with it.
CREATE OR REPLACE FUNCTION guard_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  event uuid := current_event();
  secrets text[] := TG_ARGV;
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  IF event IS NULL THEN
    RAISE EXCEPTION 'write to % outside an audited unit of work', TG_TABLE_NAME USING ERRCODE = 'SCP02';
  END IF;
  INSERT INTO audit_changes (event_id, position, table_name, row_id, verb, before, after)
  SELECT event, coalesce((SELECT max(c.position) FROM audit_changes c WHERE c.event_id = event), 0) + 1, TG_TABLE_NAME,
    coalesce(new_row, old_row) ->> 'id', lower(TG_OP),
    (SELECT jsonb_object_agg(key, CASE WHEN key = ANY (secrets) THEN '"[redacted]"'::jsonb ELSE value END)
       FROM jsonb_each(old_row) WHERE new_row IS NULL OR new_row -> key IS DISTINCT FROM value),
    (SELECT jsonb_object_agg(key, CASE WHEN key = ANY (secrets) THEN '"[redacted]"'::jsonb ELSE value END)
       FROM jsonb_each(new_row) WHERE old_row IS NULL OR old_row -> key IS DISTINCT FROM value);
  RETURN NULL;
END $$;

-- Every change of a row is a new version: what ETag and If-Match compare.
CREATE OR REPLACE FUNCTION bump_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION bump_access() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  UPDATE access_state SET version = version + 1;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER bump_access AFTER UPDATE OR DELETE ON api_keys
  FOR EACH STATEMENT EXECUTE FUNCTION bump_access();
CREATE OR REPLACE TRIGGER bump_access AFTER UPDATE OR DELETE ON roles
  FOR EACH STATEMENT EXECUTE FUNCTION bump_access();
CREATE OR REPLACE TRIGGER bump_access AFTER UPDATE OR DELETE ON role_assignments
  FOR EACH ROW EXECUTE FUNCTION bump_access();
CREATE OR REPLACE TRIGGER bump_access AFTER UPDATE OF status ON users
  FOR EACH ROW WHEN (NEW.status <> 'active') EXECUTE FUNCTION bump_access();
CREATE OR REPLACE TRIGGER bump_access_with_user AFTER DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION bump_access();
CREATE OR REPLACE TRIGGER bump_access AFTER DELETE ON sessions
  FOR EACH ROW WHEN (OLD.expires_at > now()) EXECUTE FUNCTION bump_access();

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: what is written there never changes', TG_OP, TG_TABLE_NAME USING ERRCODE = 'SCP03';
END $$;

-- Guarded: every table whose rows staff can change. Not guarded: the kernel's own records (idempotency_keys, jobs,
-- outbox, mailbox, sessions, sso_flows, known_devices, api_key_uses, spent_challenges, denial_counts, import_parts, import_rows,
-- import_errors), whose cause is an event already, and the append-only tables below.
DO $$
DECLARE
  guarded record;
BEGIN
  FOR guarded IN
    SELECT * FROM (VALUES ('tenant', '''logo'''), ('users', '''password_hash'''), ('roles', ''), ('role_assignments', ''),
      ('api_keys', '''key_hash'', ''previous_key_hash'''), ('invitations', '''token_hash'''), ('password_resets', '''token_hash'''),
      ('second_factors', '''sealed_secret'''), ('recovery_codes', '''code_hash'''),
      ('passkeys', '''credential_id'', ''public_key'''), ('merchant_orgs', ''), ('merchants', ''),
      ('books', ''), ('accounts', ''), ('statement_sources', ''), ('statements', ''), ('reconciliation_matches', ''),
      ('saved_searches', ''), ('alert_rules', ''), ('alerts', ''), ('impersonations', ''),
      ('sso_connections', '''sealed_client_secret'''), ('sso_role_mappings', ''), ('sso_identities', ''),
      ('feature_flags', ''), ('feature_flag_overrides', ''),
      ('settings', ''), ('locations', ''), ('providers', ''), ('provider_absences', ''), ('service_categories', ''), ('services', ''),
      ('service_providers', ''), ('packages', ''), ('package_services', ''), ('end_customers', ''), ('appointments', ''),
      ('appointment_services', ''), ('customer_invoices', ''), ('customer_invoice_lines', ''),
      ('customer_payments', '''card_token'''), ('customer_refunds', ''),
      ('prospects', ''), ('prospect_activities', ''),
      ('contacts', ''), ('terms_acceptances', ''), ('onboarding_waivers', ''),
      ('imports', ''), ('merchant_transfers', '''preview'', ''outcome'''),
      ('quotas', '')) AS t (table_name, secrets)
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER guard_write AFTER INSERT OR UPDATE OR DELETE ON %I
      FOR EACH ROW EXECUTE FUNCTION guard_write(%s)', guarded.table_name, guarded.secrets);
    -- What is made and taken back, never changed, has no version.
    IF guarded.table_name NOT IN ('reconciliation_matches', 'service_providers', 'package_services', 'appointment_services',
      'customer_invoice_lines', 'contacts', 'terms_acceptances', 'onboarding_waivers') THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER bump_version BEFORE UPDATE ON %I
        FOR EACH ROW EXECUTE FUNCTION bump_version()', guarded.table_name);
    END IF;
  END LOOP;
  FOR guarded IN
    SELECT unnest(ARRAY['audit_events', 'audit_changes', 'transaction_journals', 'transaction_lines', 'period_events',
      'terms_acceptances',
      'prospect_moves']) AS table_name
  LOOP
    -- Events and changes let an erasure through, and nothing else (32-audit-erasure.sql).
    IF guarded.table_name NOT LIKE 'audit%' THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %I
        FOR EACH ROW EXECUTE FUNCTION refuse_change()', guarded.table_name);
    END IF;
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', guarded.table_name);
  END LOOP;
END $$;

-- A job that is due some day makes the control plane wake this tenant then.
CREATE OR REPLACE FUNCTION wake_for_job() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM platform.wake(NEW.run_at);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER wake_for_job AFTER INSERT ON jobs
  FOR EACH ROW EXECUTE FUNCTION wake_for_job();
