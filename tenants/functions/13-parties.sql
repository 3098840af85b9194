-- What MerchantOrgs and merchants owe each other when one of them moves, beside the moves themselves (12-states.sql); whom
-- to ask for there.

-- The people of a MerchantOrg or a merchant: one of both ids is null.
CREATE OR REPLACE FUNCTION contacts_of(org uuid, merchant uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'role', c.role, 'email', c.email, 'phone', c.phone)
    ORDER BY c.position), '[]')
  FROM contacts c WHERE c.merchant_org_id = org OR c.merchant_id = merchant);

-- Those who stay as they are stay untouched.
CREATE OR REPLACE FUNCTION replace_contacts(org uuid, merchant uuid, people jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  IF contacts_of(org, merchant) = people THEN RETURN; END IF;
  DELETE FROM contacts c WHERE c.merchant_org_id = org OR c.merchant_id = merchant;
  INSERT INTO contacts (merchant_org_id, merchant_id, position, name, role, email, phone)
  SELECT org, merchant, p.position, p.name, p.role, p.email, p.phone
  FROM ROWS FROM (jsonb_to_recordset(people) AS (name text, role text, email text, phone text)) WITH ORDINALITY
    AS p (name, role, email, phone, position);
END $$;

-- The accounts of a party's book that money still moves through: something pending, or a payout on its way.
CREATE OR REPLACE FUNCTION unsettled_accounts(party party_type, id_of_party uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  unsettled jsonb;
BEGIN
  SELECT jsonb_agg(jsonb_build_object('account_id', a.id, 'code', a.code, 'name', a.name, 'currency', a.currency) ORDER BY a.code)
  INTO unsettled
  FROM sums_now(ARRAY(SELECT a.id FROM accounts a JOIN books b ON b.id = a.book_id WHERE b.party_type = party AND b.party_id = id_of_party)) s
  JOIN accounts a ON a.id = s.account_id
  WHERE s.pending_debits <> 0 OR s.pending_credits <> 0 OR a.purpose = 'payouts_in_transit' AND s.debits <> s.credits;
  RETURN unsettled;
END $$;

-- A card that its processor has not answered for may yet bring money, or take it. Problem: conflict.
CREATE OR REPLACE FUNCTION require_no_pending_cards(merchant uuid, name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM customer_payments p WHERE p.merchant_id = merchant AND p.status = 'pending')
    OR EXISTS (SELECT FROM customer_refunds r WHERE r.merchant_id = merchant AND r.status = 'pending') THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message',
      format('%s cannot be closed while cards are pending: try again when their processor has answered.', name)));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION require_settled(party party_type, id_of_party uuid, name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  unsettled jsonb;
BEGIN
  PERFORM require_no_pending_cards(id_of_party, name);
  -- No posting is half done meanwhile.
  PERFORM lock_book(b.id) FROM books b WHERE b.party_type = party AND b.party_id = id_of_party;
  unsettled := unsettled_accounts(party, id_of_party);
  IF unsettled IS NOT NULL THEN
    PERFORM raise_problem('conflict', jsonb_build_object('accounts', unsettled, 'message',
      format('%s cannot be closed while money is pending or on its way in its books: %s.', name,
        (SELECT string_agg(u ->> 'code' || ' ' || (u ->> 'name'), ', ') FROM jsonb_array_elements(unsettled) u))));
  END IF;
END $$;

-- A merchant works under a MerchantOrg that does. The org's row is shared, so that it does not move meanwhile.
CREATE OR REPLACE FUNCTION keep_merchant_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  org merchant_orgs;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.status IS NOT DISTINCT FROM OLD.status THEN RETURN NEW; END IF;
  SELECT * INTO org FROM merchant_orgs o WHERE o.id = NEW.merchant_org_id FOR SHARE;
  IF TG_OP = 'INSERT' AND org.status = 'closed' OR TG_OP = 'UPDATE' AND NEW.status = 'active' AND org.status IN ('suspended', 'closed') THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message',
      format('Its MerchantOrg %s is %s.', org.name, org.status)));
  ELSIF NEW.status = 'closed' THEN
    PERFORM require_settled('merchant', NEW.id, NEW.name);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_rules BEFORE INSERT OR UPDATE OF status ON merchants
  FOR EACH ROW EXECUTE FUNCTION keep_merchant_rules();

-- A MerchantOrg closes after its merchants.
CREATE OR REPLACE FUNCTION keep_merchant_org_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  open_merchants jsonb;
BEGIN
  IF NEW.status <> 'closed' OR OLD.status = 'closed' THEN RETURN NEW; END IF;
  SELECT jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, 'status', m.status) ORDER BY m.id) INTO open_merchants
  FROM (SELECT * FROM merchants m WHERE m.merchant_org_id = NEW.id AND m.status <> 'closed' ORDER BY m.id LIMIT 10) m;
  IF open_merchants IS NOT NULL THEN
    PERFORM raise_problem('conflict', jsonb_build_object('merchants', open_merchants, 'message',
      format('%s cannot be closed before its merchants: %s.', NEW.name,
        (SELECT string_agg(m ->> 'name', ', ') FROM jsonb_array_elements(open_merchants) m))));
  END IF;
  PERFORM require_settled('merchant_org', NEW.id, NEW.name);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_rules BEFORE UPDATE OF status ON merchant_orgs
  FOR EACH ROW EXECUTE FUNCTION keep_merchant_org_rules();
