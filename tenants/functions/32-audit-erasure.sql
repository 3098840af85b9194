-- Erasure of what people wrote in sealed events, and of who they are beside their ids: the seal keeps the hash of it, so the
-- chain holds (docs/decisions/0014, 0022).

-- What is written never changes, but what people wrote may give way to the one mark of an erasure. Nobody but this file's
-- functions does so, and the verification finds a blank without its erasing event.
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE ON audit_events
  FOR EACH ROW WHEN (NEW.actor_name <> '[erased]' OR NEW.details <> '{}'
    OR num_nonnulls(NEW.impersonator, NEW.delegator, NEW.address, NEW.user_agent) > 0
    OR (OLD.id, OLD.recorded_at, OLD.epoch, OLD.xid, OLD.actor_type, OLD.actor_id, OLD.action, OLD.resource_type, OLD.resource_id,
      OLD.outcome, OLD.door, OLD.request_id) IS DISTINCT FROM (NEW.id, NEW.recorded_at, NEW.epoch, NEW.xid, NEW.actor_type,
      NEW.actor_id, NEW.action, NEW.resource_type, NEW.resource_id, NEW.outcome, NEW.door, NEW.request_id))
  EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_delete BEFORE DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE ON audit_changes
  FOR EACH ROW WHEN (num_nonnulls(NEW.before, NEW.after) > 0 OR num_nonnulls(OLD.before, OLD.after) = 0
    OR (OLD.event_id, OLD.position, OLD.table_name, OLD.row_id, OLD.verb)
      IS DISTINCT FROM (NEW.event_id, NEW.position, NEW.table_name, NEW.row_id, NEW.verb))
  EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_delete BEFORE DELETE ON audit_changes
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Asks for an erasure, inside the unit of work audit.erase, which it names as the erasing event.
CREATE OR REPLACE FUNCTION request_erasure(erasure uuid, of_actor text, of_type text, of_id text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  INSERT INTO audit_erasures (id, event_id, epoch, actor_id, resource_type, resource_id, reason)
  SELECT erasure, e.id, e.epoch, of_actor, of_type, of_id, why
  FROM audit_events e WHERE e.id = current_event() AND e.action = 'audit.erase';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'an erasure outside its unit of work' USING ERRCODE = 'SCP02';
  END IF;
END $$;

-- Carries out the oldest erasure that is not done, at most so many events of it, as far as they are sealed and searchable.
-- It is done when everything recorded before it was. Returns {erased, has_more}.
CREATE OR REPLACE FUNCTION erase_sealed(events_at_once integer DEFAULT 500) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  wanted audit_erasures;
  bound record;
  ids uuid[];
  gone integer;
BEGIN
  SELECT * INTO wanted FROM audit_erasures r WHERE r.done_at IS NULL ORDER BY r.id LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN
    RETURN '{"erased": 0, "has_more": false}';
  END IF;
  SELECT p.epoch, p.xid INTO bound
  FROM (
    (SELECT b.to_epoch AS epoch, b.to_xid AS xid FROM seal_blocks b ORDER BY b.number DESC LIMIT 1)
    UNION ALL SELECT s.epoch, s.horizon FROM audit_search_state s
    UNION ALL SELECT wanted.epoch, wanted.xid) p
  ORDER BY p.epoch, p.xid LIMIT 1;
  ids := ARRAY(
    SELECT s.event_id
    FROM audit_search s
    JOIN audit_events e ON e.id = s.event_id
    WHERE s.document @@ (search_query(NULL, CASE WHEN wanted.actor_id IS NOT NULL THEN ARRAY['@actor=' || wanted.actor_id]
        ELSE ARRAY['@resource_type=' || wanted.resource_type, '@resource_id=' || wanted.resource_id] END, NULL) && '!''@erased=true''')
      AND (e.epoch, e.xid) < (bound.epoch, bound.xid) AND EXISTS (SELECT FROM seal_blocks)
    ORDER BY s.event_id LIMIT events_at_once);

  -- The hash of what is erased takes the place of its salt, first, while it can still be computed.
  UPDATE seal_leaves l SET salt = NULL, texts_hash = texts_hash(l.salt, n.texts), erased_by = wanted.event_id
  FROM audit_events e
  CROSS JOIN LATERAL (SELECT b.number FROM seal_blocks b WHERE (b.to_epoch, b.to_xid) > (e.epoch, e.xid) ORDER BY b.number LIMIT 1) b
  CROSS JOIN LATERAL entries_between(e.epoch, e.xid, e.epoch, (e.xid::text::numeric + 1)::text::xid8) n
  WHERE e.id = ANY (ids) AND n.kind = 'event' AND n.id = e.id AND l.block = b.number AND l.kind = 'event' AND l.id = e.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  IF gone <> cardinality(ids) THEN
    RAISE EXCEPTION 'an event to be erased is in no block: the ledger has to be verified first';
  END IF;
  UPDATE audit_changes c SET before = NULL, after = NULL WHERE c.event_id = ANY (ids) AND num_nonnulls(c.before, c.after) > 0;
  UPDATE audit_events e SET actor_name = '[erased]', impersonator = NULL, delegator = NULL, address = NULL, user_agent = NULL, details = '{}'
  WHERE e.id = ANY (ids);
  UPDATE audit_search s SET document = d.document
  FROM unnest(ids) AS n (id) CROSS JOIN LATERAL audit_entry(n.id) d
  WHERE s.event_id = n.id;
  UPDATE audit_erasures r SET erased = r.erased + gone,
    done_at = CASE WHEN gone < events_at_once AND (bound.epoch, bound.xid) = (wanted.epoch, wanted.xid) THEN now() END
  WHERE r.id = wanted.id;
  RETURN jsonb_build_object('erased', gone,
    'has_more', gone = events_at_once OR (bound.epoch, bound.xid) = (wanted.epoch, wanted.xid));
END $$;

GRANT EXECUTE ON FUNCTION request_erasure(uuid, text, text, text, text), erase_sealed(integer) TO {{role}};
