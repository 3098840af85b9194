-- Books, their charts of accounts, and who may see and change them. Nothing here posts.

-- Whether a scope {all, merchant_org_ids, merchant_ids} covers a party. No scope: an operation of the product's own.
CREATE OR REPLACE FUNCTION scope_covers(scope jsonb, org_id uuid, merchant_id uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(scope IS NULL OR (scope -> 'all')::boolean
  OR scope -> 'merchant_org_ids' ? org_id::text OR scope -> 'merchant_ids' ? merchant_id::text, false);

-- Whether an amount on the debit side adds to an account of this type.
CREATE OR REPLACE FUNCTION is_debit_normal(type account_type) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN type IN ('asset', 'expense');

-- Every posting holds the lock of each book that it touches shared, taken in the order of their ids. What must not race
-- with a posting (closing a book, period or account, setting a limit) takes it exclusively.
CREATE OR REPLACE FUNCTION lock_book(book uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(uuid_hash_extended(book, 0));
END $$;

CREATE OR REPLACE FUNCTION share_books(book_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(uuid_hash_extended(b.id, 0)) FROM (SELECT DISTINCT unnest(book_ids) AS id ORDER BY 1) b;
END $$;

CREATE OR REPLACE FUNCTION open_accounts(book uuid, chart party_type, in_currency text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts (book_id, code, name, type, currency, purpose)
  SELECT b.id, t.code || CASE WHEN b.currency = in_currency THEN '' ELSE '-' || in_currency END, t.name, t.type, in_currency, t.purpose
  FROM chart_templates t
  CROSS JOIN books b
  WHERE t.party_type = chart AND b.id = book
  ORDER BY t.code
  ON CONFLICT (book_id, purpose, currency) WHERE purpose IS NOT NULL DO NOTHING;
END $$;

-- Opens the books of a party with the chart of its kind. Part of the operation that creates the party.
CREATE OR REPLACE FUNCTION open_book(party party_type, id_of_party uuid, org_id uuid, name text, in_currency text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  book uuid;
BEGIN
  INSERT INTO books (party_type, party_id, merchant_org_id, merchant_id, name, currency, epoch)
  VALUES (party, id_of_party, org_id, CASE party WHEN 'merchant' THEN id_of_party END, open_book.name, in_currency,
    (SELECT s.epoch FROM ledger_state s))
  RETURNING id INTO book;
  PERFORM open_accounts(book, party, in_currency);
  RETURN book;
END $$;

CREATE OR REPLACE FUNCTION account_document(a accounts) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', a.id, 'book_id', a.book_id, 'code', a.code, 'name', a.name, 'type', a.type, 'currency', a.currency,
  'purpose', a.purpose, 'minimum_balance', a.minimum_balance, 'maximum_balance', a.maximum_balance,
  'status', a.status, 'version', a.version, 'created_at', rfc3339(a.created_at), 'updated_at', rfc3339(a.updated_at));

-- Creates an account {code, name, type, currency, book_id?, minimum_balance?, maximum_balance?} in the tenant's own book
-- unless told otherwise. Problems: book_not_found, book_closed, invalid (currency), conflict (code), limit_exceeded.
CREATE OR REPLACE FUNCTION create_account(work jsonb, input jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
  created accounts;
  book books;
  answer text;
BEGIN
  IF begun.replay IS NOT NULL THEN RETURN begun.replay; END IF;
  SELECT * INTO book FROM books b
  WHERE CASE WHEN input ->> 'book_id' IS NULL THEN b.party_type = 'tenant' ELSE b.id = (input ->> 'book_id')::uuid END
    AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id)
  FOR KEY SHARE;
  IF NOT FOUND THEN
    PERFORM raise_problem('book_not_found');
  ELSIF book.status <> 'open' THEN
    PERFORM raise_problem('book_closed', jsonb_build_object('book_id', book.id));
  END IF;
  INSERT INTO accounts (id, book_id, code, name, type, currency)
  VALUES (coalesce((work #>> '{resource,id}')::uuid, uuidv7()), book.id, input ->> 'code', input ->> 'name',
    (input ->> 'type')::account_type, input ->> 'currency')
  RETURNING * INTO created;
  IF coalesce(input ->> 'minimum_balance', input ->> 'maximum_balance') IS NOT NULL THEN
    created := set_limits(created, (input ->> 'minimum_balance')::bigint, (input ->> 'maximum_balance')::bigint);
  END IF;
  answer := account_document(created);
  PERFORM keep_answer(work, 201, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

-- An account about to change, its row locked; with its book locked too where no posting may run meanwhile.
-- Problems: not_found, book_closed, stale.
CREATE OR REPLACE FUNCTION lock_account(work jsonb, wanted uuid, expected_version integer, with_book boolean) RETURNS accounts
LANGUAGE plpgsql AS $$
DECLARE
  found_book uuid;
  locked accounts;
BEGIN
  SELECT b.id INTO found_book
  FROM accounts a
  JOIN books b ON b.id = a.book_id
  WHERE a.id = wanted AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
  IF NOT FOUND THEN
    PERFORM raise_problem('not_found');
  END IF;
  IF with_book THEN
    PERFORM lock_book(found_book);
    PERFORM raise_problem('book_closed', jsonb_build_object('book_id', b.id, 'message', format('The books of %s are closed.', b.name)))
    FROM books b WHERE b.id = found_book AND b.status <> 'open';
  END IF;
  SELECT * INTO STRICT locked FROM accounts a WHERE a.id = wanted FOR NO KEY UPDATE;
  IF locked.version <> expected_version THEN
    PERFORM raise_problem('stale');
  END IF;
  RETURN locked;
END $$;

-- Changes {name?, minimum_balance?, maximum_balance?} of an account; a limit that is null is lifted.
-- Problems: those of lock_account, limit_exceeded.
CREATE OR REPLACE FUNCTION update_account(work jsonb, wanted uuid, input jsonb, expected_version integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
  has_limits boolean := input ?| ARRAY['minimum_balance', 'maximum_balance'];
  account accounts;
  answer text;
BEGIN
  IF begun.replay IS NOT NULL THEN RETURN begun.replay; END IF;
  account := lock_account(work, wanted, expected_version, has_limits);
  IF input ->> 'name' <> account.name THEN
    UPDATE accounts a SET name = input ->> 'name' WHERE a.id = account.id RETURNING * INTO account;
  END IF;
  IF has_limits THEN
    account := set_limits(account,
      CASE WHEN input ? 'minimum_balance' THEN (input ->> 'minimum_balance')::bigint ELSE account.minimum_balance END,
      CASE WHEN input ? 'maximum_balance' THEN (input ->> 'maximum_balance')::bigint ELSE account.maximum_balance END);
  END IF;
  answer := account_document(account);
  PERFORM keep_answer(work, 200, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

-- Closes an account, which must hold nothing and have nothing pending, or opens it again.
-- Problems: those of lock_account, conflict (it is so already), account_not_empty.
CREATE OR REPLACE FUNCTION set_account_status(work jsonb, wanted uuid, new_status text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
  account accounts;
  answer text;
BEGIN
  IF begun.replay IS NOT NULL THEN RETURN begun.replay; END IF;
  account := lock_account(work, wanted, NULL, true);
  IF account.status = new_status THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message', format('The account is %s already.', new_status)));
  ELSIF new_status = 'closed' THEN
    PERFORM raise_problem('account_not_empty', to_jsonb(s) || jsonb_build_object('currency', account.currency, 'balance', s.debits - s.credits,
      'message', CASE WHEN s.debits <> s.credits THEN 'An account is closed when its balance is zero. Move what it holds first.'
        ELSE 'An account is closed when nothing is pending on it. Post or void its holds first.' END))
    FROM sums_now(ARRAY[account.id]) s
    WHERE s.debits <> s.credits OR s.pending_debits <> 0 OR s.pending_credits <> 0;
  END IF;
  UPDATE accounts a SET status = new_status WHERE a.id = account.id RETURNING * INTO account;
  answer := account_document(account);
  PERFORM keep_answer(work, 200, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

CREATE OR REPLACE FUNCTION book_document(b books) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', b.id, 'party_type', b.party_type, 'party_id', b.party_id, 'name', b.name, 'currency', b.currency,
  'status', b.status, 'closed_through', b.closed_through, 'version', b.version,
  'created_at', rfc3339(b.created_at), 'updated_at', rfc3339(b.updated_at));

-- Closes books for good, or opens them again. They are closed when their party owns nothing and owes nothing and nothing is
-- pending: what was earned and spent stays in them as history. The tenant's own stay open.
-- Problems: not_found, conflict (they are so already, or are the tenant's), book_not_empty (accounts).
CREATE OR REPLACE FUNCTION set_book_status(work jsonb, wanted uuid, new_status text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
  book books;
  filled jsonb;
  answer text;
BEGIN
  IF begun.replay IS NOT NULL THEN RETURN begun.replay; END IF;
  book := lock_readable_book(work, wanted, 'not_found');
  IF book.status = new_status THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message', format('The books are %s already.', new_status)));
  ELSIF book.party_type = 'tenant' THEN
    PERFORM raise_problem('conflict', '{"message": "The books of the platform itself stay open."}');
  ELSIF new_status = 'closed' THEN
    PERFORM require_no_pending_cards(book.merchant_id, book.name);
    SELECT jsonb_agg(jsonb_build_object('account_id', a.id, 'code', a.code, 'name', a.name, 'currency', a.currency,
      'balance', s.debits - s.credits, 'pending_debits', s.pending_debits, 'pending_credits', s.pending_credits) ORDER BY a.code)
    INTO filled
    FROM sums_now(ARRAY(SELECT a.id FROM accounts a WHERE a.book_id = book.id)) s
    JOIN accounts a ON a.id = s.account_id
    WHERE a.type IN ('asset', 'liability') AND s.debits <> s.credits OR s.pending_debits <> 0 OR s.pending_credits <> 0;
    IF filled IS NOT NULL THEN
      PERFORM raise_problem('book_not_empty', jsonb_build_object('accounts', filled,
        'message', format('Accounts that still hold assets, debts or pending amounts: %s.', jsonb_array_length(filled))));
    END IF;
  END IF;
  UPDATE books b SET status = new_status WHERE b.id = book.id RETURNING * INTO book;
  answer := book_document(book);
  PERFORM keep_answer(work, 200, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

-- A book in scope, locked: no posting to it runs until the commit. Problem: the one named, when there is no such book.
CREATE OR REPLACE FUNCTION lock_readable_book(work jsonb, wanted uuid, problem text) RETURNS books
LANGUAGE plpgsql AS $$
DECLARE
  locked books;
BEGIN
  PERFORM FROM books b WHERE b.id = wanted AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
  IF NOT FOUND THEN
    PERFORM raise_problem(problem);
  END IF;
  PERFORM lock_book(wanted);
  SELECT * INTO STRICT locked FROM books b WHERE b.id = wanted FOR NO KEY UPDATE;
  RETURN locked;
END $$;

-- Sets or lifts the limits of an account; its balance must be within them. The caller has the book's lock, or has just
-- created the account.
CREATE OR REPLACE FUNCTION set_limits(account accounts, minimum bigint, maximum bigint) RETURNS accounts
LANGUAGE plpgsql AS $$
DECLARE
  balance limited_balances;
BEGIN
  UPDATE accounts a SET minimum_balance = minimum, maximum_balance = maximum WHERE a.id = account.id RETURNING * INTO account;
  DELETE FROM limited_balances b WHERE b.account_id = account.id;
  IF minimum IS NOT NULL OR maximum IS NOT NULL THEN
    INSERT INTO limited_balances (account_id, debits, credits, pending_debits, pending_credits)
    SELECT account.id, s.debits, s.credits, s.pending_debits, s.pending_credits FROM sums_now(ARRAY[account.id]) s
    RETURNING * INTO balance;
    PERFORM check_limits(account, balance);
  END IF;
  RETURN account;
END $$;

-- What is posted and what is still pending together must stay within the limits, whichever way the pending part ends.
-- Problem: limit_exceeded.
CREATE OR REPLACE FUNCTION check_limits(account accounts, balance limited_balances) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  sign integer := CASE WHEN is_debit_normal(account.type) THEN 1 ELSE -1 END;
  posted bigint := sign * (balance.debits - balance.credits);
  lowest bigint := posted - CASE sign WHEN 1 THEN balance.pending_credits ELSE balance.pending_debits END;
  highest bigint := posted + CASE sign WHEN 1 THEN balance.pending_debits ELSE balance.pending_credits END;
BEGIN
  IF lowest < account.minimum_balance OR highest > account.maximum_balance THEN
    PERFORM raise_problem('limit_exceeded', jsonb_build_object('account_id', account.id,
      'minimum_balance', account.minimum_balance, 'maximum_balance', account.maximum_balance,
      'message', format('Account %s %s would %s of %s.', account.code, account.name,
        CASE WHEN lowest < account.minimum_balance THEN 'fall below its minimum' ELSE 'exceed its maximum' END,
        CASE WHEN lowest < account.minimum_balance THEN account.minimum_balance ELSE account.maximum_balance END)));
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION update_account(jsonb, uuid, jsonb, integer), set_account_status(jsonb, uuid, text), book_document(books),
  set_book_status(jsonb, uuid, text) TO {{role}};
