-- Posting rules: what a typed transaction means in the books that it touches.

-- The account that stands for one end of a typed transaction: the named account itself, or the party's account of a
-- purpose in the currency, opened with its chart when the party first needs it.
-- Problems: account_not_found, party_not_found, currency_mismatch, rule_violation.
CREATE OR REPLACE FUNCTION rule_account(work jsonb, end_type transaction_end, end_id uuid, wanted_purpose text, in_currency text,
  entry integer, headers jsonb) RETURNS accounts
LANGUAGE plpgsql AS $$
DECLARE
  found_account accounts;
  book books;
BEGIN
  IF end_type = 'account' THEN
    SELECT a.* INTO found_account FROM accounts a JOIN books b ON b.id = a.book_id
    WHERE a.id = end_id AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
    IF NOT FOUND THEN
      PERFORM refuse_entry('account_not_found', entry, headers, jsonb_build_object('account_ids', jsonb_build_array(end_id)));
    END IF;
    IF found_account.currency <> in_currency THEN
      PERFORM refuse_entry('currency_mismatch', entry, headers, jsonb_build_object('account_id', found_account.id,
        'currency', found_account.currency));
    END IF;
    RETURN found_account;
  END IF;
  SELECT b.* INTO book FROM books b
  WHERE b.party_type = end_type::text::party_type AND b.party_id = end_id
    AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
  IF NOT FOUND THEN
    PERFORM refuse_entry('party_not_found', entry, headers, jsonb_build_object('party', jsonb_build_object('type', end_type, 'id', end_id)));
  END IF;
  SELECT a.* INTO found_account FROM accounts a
  WHERE a.book_id = book.id AND a.purpose = wanted_purpose AND a.currency = in_currency;
  IF NOT FOUND THEN
    -- One after the other: two callers that open the charts of two parties each the other way round would wait forever.
    PERFORM pg_advisory_xact_lock(hashtextextended('{{schema}} open_accounts', 0));
    PERFORM open_accounts(book.id, book.party_type, in_currency);
    SELECT a.* INTO found_account FROM accounts a
    WHERE a.book_id = book.id AND a.purpose = wanted_purpose AND a.currency = in_currency;
    IF NOT FOUND THEN
      PERFORM refuse_entry('rule_violation', entry, headers, jsonb_build_object('reason',
        format('%s has no account for %s in %s, and its code is taken by another', book.name, replace(wanted_purpose, '_', ' '), in_currency)));
    END IF;
  END IF;
  RETURN found_account;
END $$;

-- The lines that the posting rule of a typed transaction makes.
-- Problems: rule_violation (reason), invalid (currency), and those of rule_account.
CREATE OR REPLACE FUNCTION rule_lines(work jsonb, entry integer, headers jsonb)
RETURNS TABLE (account_id uuid, side entry_side, amount bigint, counterparty uuid)
LANGUAGE plpgsql AS $$
DECLARE
  header jsonb := headers -> (entry - 1);
  from_end transaction_end := header ->> 'from_type';
  to_end transaction_end := header ->> 'to_type';
  from_id uuid := header ->> 'from_id';
  to_id uuid := header ->> 'to_id';
  whole bigint := header ->> 'amount';
  in_currency text := header ->> 'currency';
  components jsonb := coalesce(nullif(header -> 'components', 'null'), '{}');
  -- Who keeps no books: left out, or a customer.
  nobody constant transaction_end[] := '{end_customer}';
  shape text;
  rule posting_rules;
  line record;
  found_account accounts;
  other_book uuid;
  types account_type[] := '{}';
  books_met uuid[] := '{}';
  ids uuid[] := '{}';
  rest bigint;
BEGIN
  IF from_end = to_end AND from_id = to_id THEN
    PERFORM refuse_entry('rule_violation', entry, headers, '{"reason": "from and to are two different parties, or two different accounts"}');
  END IF;
  IF NOT EXISTS (SELECT FROM currencies c WHERE c.code = in_currency) THEN
    PERFORM refuse_entry('invalid', entry, headers, '{"errors": {"amount.currency": ["is not an ISO 4217 currency"]}}');
  END IF;
  shape := CASE
    WHEN from_end = 'account' OR to_end = 'account' THEN 'accounts'
    WHEN coalesce(from_end, 'end_customer') = 'end_customer' OR coalesce(to_end, 'end_customer') = 'end_customer' THEN 'party'
    ELSE 'parties' END;
  SELECT * INTO rule FROM posting_rules r
  WHERE r.type = header ->> 'type' AND r.category = coalesce(header ->> 'category', '') AND r.between = shape;
  IF NOT FOUND THEN
    PERFORM refuse_entry('rule_violation', entry, headers, jsonb_build_object('reason', coalesce(
      (SELECT format('a %s between these ends has the categories %s', header ->> 'type', string_agg(nullif(r.category, ''), ', ' ORDER BY r.category))
        FROM posting_rules r WHERE r.type = header ->> 'type' AND r.between = shape HAVING count(nullif(r.category, '')) > 0),
      (SELECT format('a %s is from %s to %s', header ->> 'type', coalesce(nullif(array_to_string(r.from_types, ' or '), ''), 'nobody'),
          coalesce(nullif(array_to_string(r.to_types, ' or '), ''), 'nobody'))
        FROM posting_rules r WHERE r.type = header ->> 'type' ORDER BY r.category, r.between LIMIT 1),
      format('there is no posting rule for %s', header ->> 'type'))));
  ELSIF coalesce(from_end, 'end_customer') <> ALL (CASE WHEN rule.from_types = '{}' THEN nobody ELSE rule.from_types END)
    OR coalesce(to_end, 'end_customer') <> ALL (CASE WHEN rule.to_types = '{}' THEN nobody ELSE rule.to_types END) THEN
    PERFORM refuse_entry('rule_violation', entry, headers, jsonb_build_object('reason', format('a %s is from %s to %s', rule.type,
      coalesce(nullif(array_to_string(rule.from_types, ' or '), ''), 'nobody'), coalesce(nullif(array_to_string(rule.to_types, ' or '), ''), 'nobody'))));
  ELSIF header ->> 'through' IS NOT NULL AND rule.type NOT IN ('payment', 'refund') THEN
    PERFORM refuse_entry('rule_violation', entry, headers, jsonb_build_object('reason', format('a %s does not go through %s', rule.type,
      header ->> 'through')));
  ELSIF rule.needs_cause AND header ->> 'caused_by' IS NULL THEN
    PERFORM refuse_entry('rule_violation', entry, headers, jsonb_build_object('reason',
      format('a %s %s needs caused_by: the transaction that it ends', rule.type, rule.category)));
  ELSIF EXISTS (
    SELECT FROM jsonb_object_keys(components) AS c (name)
    WHERE NOT EXISTS (
      SELECT FROM posting_rule_lines l
      WHERE l.type = rule.type AND l.category = rule.category AND l.between = rule.between AND l.component = c.name
        AND c.name NOT IN ('amount', 'rest'))) THEN
    PERFORM refuse_entry('rule_violation', entry, headers, jsonb_build_object('reason', format('the components of a %s are: %s', rule.type,
      coalesce((SELECT string_agg(DISTINCT l.component, ', ') FROM posting_rule_lines l
        WHERE l.type = rule.type AND l.category = rule.category AND l.between = rule.between AND l.component NOT IN ('amount', 'rest')), 'none'))));
  END IF;

  FOR line IN
    SELECT r.*,
      CASE r.component WHEN 'amount' THEN whole WHEN 'rest' THEN NULL ELSE (components ->> r.component)::bigint END AS known
    FROM posting_rule_lines r
    WHERE r.type = rule.type AND r.category = rule.category AND r.between = rule.between ORDER BY r.position
  LOOP
    amount := line.known;
    IF line.component = 'rest' THEN
      -- What balances its book: everything on the other side, less the others on its own.
      SELECT sum(CASE WHEN l.side = line.side THEN -1 ELSE 1 END
        * coalesce(CASE l.component WHEN 'amount' THEN whole ELSE (components ->> l.component)::bigint END, 0)) INTO rest
      FROM posting_rule_lines l
      WHERE l.type = rule.type AND l.category = rule.category AND l.between = rule.between AND l.party = line.party AND l.component <> 'rest';
      IF rest < 0 THEN
        PERFORM refuse_entry('rule_violation', entry, headers, '{"reason": "the components are more than the amount"}');
      END IF;
      amount := nullif(rest, 0);
    END IF;
    CONTINUE WHEN amount IS NULL;
    found_account := rule_account(work, CASE line.party WHEN 'from' THEN from_end ELSE to_end END,
      CASE line.party WHEN 'from' THEN from_id ELSE to_id END,
      -- Money that comes and goes without a processor never was in its hands.
      CASE WHEN line.purpose = 'processor_clearing' AND header ->> 'through' = 'cash' THEN 'cash' ELSE line.purpose END,
      in_currency, entry, headers);
    SELECT b.id INTO other_book FROM books b
    WHERE b.party_type = CASE line.counterparty WHEN 'from' THEN from_end WHEN 'to' THEN to_end END::text::party_type
      AND b.party_id = CASE line.counterparty WHEN 'from' THEN from_id WHEN 'to' THEN to_id END;
    types := types || found_account.type;
    books_met := books_met || found_account.book_id;
    account_id := found_account.id;
    side := line.side;
    counterparty := other_book;
    RETURN NEXT;
  END LOOP;
  IF rule.between = 'accounts' AND books_met[1] <> books_met[2] THEN
    PERFORM refuse_entry('rule_violation', entry, headers, '{"reason": "both accounts must be in one book"}');
  ELSIF NOT types <@ coalesce(rule.allowed_types, types) OR NOT types && coalesce(rule.required_types, types) THEN
    PERFORM refuse_entry('rule_violation', entry, headers, jsonb_build_object('reason',
      format('a %s may not join these account types', rule.type), 'account_types', to_jsonb(types)));
  END IF;
END $$;

-- The lines of all transactions of a call: given ones as they are, typed ones by their rules.
CREATE OR REPLACE FUNCTION expand_rules(work jsonb, headers jsonb, INOUT entries integer[], INOUT account_ids uuid[],
  INOUT sides entry_side[], INOUT amounts bigint[], INOUT memos text[], OUT counterparties uuid[])
LANGUAGE plpgsql AS $$
BEGIN
  SELECT array_agg(l.entry ORDER BY l.entry, l.place), array_agg(l.account_id ORDER BY l.entry, l.place), array_agg(l.side ORDER BY l.entry, l.place),
    array_agg(l.amount ORDER BY l.entry, l.place), array_agg(l.memo ORDER BY l.entry, l.place), array_agg(l.counterparty ORDER BY l.entry, l.place)
  INTO entries, account_ids, sides, amounts, memos, counterparties
  FROM (
    SELECT g.entry, g.place, g.account_id, g.side, g.amount, g.memo, NULL::uuid AS counterparty
    FROM unnest(entries, account_ids, sides, amounts, memos) WITH ORDINALITY AS g (entry, account_id, side, amount, memo, place)
    UNION ALL
    SELECT n.entry, r.place, r.account_id, r.side, r.amount, NULL, r.counterparty
    FROM generate_series(1, jsonb_array_length(headers)) AS n (entry)
    CROSS JOIN LATERAL rule_lines(work, n.entry, headers) WITH ORDINALITY AS r (account_id, side, amount, counterparty, place)
    WHERE headers -> (n.entry - 1) ? 'type') l;
END $$;
