-- Transfers of a merchant to another MerchantOrg: what one changes, and carrying it out as it was reviewed.

-- Who reaches the merchants of a MerchantOrg through it: people and keys.
CREATE OR REPLACE FUNCTION reach_of_org(org uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('type', r.type, 'name', r.name, 'role', r.role) ORDER BY r.type DESC, r.name, r.role, r.id), '[]')
  FROM (
    SELECT 'person' AS type, a.id, coalesce(u.name, u.email) AS name, o.name AS role
    FROM role_assignments a JOIN users u ON u.id = a.user_id JOIN roles o ON o.id = a.role_id
    WHERE a.merchant_org_id = org AND (a.expires_at IS NULL OR a.expires_at > now())
    UNION ALL
    SELECT 'api_key', k.id, k.name, o.name
    FROM api_keys k JOIN roles o ON o.id = k.role_id
    WHERE k.merchant_org_id = org AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())) r
$$;

-- What a transfer would change, with a digest that tells whether anything of it has changed since.
-- Problems: not_found (merchant), invalid (the other MerchantOrg), conflict (closed merchant).
CREATE OR REPLACE FUNCTION transfer_preview(moved uuid, to_org uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
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
  END IF;
  SELECT jsonb_build_object(
    'merchant', jsonb_build_object('id', merchant.id, 'name', merchant.name),
    'from', jsonb_build_object('id', old_org.id, 'name', old_org.name),
    'to', jsonb_build_object('id', new_org.id, 'name', new_org.name),
    'effective_date', tenant_today(),
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

-- Moves the merchant and its books, and records it; part of the operation around it. What was posted stays as it is. Nobody's
-- remembered rights outlive it. Problems: those of transfer_preview, conflict (it is not what was reviewed).
CREATE OR REPLACE FUNCTION transfer_merchant(moved uuid, to_org uuid, reviewed text, why text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  seen jsonb;
  transfer uuid;
BEGIN
  PERFORM lock_book(b.id) FROM books b WHERE b.merchant_id = moved;
  PERFORM FROM merchants m WHERE m.id = moved FOR UPDATE;
  PERFORM FROM merchant_orgs o WHERE o.id = to_org FOR SHARE;
  seen := transfer_preview(moved, to_org);
  IF seen ->> 'digest' <> reviewed THEN
    PERFORM raise_problem('conflict', '{"message": "Something changed since this was reviewed. Review it again."}');
  END IF;
  UPDATE merchants m SET merchant_org_id = to_org WHERE m.id = moved;
  UPDATE books b SET merchant_org_id = to_org WHERE b.merchant_id = moved;
  UPDATE access_state SET version = version + 1;
  INSERT INTO merchant_transfers (merchant_id, from_merchant_org_id, to_merchant_org_id, effective_date, reason, preview)
  VALUES (moved, (seen #>> '{from,id}')::uuid, to_org, (seen ->> 'effective_date')::date, why, seen)
  RETURNING id INTO transfer;
  RETURN transfer;
END $$;
