-- The seal (docs/decisions/0014-seal.md): what lies below the folded horizon is put into blocks, in the order of its
-- recording, and never changes again. Every block holds the hash of the one before and is anchored in the control plane.

-- What is sealed, in the order of the seal. `fixed` is what stays for ever, `texts` what people wrote and the law may have
-- erased; both are JSON in the one way that jsonb prints it, instants in UTC with microseconds. These are the bytes that
-- are hashed: a change here would break every chain there is, and needs another format beside this one.
CREATE OR REPLACE FUNCTION entries_between(from_epoch smallint, from_xid xid8, to_epoch smallint, to_xid xid8)
RETURNS TABLE (kind seal_kind, id uuid, epoch smallint, xid xid8, recorded_at timestamptz, transaction_id uuid, fixed text,
  texts text, is_erased boolean)
LANGUAGE sql STABLE AS $$
  SELECT 'journal'::seal_kind, j.id, j.epoch, j.xid, j.recorded_at, j.transaction_id,
    jsonb_build_array('journal', j.id, j.transaction_id, j.book_id, j.kind, j.effective_date, j.original_effective_date,
      rfc3339(j.recorded_at), j.epoch, j.xid::text, l.fixed,
      CASE WHEN t.id IS NOT NULL THEN jsonb_build_array(t.type, t.category, t.from_type, t.from_id, t.to_type, t.to_id, t.amount,
        t.currency, t.effective_date, rfc3339(t.recorded_at), rfc3339(t.expires_at), t.source, t.external_id, t.caused_by,
        t.event_id, CASE j.kind WHEN 'post' THEN t.posted_amount END) END)::text,
    -- A transaction is given a reason once: by the step that voids or reverses it.
    jsonb_build_array(t.description, t.metadata::text,
      CASE WHEN j.kind = 'reversal' OR j.kind = 'release' AND t.status = 'voided' THEN t.reason END, l.memos)::text,
    t.description = '[erased]' AND t.metadata = '{}' AND l.memos IS NULL AND coalesce(t.reason, '[erased]') = '[erased]'
  FROM transaction_journals j
  LEFT JOIN transactions t ON t.id = j.transaction_id
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(l.position, l.account_id, l.book_id, l.currency, l.side, l.amount, l.counterparty_book_id,
        l.effective_date, rfc3339(l.recorded_at), l.epoch, l.xid::text, l.kind) ORDER BY l.position) AS fixed,
      jsonb_agg(jsonb_build_array(l.position, l.memo) ORDER BY l.position) FILTER (WHERE l.memo IS NOT NULL) AS memos
    FROM transaction_lines l WHERE l.journal_id = j.id) l
  WHERE (j.epoch, j.xid) >= (from_epoch, from_xid) AND (j.epoch, j.xid) < (to_epoch, to_xid)
  UNION ALL
  SELECT 'event', e.id, e.epoch, e.xid, e.recorded_at, NULL,
    jsonb_build_array('event', e.id, rfc3339(e.recorded_at), e.epoch, e.xid::text, e.actor_type, e.actor_id, e.action,
      e.resource_type, e.resource_id, e.outcome, e.door, e.request_id, c.fixed)::text,
    jsonb_build_array(e.actor_name, e.impersonator::text, e.delegator::text, e.address, e.user_agent, e.details::text, c.texts)::text,
    e.actor_name = '[erased]' AND e.details = '{}' AND c.texts IS NULL
      AND num_nonnulls(e.impersonator, e.delegator, e.address, e.user_agent) = 0
  FROM audit_events e
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(c.position, c.table_name, c.row_id, c.verb) ORDER BY c.position) AS fixed,
      jsonb_agg(jsonb_build_array(c.position, c.before::text, c.after::text) ORDER BY c.position)
        FILTER (WHERE num_nonnulls(c.before, c.after) > 0) AS texts
    FROM audit_changes c WHERE c.event_id = e.id) c
  WHERE (e.epoch, e.xid) >= (from_epoch, from_xid) AND (e.epoch, e.xid) < (to_epoch, to_xid)
$$;

CREATE OR REPLACE FUNCTION texts_hash(salt bytea, texts text) RETURNS bytea
LANGUAGE sql IMMUTABLE
RETURN sha256(salt || convert_to(texts, 'UTF8'));

CREATE OR REPLACE FUNCTION leaf_hash(fixed text, texts_hash bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE
RETURN sha256(convert_to(fixed, 'UTF8') || texts_hash);

CREATE OR REPLACE FUNCTION block_hash(b seal_blocks) RETURNS bytea
LANGUAGE sql STABLE
RETURN sha256(convert_to(jsonb_build_array('block', b.format, b.number, encode(b.previous_hash, 'hex'), b.from_epoch, b.from_xid::text,
  b.to_epoch, b.to_xid::text, b.journals, b.events, rfc3339(b.sealed_until), rfc3339(b.sealed_at), encode(b.root, 'hex'))::text, 'UTF8'));

-- The hash that the first block takes for the one before it.
CREATE OR REPLACE FUNCTION no_hash() RETURNS bytea
LANGUAGE sql IMMUTABLE
RETURN decode(repeat('00', 32), 'hex');

-- Where a block that begins at (from_epoch, from_xid) ends: after so many journals or events, and at the horizon at the
-- latest. All that one transaction recorded stays together. Null when there is nothing to seal.
CREATE OR REPLACE FUNCTION end_of_block(from_epoch smallint, from_xid xid8, state ledger_state, entries_at_once integer,
  OUT to_epoch smallint, OUT to_xid xid8, OUT has_more boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM transaction_journals j
      WHERE (j.epoch, j.xid) >= (from_epoch, from_xid) AND (j.epoch, j.xid) < (state.epoch, state.horizon))
    AND NOT EXISTS (SELECT FROM audit_events e
      WHERE (e.epoch, e.xid) >= (from_epoch, from_xid) AND (e.epoch, e.xid) < (state.epoch, state.horizon)) THEN
    RETURN;
  END IF;
  SELECT c.epoch, c.xid INTO to_epoch, to_xid
  FROM (
    (SELECT j.epoch, j.xid FROM transaction_journals j
      WHERE (j.epoch, j.xid) >= (from_epoch, from_xid) AND (j.epoch, j.xid) < (state.epoch, state.horizon)
      ORDER BY j.epoch, j.xid OFFSET entries_at_once LIMIT 1)
    UNION ALL
    (SELECT e.epoch, e.xid FROM audit_events e
      WHERE (e.epoch, e.xid) >= (from_epoch, from_xid) AND (e.epoch, e.xid) < (state.epoch, state.horizon)
      ORDER BY e.epoch, e.xid OFFSET entries_at_once LIMIT 1)) c
  ORDER BY c.epoch, c.xid
  LIMIT 1;
  has_more := FOUND;
  IF NOT has_more THEN
    to_epoch := state.epoch;
    to_xid := state.horizon;
  ELSIF NOT EXISTS (SELECT FROM transaction_journals j
      WHERE (j.epoch, j.xid) >= (from_epoch, from_xid) AND (j.epoch, j.xid) < (to_epoch, to_xid))
    AND NOT EXISTS (SELECT FROM audit_events e
      WHERE (e.epoch, e.xid) >= (from_epoch, from_xid) AND (e.epoch, e.xid) < (to_epoch, to_xid)) THEN
    -- One transaction recorded more than a block takes, and is the first: it is a block of its own.
    to_xid := (to_xid::text::numeric + 1)::text::xid8;
  END IF;
END $$;

-- Seals one block. One sealer at a time; a posting never waits for it, nor it for a posting. Returns {block, entries,
-- has_more}; block is null when there was nothing.
CREATE OR REPLACE FUNCTION seal_ledger(entries_at_once integer DEFAULT 1000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  state ledger_state;
  before seal_blocks;
  fresh seal_blocks;
  until record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('{{schema}} ledger.seal', 0));
  SELECT * INTO before FROM seal_blocks b ORDER BY b.number DESC LIMIT 1;
  SELECT * INTO STRICT state FROM ledger_state;
  fresh.number := coalesce(before.number, 0) + 1;
  fresh.format := 1;
  fresh.previous_hash := coalesce(before.hash, no_hash());
  fresh.from_epoch := coalesce(before.to_epoch, 0);
  fresh.from_xid := coalesce(before.to_xid, '0');
  until := end_of_block(fresh.from_epoch, fresh.from_xid, state, greatest(coalesce(entries_at_once, 1000), 1));
  IF until.to_xid IS NULL THEN
    RETURN '{"block": null, "entries": 0, "has_more": false}';
  END IF;
  fresh.to_epoch := until.to_epoch;
  fresh.to_xid := until.to_xid;

  WITH entry AS MATERIALIZED (
    SELECT e.*, uuid_send(gen_random_uuid()) AS salt
    FROM entries_between(fresh.from_epoch, fresh.from_xid, fresh.to_epoch, fresh.to_xid) e),
  leaf AS (
    INSERT INTO seal_leaves (block, place, kind, id, hash, salt)
    SELECT fresh.number, row_number() OVER (ORDER BY e.epoch, e.xid, e.kind, e.id), e.kind, e.id,
      leaf_hash(e.fixed, texts_hash(e.salt, e.texts)), e.salt
    FROM entry e
    RETURNING place, hash)
  SELECT count(*) FILTER (WHERE e.kind = 'journal'), count(*) FILTER (WHERE e.kind = 'event'), max(e.recorded_at),
    (SELECT sha256(string_agg(l.hash, '' ORDER BY l.place)) FROM leaf l)
  INTO fresh.journals, fresh.events, fresh.sealed_until, fresh.root
  FROM entry e;

  fresh.sealed_at := clock_timestamp();
  fresh.hash := block_hash(fresh);
  INSERT INTO seal_blocks SELECT fresh.*;
  PERFORM platform.anchor(fresh.number, fresh.hash);
  RETURN jsonb_build_object('block', fresh.number, 'entries', fresh.journals + fresh.events, 'has_more', until.has_more);
END $$;

-- Blocks never change, and of a leaf nothing but its salt ever goes.
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON seal_blocks
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON seal_blocks
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE ON seal_leaves
  FOR EACH ROW WHEN ((OLD.block, OLD.place, OLD.kind, OLD.id, OLD.hash) IS DISTINCT FROM (NEW.block, NEW.place, NEW.kind, NEW.id, NEW.hash)
    OR OLD.salt IS NULL OR NEW.salt IS NOT NULL)
  EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_delete BEFORE DELETE ON seal_leaves
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON seal_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON ledger_verifications
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_verifications
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT EXECUTE ON FUNCTION seal_ledger(integer) TO {{role}};
