-- What an export bundle holds beside names: everything that the seal was made from, for a verification without the database.

-- One block, its anchor, and in their order the leaves with the very bytes that were hashed; then rows in its range that
-- it does not hold.
CREATE OR REPLACE FUNCTION bundle_block(wanted integer) RETURNS SETOF json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  WITH block AS (SELECT b.* FROM seal_blocks b WHERE b.number = wanted),
  entry AS MATERIALIZED (
    SELECT e.* FROM block b CROSS JOIN LATERAL entries_between(b.from_epoch, b.from_xid, b.to_epoch, b.to_xid) e),
  leaf AS (SELECT l.* FROM seal_leaves l WHERE l.block = wanted),
  document AS (
    SELECT 1 AS part, 0 AS place, json_build_object('type', 'block', 'number', b.number, 'format', b.format,
      'previous_hash', encode(b.previous_hash, 'hex'), 'from_epoch', b.from_epoch, 'from_xid', b.from_xid::text, 'to_epoch', b.to_epoch,
      'to_xid', b.to_xid::text, 'journals', b.journals, 'events', b.events, 'sealed_until', rfc3339(b.sealed_until),
      'sealed_at', rfc3339(b.sealed_at), 'root', encode(b.root, 'hex'), 'hash', encode(b.hash, 'hex')) AS document
    FROM block b
    UNION ALL
    SELECT 2, 0, json_build_object('type', 'anchor', 'block', a.block, 'hash', encode(a.hash, 'hex'), 'anchored_at', rfc3339(a.anchored_at))
    FROM platform.anchors_between(wanted, wanted) a
    UNION ALL
    SELECT CASE WHEN l.id IS NULL THEN 4 ELSE 3 END, coalesce(l.place, 0), json_build_object(
      'type', CASE WHEN l.id IS NULL THEN 'added' ELSE 'leaf' END, 'block', wanted, 'place', l.place, 'kind', coalesce(l.kind, e.kind),
      'id', coalesce(l.id, e.id), 'hash', encode(l.hash, 'hex'), 'salt', encode(l.salt, 'hex'), 'texts_hash', encode(l.texts_hash, 'hex'),
      'erased_by', l.erased_by, 'erasure', (SELECT a.action FROM audit_events a WHERE a.id = l.erased_by), 'fixed', e.fixed, 'texts', e.texts, 'status', t.status, 'posted_amount', t.posted_amount,
      'has_reason', t.reason IS NOT NULL,
      'steps', (SELECT json_agg(DISTINCT j.kind) FROM transaction_journals j WHERE j.transaction_id = t.id))
    FROM leaf l
    FULL JOIN entry e ON e.kind = l.kind AND e.id = l.id
    LEFT JOIN transactions t ON t.id = e.transaction_id)
  SELECT d.document FROM document d ORDER BY d.part, d.place
$$;

-- The folded totals of some accounts as they were at the end of a block: less what was folded after it.
CREATE OR REPLACE FUNCTION bundle_totals(wanted integer, after uuid, accounts_at_once integer DEFAULT 200)
RETURNS TABLE (account_id uuid, document json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  SELECT t.account_id, json_build_object('type', 'total', 'account_id', t.account_id, 'currency', t.currency,
    'debits', t.debits - n.debits, 'credits', t.credits - n.credits,
    'pending_debits', t.pending_debits - n.pending_debits, 'pending_credits', t.pending_credits - n.pending_credits)
  FROM (
    SELECT a.* FROM account_totals a
    WHERE bundle_totals.after IS NULL OR a.account_id > bundle_totals.after
    ORDER BY a.account_id LIMIT accounts_at_once) t
  CROSS JOIN ledger_state s
  JOIN seal_blocks b ON b.number = wanted
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.debit), 0) AS debits, coalesce(sum(l.credit), 0) AS credits,
      coalesce(sum(l.pending_debit), 0) AS pending_debits, coalesce(sum(l.pending_credit), 0) AS pending_credits
    FROM line_effects l
    WHERE l.account_id = t.account_id AND (l.epoch, l.xid) >= (b.to_epoch, b.to_xid) AND (l.epoch, l.xid) < (s.epoch, s.horizon)) n
  ORDER BY t.account_id
$$;

GRANT EXECUTE ON FUNCTION bundle_block(integer), bundle_totals(integer, uuid, integer) TO {{role}};
