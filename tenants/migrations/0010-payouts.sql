-- A payout is the transaction that sends money out of processor clearing, and its state is what the ledger says: a hold that
-- waits for its day, money in transit, cash that arrived, or money that came back. Nothing of it is stored beside the ledger,
-- so no state can go stale (docs/decisions/0016-payouts.md).

-- One payout ends once: settled or returned, by whichever door. A reversed end makes room for another.
CREATE UNIQUE INDEX transactions_payout_ends_once ON transactions (caused_by)
  WHERE type = 'payout' AND category IN ('settled', 'returned') AND status IN ('pending', 'posted');
CREATE INDEX transactions_payouts ON transactions (recorded_at, id) WHERE type = 'payout' AND category IS NULL;
CREATE INDEX transactions_payouts_by_party ON transactions (to_id, recorded_at, id) WHERE type = 'payout' AND category IS NULL;

CREATE VIEW payouts AS
SELECT t.id,
  CASE
    WHEN e.category = 'settled' THEN 'paid'
    WHEN e.category = 'returned' THEN 'returned'
    WHEN t.status = 'pending' THEN 'scheduled'
    WHEN t.status = 'posted' THEN 'in_transit'
    ELSE 'canceled'
  END AS state,
  t.to_type AS party_type, t.to_id AS party_id, b.name AS party_name, b.merchant_org_id, b.merchant_id,
  coalesce(t.posted_amount, t.amount) AS amount, t.currency, t.description, t.metadata ->> 'destination' AS destination,
  t.effective_date, t.source, t.external_id, t.recorded_at, e.recorded_at AS ended_at,
  CASE WHEN e.category = 'returned' THEN e.reason WHEN e.category IS NULL THEN t.reason END AS reason
FROM transactions t
JOIN books b ON b.party_id = t.to_id
  AND b.party_type = CASE t.to_type WHEN 'merchant' THEN 'merchant'::party_type WHEN 'merchant_org' THEN 'merchant_org' END
LEFT JOIN LATERAL (
  SELECT c.category, c.recorded_at, c.metadata ->> 'reason' AS reason
  FROM transactions c
  WHERE c.caused_by = t.id AND c.type = 'payout' AND c.category IN ('settled', 'returned') AND c.status = 'posted'
  LIMIT 1) e ON true
WHERE t.type = 'payout' AND t.category IS NULL;
