-- Transfers of a merchant to another MerchantOrg: what one changes, and carrying it out as it was reviewed: at once, or on its
-- day when a second person has approved it (docs/decisions/0029, 0041).

-- Who reaches the merchants of a MerchantOrg through it: people and keys.
CREATE OR REPLACE FUNCTION reach_of_org(org uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('type', r.type, 'id', r.id, 'name', r.name, 'role', r.role) ORDER BY r.type DESC, r.name, r.role, r.id), '[]')
  FROM (
    SELECT 'person' AS type, u.id, coalesce(u.name, u.email) AS name, o.name AS role
    FROM role_assignments a JOIN users u ON u.id = a.user_id JOIN roles o ON o.id = a.role_id
    WHERE a.merchant_org_id = org AND (a.expires_at IS NULL OR a.expires_at > now())
    UNION ALL
    SELECT 'api_key', k.id, k.name, o.name
    FROM api_keys k JOIN roles o ON o.id = k.role_id
    WHERE k.merchant_org_id = org AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())) r
$$;

-- What a transfer would change from a day on, with a digest that tells whether anything of it has changed since. No day is today.
-- Problems: not_found (merchant), invalid (the other MerchantOrg, the day), conflict (closed or archived merchant).
CREATE OR REPLACE FUNCTION transfer_preview(moved uuid, to_org uuid, from_day date DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  today date := tenant_today();
  merchant merchants;
  old_org merchant_orgs;
  new_org merchant_orgs;
  document jsonb;
BEGIN
  SELECT * INTO merchant FROM merchants m WHERE m.id = moved;
  IF NOT FOUND THEN PERFORM raise_problem('not_found'); END IF;
  SELECT * INTO old_org FROM merchant_orgs o WHERE o.id = merchant.merchant_org_id;
  SELECT * INTO new_org FROM merchant_orgs o WHERE o.id = to_org;
  IF new_org.id IS NULL OR new_org.id = old_org.id OR new_org.status = 'closed' OR new_org.archived_at IS NOT NULL
    OR new_org.status = 'suspended' AND merchant.status = 'active' THEN
    PERFORM raise_problem('invalid', jsonb_build_object('message', 'The merchant cannot move there.', 'errors',
      jsonb_build_object('merchant_org_id', jsonb_build_array(CASE
        WHEN new_org.id IS NULL THEN 'does not exist'
        WHEN new_org.id = old_org.id THEN 'is where the merchant is already'
        WHEN new_org.archived_at IS NOT NULL THEN 'is archived'
        ELSE 'is ' || new_org.status END))));
  ELSIF merchant.status = 'closed' THEN
    PERFORM raise_problem('conflict', '{"message": "A merchant that is closed stays where it is."}');
  ELSIF merchant.archived_at IS NOT NULL THEN
    PERFORM raise_problem('conflict', '{"message": "A merchant that is archived stays where it is."}');
  ELSIF from_day NOT BETWEEN today AND today + interval '1 year' THEN
    PERFORM raise_problem('invalid', jsonb_build_object('errors', jsonb_build_object('effective_date', jsonb_build_array(
      CASE WHEN from_day < today THEN format('must be today, %s, or later', today) ELSE 'must be within a year' END))));
  END IF;
  SELECT jsonb_build_object(
    'merchant', jsonb_build_object('id', merchant.id, 'name', merchant.name),
    'from', jsonb_build_object('id', old_org.id, 'name', old_org.name),
    'to', jsonb_build_object('id', new_org.id, 'name', new_org.name),
    'effective_date', coalesce(from_day, today),
    'loses_access', reach_of_org(old_org.id),
    'gains_access', reach_of_org(new_org.id),
    -- They stay between the merchant and the one it leaves.
    'open_items', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('account_id', a.id, 'code', a.code, 'name', a.name, 'currency', a.currency,
        'balance', s.debits - s.credits, 'pending_debits', s.pending_debits, 'pending_credits', s.pending_credits) ORDER BY a.code), '[]')
      FROM sums_now(ARRAY(SELECT a.id FROM accounts a JOIN books b ON b.id = a.book_id WHERE b.merchant_id = merchant.id)) s
      JOIN accounts a ON a.id = s.account_id
      WHERE s.pending_debits <> 0 OR s.pending_credits <> 0
        OR a.purpose IN ('due_from_related', 'due_to_related') AND s.debits <> s.credits))
  INTO document;
  RETURN document || jsonb_build_object('digest', encode(sha256(convert_to(document::text, 'UTF8')), 'hex'));
END $$;

-- The moves of a transfer (12-states.sql say which), beside what else binds them. Its terms never change; who may not wait for
-- a second person is done in the transaction that makes it; what has ended stays.
CREATE OR REPLACE FUNCTION keep_transfer_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  IF OLD.status = 'proposed' AND NEW.status = 'done' AND NEW.approved_by IS NULL AND OLD.created_at <> now() THEN
    PERFORM raise_problem('conflict', '{"message": "A transfer that waits is approved by a second person first."}');
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_rules BEFORE UPDATE OF status ON merchant_transfers
  FOR EACH ROW EXECUTE FUNCTION keep_transfer_rules();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE ON merchant_transfers
  FOR EACH ROW WHEN ((OLD.id, OLD.merchant_id, OLD.from_merchant_org_id, OLD.to_merchant_org_id, OLD.reason, OLD.created_by, OLD.created_at)
      IS DISTINCT FROM (NEW.id, NEW.merchant_id, NEW.from_merchant_org_id, NEW.to_merchant_org_id, NEW.reason, NEW.created_by, NEW.created_at)
    OR OLD.ended_at IS NOT NULL
      AND (OLD.status, OLD.effective_date, OLD.preview, OLD.approved_by, OLD.approved_at, OLD.ended_at, OLD.ended_because, OLD.outcome)
      IS DISTINCT FROM (NEW.status, NEW.effective_date, NEW.preview, NEW.approved_by, NEW.approved_at, NEW.ended_at, NEW.ended_because, NEW.outcome))
  EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_delete BEFORE DELETE ON merchant_transfers
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON merchant_transfers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- When something is to be done about transfers that wait, and the key of the job that does it.
CREATE OR REPLACE VIEW waiting_transfers AS
SELECT t.id, t.merchant_id, 'merchant_transfer.carry_out:' || t.id AS job_key,
  greatest((t.effective_date + CASE t.status WHEN 'scheduled' THEN 0 ELSE 1 END)::timestamp AT TIME ZONE z.time_zone, now()) AS due_at
FROM merchant_transfers t
CROSS JOIN tenant z
WHERE t.status IN ('proposed', 'scheduled');

-- Whoever this unit of work is the doing of.
CREATE OR REPLACE FUNCTION current_actor() RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('type', e.actor_type, 'id', e.actor_id, 'name', e.actor_name) FROM audit_events e WHERE e.id = current_event()
$$;

-- Has what waits looked at when its day begins in the tenant's zone, and what nobody approved when that day is over: one of them,
-- or all. What could not be done then is queued again by every sweep, and what is queued too late is queued anew. Returns how many.
CREATE OR REPLACE FUNCTION queue_transfers(only_one uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  queued bigint;
BEGIN
  DELETE FROM jobs j USING waiting_transfers w
  WHERE w.id = coalesce(only_one, w.id) AND j.unique_key = w.job_key AND j.state = 'queued' AND j.attempts = 0 AND j.run_at > w.due_at;
  INSERT INTO jobs (operation, input, unique_key, run_at)
  SELECT 'merchant_transfer.carry_out', jsonb_build_object('id', w.merchant_id, 'transfer_id', w.id), w.job_key, w.due_at
  FROM waiting_transfers w
  WHERE w.id = coalesce(only_one, w.id)
  ORDER BY w.id
  ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING;
  GET DIAGNOSTICS queued = ROW_COUNT;
  RETURN queued;
END $$;

-- A transfer that can make that move, locked. Problems: not_found, stale, conflict.
CREATE OR REPLACE FUNCTION lock_transfer(transfer uuid, wanted_version integer, move text) RETURNS merchant_transfers
LANGUAGE plpgsql AS $$
DECLARE
  found_transfer merchant_transfers;
BEGIN
  SELECT * INTO found_transfer FROM merchant_transfers t WHERE t.id = transfer FOR UPDATE;
  IF found_transfer.id IS NULL THEN
    PERFORM raise_problem('not_found');
  ELSIF found_transfer.version <> wanted_version THEN
    PERFORM raise_problem('stale');
  END IF;
  PERFORM raise_problem('conflict', jsonb_build_object('message',
    format('This transfer is %s: there is nothing to %s.', found_transfer.status, move)))
  WHERE NOT EXISTS (SELECT FROM state_moves s
    WHERE s.machine = 'merchant_transfer' AND s.action = move AND s.from_state = found_transfer.status);
  RETURN found_transfer;
END $$;

-- The merchant's books, its row and the one that it goes to, in the order in which everybody takes them.
CREATE OR REPLACE FUNCTION lock_moved(moved uuid, to_org uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_book(b.id) FROM books b WHERE b.merchant_id = moved;
  PERFORM FROM merchants m WHERE m.id = moved FOR UPDATE;
  PERFORM FROM merchant_orgs o WHERE o.id = to_org FOR SHARE;
END $$;

-- Moves the merchant and its books. What was posted stays as it is. Nobody's remembered rights outlive it.
CREATE OR REPLACE FUNCTION carry_out(transfer merchant_transfers, seen jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE merchants m SET merchant_org_id = transfer.to_merchant_org_id WHERE m.id = transfer.merchant_id;
  UPDATE books b SET merchant_org_id = transfer.to_merchant_org_id WHERE b.merchant_id = transfer.merchant_id;
  UPDATE access_state SET version = version + 1;
  UPDATE merchant_transfers t
  SET status = 'done', ended_at = now(), outcome = seen, effective_date = (seen ->> 'effective_date')::date
  WHERE t.id = transfer.id;
END $$;

CREATE OR REPLACE FUNCTION require_reviewed(seen jsonb, reviewed text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF seen ->> 'digest' <> reviewed THEN
    PERFORM raise_problem('conflict', '{"message": "Something changed since this was reviewed. Review it again."}');
  END IF;
END $$;

-- Records a transfer as it was reviewed, part of the operation around it: one of today is carried out with it, another waits
-- for a second person. Problems: those of transfer_preview, conflict (it is not what was reviewed).
CREATE OR REPLACE FUNCTION transfer_merchant(moved uuid, to_org uuid, from_day date, reviewed text, why text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  seen jsonb;
  transfer merchant_transfers;
BEGIN
  PERFORM lock_moved(moved, to_org);
  seen := transfer_preview(moved, to_org, from_day);
  PERFORM require_reviewed(seen, reviewed);
  INSERT INTO merchant_transfers (merchant_id, from_merchant_org_id, to_merchant_org_id, effective_date, reason, preview, created_by)
  VALUES (moved, (seen #>> '{from,id}')::uuid, to_org, (seen ->> 'effective_date')::date, why, seen, current_actor())
  RETURNING * INTO transfer;
  IF transfer.effective_date = tenant_today() THEN
    PERFORM carry_out(transfer, seen);
  ELSE
    PERFORM queue_transfers(transfer.id);
  END IF;
  RETURN transfer.id;
END $$;

-- By somebody else than who proposed it, as they reviewed it. Problems: not_found, stale, conflict, second_person_needed, those
-- of transfer_preview.
CREATE OR REPLACE FUNCTION approve_transfer(transfer uuid, wanted_version integer, reviewed text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  waiting merchant_transfers := lock_transfer(transfer, wanted_version, 'approve');
  seen jsonb;
BEGIN
  IF waiting.created_by ->> 'id' = current_actor() ->> 'id' THEN
    PERFORM raise_problem('second_person_needed', '{"message": "You proposed this transfer yourself. Somebody else has to approve it."}');
  ELSIF waiting.effective_date < tenant_today() THEN
    PERFORM raise_problem('conflict', '{"message": "Its day is over: propose it anew."}');
  END IF;
  seen := transfer_preview(waiting.merchant_id, waiting.to_merchant_org_id, waiting.effective_date);
  PERFORM require_reviewed(seen, reviewed);
  UPDATE merchant_transfers t SET status = 'scheduled', preview = seen, approved_by = current_actor(), approved_at = now()
  WHERE t.id = transfer;
  PERFORM queue_transfers(transfer);
END $$;

CREATE OR REPLACE FUNCTION cancel_transfer(transfer uuid, wanted_version integer, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM lock_transfer(transfer, wanted_version, 'cancel');
  UPDATE merchant_transfers t SET status = 'cancelled', ended_at = now(), ended_because = why WHERE t.id = transfer;
END $$;

-- Carries out a transfer whose day has come, once, whoever else tries; what forbids it by then ends it, and so does a day that
-- is over without an approval. Nobody compares digests any more: a key that was made meanwhile is no reason to stay. Returns why
-- this very call ended it.
CREATE OR REPLACE FUNCTION carry_out_transfer(wanted uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  transfer merchant_transfers;
  seen jsonb;
  code text;
  problem text;
BEGIN
  PERFORM lock_moved(t.merchant_id, t.to_merchant_org_id) FROM merchant_transfers t WHERE t.id = wanted;
  SELECT * INTO transfer FROM merchant_transfers t WHERE t.id = wanted FOR UPDATE;
  IF transfer.status = 'proposed' AND transfer.effective_date < tenant_today() THEN
    problem := 'Nobody else approved it before its day was over.';
  ELSIF transfer.status = 'scheduled' AND transfer.effective_date <= tenant_today() THEN
    BEGIN
      seen := transfer_preview(transfer.merchant_id, transfer.to_merchant_org_id);
      IF (seen #>> '{from,id}')::uuid <> transfer.from_merchant_org_id THEN
        PERFORM raise_problem('conflict', '{"message": "The merchant is under another MerchantOrg by now."}');
      END IF;
      PERFORM carry_out(transfer, seen);
    EXCEPTION WHEN SQLSTATE 'SCP01' THEN
      GET STACKED DIAGNOSTICS code = MESSAGE_TEXT, problem = PG_EXCEPTION_DETAIL;
      problem := coalesce((transfer.preview #>> '{to,name}') || ' ' || (problem::jsonb #>> '{errors,merchant_org_id,0}') || '.',
        problem::jsonb ->> 'message', code);
    END;
  END IF;
  IF problem IS NOT NULL THEN
    UPDATE merchant_transfers t SET status = 'failed', ended_at = now(), ended_because = problem WHERE t.id = wanted;
  END IF;
  RETURN problem;
END $$;
