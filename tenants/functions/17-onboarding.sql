-- What a MerchantOrg or a merchant brings before it is live. Done is what the data shows; only the terms are noted down, and
-- what need not be done is waived. In all of these `merchant` is null where the MerchantOrg itself is meant.

-- The nearest value that somebody set; null when nobody did.
CREATE OR REPLACE FUNCTION setting_for(wanted text, org uuid, merchant uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT s.value FROM settings s
  WHERE s.key = wanted AND s.owner_id IN (merchant, org, (SELECT t.id FROM tenant t))
  ORDER BY array_position(ARRAY['merchant', 'merchant_org', 'tenant'], s.level) LIMIT 1);

-- The version of the terms that is to be accepted.
CREATE OR REPLACE FUNCTION terms_for(org uuid, merchant uuid) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(setting_for('terms_version', org, merchant) #>> '{}', '1');

CREATE OR REPLACE FUNCTION has_accepted_terms(org uuid, merchant uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM terms_acceptances a
  WHERE (a.merchant_id = merchant OR merchant IS NULL AND a.merchant_org_id = org)
    AND a.terms_version = terms_for(org, merchant));

-- Somebody who runs the businesses of a MerchantOrg themselves.
CREATE OR REPLACE FUNCTION has_manager(org uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM role_assignments a JOIN users u ON u.id = a.user_id JOIN roles r ON r.id = a.role_id
  WHERE a.merchant_org_id = org AND u.status = 'active' AND (a.expires_at IS NULL OR a.expires_at > now())
    AND (r.key IN ('owner', 'admin', 'merchant_manager') OR r.key IS NULL AND 'merchant:update' = ANY (r.permissions)));

-- A service in use with somebody in use who offers it and has working hours.
CREATE OR REPLACE FUNCTION has_bookable_service(merchant uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM services s JOIN providers p ON p.merchant_id = s.merchant_id
  WHERE s.merchant_id = merchant AND s.archived_at IS NULL AND p.archived_at IS NULL AND p.hours <> '[]'
    AND (NOT EXISTS (SELECT FROM service_providers o WHERE o.service_id = s.id)
      OR EXISTS (SELECT FROM service_providers o WHERE o.service_id = s.id AND o.provider_id = p.id)));

CREATE OR REPLACE FUNCTION onboarding_items(org uuid, merchant uuid) RETURNS TABLE (place integer, item text, is_done boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT i.* FROM merchant_orgs o CROSS JOIN LATERAL (VALUES
    (1, 'legal', o.legal_name IS NOT NULL AND o.tax_id IS NOT NULL),
    (2, 'billing', o.billing_address IS NOT NULL),
    (3, 'owner', has_manager(o.id)),
    (4, 'terms', has_accepted_terms(o.id, NULL))) AS i (place, item, is_done)
  WHERE o.id = org AND merchant IS NULL
  UNION ALL
  SELECT i.* FROM merchants m CROSS JOIN LATERAL (VALUES
    (1, 'details', m.email IS NOT NULL OR m.phone IS NOT NULL),
    (2, 'location', EXISTS (SELECT FROM locations l WHERE l.merchant_id = m.id AND l.archived_at IS NULL)),
    (3, 'services', has_bookable_service(m.id)),
    (4, 'payments', coalesce(setting_for('payment_methods', org, m.id) <> '[]', false)),
    (5, 'messaging', coalesce(setting_for('message_reply_to', org, m.id) <> '""', false)),
    (6, 'terms', has_accepted_terms(org, m.id))) AS i (place, item, is_done)
  WHERE m.id = merchant;
END;

-- The list with the state of each, how much of it is done in percent, and what stands in the way of going live.
CREATE OR REPLACE FUNCTION onboarding_of(org uuid, merchant uuid) RETURNS TABLE (items jsonb, progress integer, blocking text[])
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
  SELECT
    jsonb_agg(jsonb_build_object('item', i.item, 'state', s.state, 'is_required', s.is_required,
      'waiver', CASE WHEN s.state = 'waived' THEN jsonb_build_object('reason', w.reason, 'waived_by', w.waived_by,
        'waived_at', rfc3339(w.waived_at)) END) ORDER BY i.place),
    (100 * count(*) FILTER (WHERE s.state <> 'missing') / count(*))::integer,
    coalesce(array_agg(i.item ORDER BY i.place) FILTER (WHERE s.state = 'missing' AND s.is_required), '{}')
  FROM onboarding_items(org, merchant) i
  LEFT JOIN onboarding_waivers w
    ON w.item = i.item AND (w.merchant_id = merchant OR merchant IS NULL AND w.merchant_org_id = org)
  CROSS JOIN LATERAL (SELECT
    CASE WHEN i.is_done THEN 'done' WHEN w.id IS NOT NULL THEN 'waived' ELSE 'missing' END AS state,
    coalesce(setting_for(CASE WHEN merchant IS NULL THEN 'onboarding_org_items' ELSE 'onboarding_merchant_items' END, org, merchant)
      ? i.item, false) AS is_required) s;
END;

-- What a party is ready by is held until its move is done: an archiving or a change of roles at the same moment comes before,
-- and counts, or after.
CREATE OR REPLACE FUNCTION hold_onboarding(org uuid, merchant uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM settings s WHERE s.owner_id IN (merchant, org, (SELECT t.id FROM tenant t)) ORDER BY s.id FOR SHARE;
  IF merchant IS NULL THEN
    PERFORM FROM onboarding_waivers w WHERE w.merchant_org_id = org ORDER BY w.id FOR SHARE;
    PERFORM FROM role_assignments a WHERE a.merchant_org_id = org ORDER BY a.id FOR SHARE;
    PERFORM FROM users u WHERE u.id IN (SELECT a.user_id FROM role_assignments a WHERE a.merchant_org_id = org) ORDER BY u.id FOR SHARE;
  ELSE
    PERFORM FROM onboarding_waivers w WHERE w.merchant_id = merchant ORDER BY w.id FOR SHARE;
    PERFORM FROM locations l WHERE l.merchant_id = merchant ORDER BY l.id FOR SHARE;
    PERFORM FROM providers p WHERE p.merchant_id = merchant ORDER BY p.id FOR SHARE;
    PERFORM FROM services s WHERE s.merchant_id = merchant ORDER BY s.id FOR SHARE;
    PERFORM FROM service_providers o WHERE o.merchant_id = merchant ORDER BY o.id FOR SHARE;
  END IF;
END $$;

-- Going live for the first time. After the change, so that what comes with the move counts.
CREATE OR REPLACE FUNCTION require_ready() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  org uuid := coalesce((to_jsonb(NEW) ->> 'merchant_org_id')::uuid, NEW.id);
  merchant uuid := nullif(NEW.id, org);
  missing text[];
BEGIN
  SELECT o.blocking INTO missing FROM onboarding_of(org, merchant) o
  WHERE EXISTS (SELECT FROM jsonb_array_elements(o.items) i WHERE (i ->> 'is_required')::boolean);
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM hold_onboarding(org, merchant);
  SELECT o.blocking INTO missing FROM onboarding_of(org, merchant) o;
  IF missing <> '{}' THEN
    PERFORM raise_problem('not_ready', jsonb_build_object('missing', missing, 'message',
      format('%s cannot go live yet. Still missing: %s.', NEW.name, array_to_string(missing, ', '))));
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER require_ready AFTER UPDATE OF status ON merchant_orgs
  FOR EACH ROW WHEN (OLD.status = 'onboarding' AND NEW.status = 'active') EXECUTE FUNCTION require_ready();
CREATE OR REPLACE TRIGGER require_ready AFTER UPDATE OF status ON merchants
  FOR EACH ROW WHEN (OLD.status = 'onboarding' AND NEW.status = 'active') EXECUTE FUNCTION require_ready();
