-- The only writers of the ledger. Each opens the unit of work itself, and is then one statement and one round trip;
-- inside another operation's transaction `work` is null and the event of that operation serves.

-- Independent of every function and of who writes: the lines of one statement balance per journal and currency, and
-- belong to journals of this very transaction, so nothing is ever added to a journal that was committed.
CREATE OR REPLACE FUNCTION check_lines_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  bad record;
BEGIN
  SELECT l.journal_id, l.currency,
    coalesce(sum(l.amount) FILTER (WHERE l.side = 'debit'), 0) AS debits,
    coalesce(sum(l.amount) FILTER (WHERE l.side = 'credit'), 0) AS credits
  INTO bad
  FROM written l
  GROUP BY l.journal_id, l.currency
  HAVING coalesce(sum(l.amount) FILTER (WHERE l.side = 'debit'), 0)
    <> coalesce(sum(l.amount) FILTER (WHERE l.side = 'credit'), 0)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal % does not balance in %: debits % credits %', bad.journal_id, bad.currency, bad.debits, bad.credits
      USING ERRCODE = '23514', CONSTRAINT = 'transaction_lines_balance';
  END IF;
  PERFORM FROM written l
  WHERE NOT EXISTS (
    SELECT FROM transaction_journals j
    WHERE j.id = l.journal_id AND j.book_id = l.book_id AND j.xid = pg_current_xact_id());
  IF FOUND THEN
    RAISE EXCEPTION 'lines are written together with their journal, in its book'
      USING ERRCODE = '23514', CONSTRAINT = 'transaction_lines_with_journal';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER check_lines_balance AFTER INSERT ON transaction_lines
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION check_lines_balance();

-- Whether a scope {all, merchant_org_ids, merchant_ids} covers a party. No scope: an operation of the product's own.
CREATE OR REPLACE FUNCTION scope_covers(scope jsonb, org_id uuid, merchant_id uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, {{schema}}, pg_temp
RETURN scope IS NULL OR (scope -> 'all')::boolean
  OR scope -> 'merchant_org_ids' ? org_id::text OR scope -> 'merchant_ids' ? merchant_id::text;

CREATE OR REPLACE FUNCTION open_accounts(book uuid, chart party_type, in_currency text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  INSERT INTO accounts (book_id, code, name, type, currency, purpose)
  SELECT b.id, t.code || CASE WHEN b.currency = in_currency THEN '' ELSE '-' || in_currency END, t.name, t.type, in_currency, t.purpose
  FROM chart_templates t
  CROSS JOIN books b
  WHERE t.party_type = chart AND b.id = book
  ORDER BY t.code
  ON CONFLICT (book_id, purpose, currency) WHERE purpose IS NOT NULL DO NOTHING
$$;

-- Opens the books of a party with the chart of its kind. Part of the operation that creates the party.
CREATE OR REPLACE FUNCTION open_book(party party_type, id_of_party uuid, org_id uuid, name text, in_currency text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  book uuid;
BEGIN
  INSERT INTO books (party_type, party_id, merchant_org_id, merchant_id, name, currency)
  VALUES (party, id_of_party, org_id, CASE party WHEN 'merchant' THEN id_of_party END, open_book.name, in_currency)
  RETURNING id INTO book;
  PERFORM open_accounts(book, party, in_currency);
  RETURN book;
END $$;

-- Creates an account {code, name, type, currency, book_id?} in the tenant's own book unless told otherwise.
-- Problems: book_not_found, invalid (currency), conflict (code).
CREATE OR REPLACE FUNCTION create_account(work jsonb, input jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun jsonb := work_begin(work);
  new_id uuid := coalesce((work #>> '{resource,id}')::uuid, uuidv7());
  book uuid;
  answer text;
BEGIN
  IF begun ? 'replay' THEN RETURN begun; END IF;
  SELECT b.id INTO book FROM books b
  WHERE CASE WHEN input ->> 'book_id' IS NULL THEN b.party_type = 'tenant' ELSE b.id = (input ->> 'book_id')::uuid END
    AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
  IF NOT FOUND THEN
    PERFORM raise_problem('book_not_found');
  END IF;
  INSERT INTO accounts (id, book_id, code, name, type, currency)
  VALUES (new_id, book, input ->> 'code', input ->> 'name', (input ->> 'type')::account_type, input ->> 'currency');
  SELECT account_document(a) INTO answer FROM accounts a WHERE a.id = new_id;
  PERFORM work_complete(work, 201, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

CREATE OR REPLACE FUNCTION account_document(a accounts) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, {{schema}}, pg_temp
RETURN json_build_object('id', a.id, 'book_id', a.book_id, 'code', a.code, 'name', a.name, 'type', a.type, 'currency', a.currency,
  'purpose', a.purpose, 'status', a.status, 'version', a.version,
  'created_at', rfc3339(a.created_at), 'updated_at', rfc3339(a.updated_at));

CREATE OR REPLACE FUNCTION journal_document(j transaction_journals) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, {{schema}}, pg_temp
RETURN json_build_object('id', j.id, 'transaction_id', j.transaction_id, 'book_id', j.book_id, 'kind', j.kind,
  'effective_date', j.effective_date, 'recorded_at', rfc3339(j.recorded_at),
  'lines', (SELECT json_agg(json_build_object('account_id', l.account_id, 'side', l.side, 'amount', l.amount,
      'currency', l.currency, 'counterparty_book_id', l.counterparty_book_id, 'memo', l.memo) ORDER BY l.position)
    FROM transaction_lines l WHERE l.journal_id = j.id));

-- A transaction as its reader sees it: only the journals of books in scope.
CREATE OR REPLACE FUNCTION transaction_document(t transactions, scope jsonb) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, {{schema}}, pg_temp
RETURN json_build_object('id', t.id, 'type', t.type, 'status', t.status, 'description', t.description,
  'from', CASE WHEN t.from_id IS NOT NULL THEN json_build_object('type', t.from_type, 'id', t.from_id) END,
  'to', CASE WHEN t.to_id IS NOT NULL THEN json_build_object('type', t.to_type, 'id', t.to_id) END,
  'amount', CASE WHEN t.amount IS NOT NULL THEN json_build_object('amount', t.amount, 'currency', t.currency) END,
  'effective_date', t.effective_date, 'recorded_at', rfc3339(t.recorded_at),
  'external_id', t.external_id, 'metadata', t.metadata,
  'journals', (SELECT json_agg(journal_document(j) ORDER BY j.id)
    FROM transaction_journals j JOIN books b ON b.id = j.book_id
    WHERE j.transaction_id = t.id AND scope_covers(scope, b.merchant_org_id, b.merchant_id)));

-- Posts a transaction of raw lines, given as parallel arrays in the caller's order.
-- header: {type?, description, effective_date?, external_id?, metadata?, from?, to?, amount?, currency?}
-- Problems: invalid (fewer than two lines), account_not_found, account_closed, amount_out_of_range, unbalanced (imbalances),
-- conflict (external_id), idempotency_conflict. Returns {body} or {replay: {status, body}}; a body is the JSON text of the answer.
CREATE OR REPLACE FUNCTION post_lines(work jsonb, header jsonb, account_ids uuid[], sides entry_side[], amounts bigint[],
  memos text[], counterparties uuid[] DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun jsonb := work_begin(work);
  posted transactions;
  problem jsonb;
  answer text;
BEGIN
  IF begun ? 'replay' THEN RETURN begun; END IF;

  IF coalesce(cardinality(account_ids), 0) < 2 THEN
    PERFORM raise_problem('invalid', '{"errors": {"lines": ["must have at least two lines"]}}');
  END IF;

  SELECT jsonb_agg(missing.id ORDER BY missing.id) INTO problem
  FROM (SELECT DISTINCT unnest(account_ids) AS id) missing
  WHERE NOT EXISTS (
    SELECT FROM accounts a JOIN books b ON b.id = a.book_id
    WHERE a.id = missing.id AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id));
  IF problem IS NOT NULL THEN
    PERFORM raise_problem('account_not_found', jsonb_build_object('account_ids', problem));
  END IF;

  SELECT jsonb_agg(a.id ORDER BY a.id) INTO problem FROM accounts a WHERE a.id = ANY (account_ids) AND a.status <> 'open';
  IF problem IS NOT NULL THEN
    PERFORM raise_problem('account_closed', jsonb_build_object('account_ids', problem));
  END IF;

  SELECT jsonb_build_object(
    'imbalances', jsonb_agg(jsonb_build_object('book_id', sums.book_id, 'currency', sums.currency, 'debits', sums.debits,
      'credits', sums.credits) ORDER BY sums.book_id, sums.currency),
    'message', string_agg(format('%s in %s: debits %s, credits %s.', b.name, sums.currency, sums.debits, sums.credits), ' '
      ORDER BY sums.book_id, sums.currency) || ' Amounts are in minor units.') INTO problem
  FROM (
    SELECT a.book_id, a.currency, coalesce(sum(l.amount) FILTER (WHERE l.side = 'debit'), 0) AS debits,
      coalesce(sum(l.amount) FILTER (WHERE l.side = 'credit'), 0) AS credits
    FROM unnest(account_ids, sides, amounts) AS l (account_id, side, amount)
    JOIN accounts a ON a.id = l.account_id
    GROUP BY a.book_id, a.currency) sums
  JOIN books b ON b.id = sums.book_id
  WHERE sums.debits <> sums.credits
  HAVING count(*) > 0;
  IF problem IS NOT NULL THEN
    PERFORM raise_problem('unbalanced', problem);
  END IF;

  INSERT INTO transactions (id, type, status, description, from_type, from_id, to_type, to_id, amount, currency,
    effective_date, external_id, metadata, event_id)
  VALUES (coalesce((work #>> '{resource,id}')::uuid, uuidv7()), coalesce(header ->> 'type', 'journal'), 'posted', header ->> 'description',
    header #>> '{from,type}', (header #>> '{from,id}')::uuid, header #>> '{to,type}', (header #>> '{to,id}')::uuid,
    (header ->> 'amount')::bigint, header ->> 'currency',
    coalesce((header ->> 'effective_date')::date, (now() AT TIME ZONE (SELECT time_zone FROM tenant))::date),
    header ->> 'external_id', coalesce(nullif(header -> 'metadata', 'null'), '{}'), (begun ->> 'event_id')::uuid)
  RETURNING * INTO posted;

  INSERT INTO transaction_journals (transaction_id, book_id, kind, effective_date)
  SELECT posted.id, a.book_id, 'post', posted.effective_date
  FROM accounts a
  WHERE a.id = ANY (account_ids)
  GROUP BY a.book_id
  ORDER BY a.book_id;

  INSERT INTO transaction_lines (journal_id, position, account_id, book_id, currency, side, amount, counterparty_book_id, memo)
  SELECT j.id, l.position, a.id, a.book_id, a.currency, l.side, l.amount, l.counterparty, l.memo
  FROM unnest(account_ids, sides, amounts, memos, counterparties) WITH ORDINALITY
    AS l (account_id, side, amount, memo, counterparty, position)
  JOIN accounts a ON a.id = l.account_id
  JOIN transaction_journals j ON j.transaction_id = posted.id AND j.book_id = a.book_id
  ORDER BY l.position;

  answer := transaction_document(posted, work -> 'scope');
  PERFORM work_complete(work, 201, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

-- The account that stands for one end of a typed transaction: the named account itself, or the party's account of a
-- purpose in the currency, opened with its chart when the party first meets that currency.
CREATE OR REPLACE FUNCTION rule_account(work jsonb, party jsonb, wanted_purpose text, in_currency text) RETURNS accounts
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  found_account accounts;
  book books;
BEGIN
  IF party ->> 'type' = 'account' THEN
    SELECT a.* INTO found_account FROM accounts a JOIN books b ON b.id = a.book_id
    WHERE a.id = (party ->> 'id')::uuid AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
    IF NOT FOUND THEN
      PERFORM raise_problem('account_not_found', jsonb_build_object('account_ids', jsonb_build_array(party -> 'id')));
    END IF;
    IF found_account.currency <> in_currency THEN
      PERFORM raise_problem('currency_mismatch', jsonb_build_object('account_id', found_account.id, 'currency', found_account.currency));
    END IF;
    RETURN found_account;
  END IF;
  SELECT b.* INTO book FROM books b
  WHERE b.party_type = (party ->> 'type')::party_type AND b.party_id = (party ->> 'id')::uuid
    AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
  IF NOT FOUND THEN
    PERFORM raise_problem('party_not_found', jsonb_build_object('party', party));
  END IF;
  PERFORM open_accounts(book.id, book.party_type, in_currency)
  WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.book_id = book.id AND a.purpose = wanted_purpose AND a.currency = in_currency);
  SELECT a.* INTO STRICT found_account FROM accounts a
  WHERE a.book_id = book.id AND a.purpose = wanted_purpose AND a.currency = in_currency;
  RETURN found_account;
END $$;

-- Posts a typed transaction {type, from, to, amount: {amount, currency}, description, …} by its posting rule.
-- Problems: rule_violation, party_not_found, currency_mismatch, and those of post_lines.
CREATE OR REPLACE FUNCTION post_by_rule(work jsonb, input jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun jsonb := work_begin(work);
  in_currency text := input #>> '{amount,currency}';
  rule posting_rules;
  line record;
  entry accounts;
  account_ids uuid[] := '{}';
  sides entry_side[] := '{}';
  types account_type[] := '{}';
  books_met uuid[] := '{}';
  counterparties uuid[] := '{}';
BEGIN
  IF begun ? 'replay' THEN RETURN begun; END IF;
  IF ((input #>> '{from,type}') = 'account') <> ((input #>> '{to,type}') = 'account')
    OR ((input #>> '{from,type}') = (input #>> '{to,type}') AND (input #>> '{from,id}')::uuid = (input #>> '{to,id}')::uuid) THEN
    PERFORM raise_problem('rule_violation', '{"reason": "from and to are two different parties, or two different accounts"}');
  END IF;
  PERFORM FROM currencies c WHERE c.code = in_currency;
  IF NOT FOUND THEN
    PERFORM raise_problem('invalid', '{"errors": {"amount.currency": ["is not an ISO 4217 currency"]}}');
  END IF;
  SELECT * INTO rule FROM posting_rules r
  WHERE r.type = input ->> 'type' AND r.between = CASE input #>> '{from,type}' WHEN 'account' THEN 'accounts' ELSE 'parties' END;
  IF NOT FOUND THEN
    PERFORM raise_problem('rule_violation', jsonb_build_object('reason', format('no posting rule for %s', input ->> 'type')));
  END IF;
  FOR line IN
    SELECT r.party, r.side, r.purpose, r.counterparty FROM posting_rule_lines r
    WHERE r.type = rule.type AND r.between = rule.between ORDER BY r.position
  LOOP
    entry := rule_account(work, input -> line.party, line.purpose, in_currency);
    account_ids := account_ids || entry.id;
    sides := sides || line.side;
    types := types || entry.type;
    books_met := books_met || entry.book_id;
    counterparties := counterparties || (
      SELECT b.id FROM books b
      WHERE b.party_type = (input #>> ARRAY[line.counterparty, 'type'])::party_type
        AND b.party_id = (input #>> ARRAY[line.counterparty, 'id'])::uuid);
  END LOOP;
  IF rule.between = 'accounts' AND books_met[1] <> books_met[2] THEN
    PERFORM raise_problem('rule_violation', '{"reason": "both accounts must be in one book"}');
  ELSIF NOT types <@ coalesce(rule.allowed_types, types) OR NOT types && coalesce(rule.required_types, types) THEN
    PERFORM raise_problem('rule_violation', jsonb_build_object('reason',
      format('a %s may not join these account types', rule.type), 'account_types', to_jsonb(types)));
  END IF;
  RETURN post_lines(work, input || jsonb_build_object('amount', input #> '{amount,amount}', 'currency', in_currency), account_ids, sides,
    array_fill((input #>> '{amount,amount}')::bigint, ARRAY[cardinality(account_ids)]),
    array_fill(NULL::text, ARRAY[cardinality(account_ids)]), counterparties);
END $$;
