import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope } from '../../operations/list.ts';
import { type flowInput, flowOfFunds, trace } from './schemas.ts';

const MOST_TRANSACTIONS = 120;
const MOST_PARTIES = 80;
const MOST_FLOWS = 200;

const traceRow = v.object({ trace: v.nullable(trace) });

/** The graph around a transaction; null when it touches no book in scope. */
export async function selectTrace(tx: CommonQueryMethods, scope: Scope, id: string) {
  const names = inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
  const row = await tx.one(sql.type(traceRow)`
    WITH reached AS MATERIALIZED (SELECT r.id, r.depth FROM traced(${id}, ${sql.jsonb(scope)}, ${MOST_TRANSACTIONS + 1}) r),
    found AS MATERIALIZED (
      SELECT t.*, r.depth
      FROM reached r
      JOIN transactions t ON t.id = r.id
      ORDER BY abs(r.depth), t.id
      LIMIT ${MOST_TRANSACTIONS}),
    debt AS (
      -- What is due from another book, or to it: both books say the same, whichever of them is in scope.
      SELECT d.by, d.debtor, d.creditor, d.currency, max(d.amount) AS amount
      FROM (
        SELECT j.transaction_id AS by, CASE a.type WHEN 'asset' THEN l.counterparty_book_id ELSE l.book_id END AS debtor,
          CASE a.type WHEN 'asset' THEN l.book_id ELSE l.counterparty_book_id END AS creditor, l.currency,
          sum(CASE (l.side = 'debit') = (a.type = 'asset') WHEN true THEN l.amount ELSE -l.amount END) AS amount
        FROM found f
        JOIN transaction_journals j ON j.transaction_id = f.id AND j.kind = 'post'
        JOIN books b ON b.id = j.book_id
        JOIN transaction_lines l ON l.journal_id = j.id AND l.counterparty_book_id IS NOT NULL
        JOIN accounts a ON a.id = l.account_id AND a.type IN ('asset', 'liability')
        WHERE ${allOf([names])}
        GROUP BY j.transaction_id, j.id, 2, 3, l.currency) d
      GROUP BY d.by, d.debtor, d.creditor, d.currency),
    edge AS (
      SELECT 1 AS place, f.caused_by AS source, f.id AS target, 'caused' AS kind, NULL::bigint AS amount, NULL::text AS currency, NULL::uuid AS by
      FROM found f WHERE f.caused_by IN (SELECT c.id FROM found c)
      UNION ALL
      SELECT 2, f.id, o.id, 'same_external_id', NULL, NULL, NULL
      FROM found f JOIN found o ON o.external_id = f.external_id AND o.id > f.id
      UNION ALL
      SELECT 3, f.from_id, f.id, 'from_party', f.amount, f.currency, NULL FROM found f WHERE f.from_id IS NOT NULL
      UNION ALL
      SELECT 4, f.id, f.to_id, 'to_party', f.amount, f.currency, NULL FROM found f WHERE f.to_id IS NOT NULL
      UNION ALL
      SELECT 5, debtor.party_id, creditor.party_id, CASE WHEN d.amount > 0 THEN 'owes' ELSE 'settles' END, abs(d.amount), d.currency, d.by
      FROM debt d JOIN books debtor ON debtor.id = d.debtor JOIN books creditor ON creditor.id = d.creditor WHERE d.amount <> 0),
    party AS MATERIALIZED (
      SELECT p.id, min(p.type) AS type, min(p.depth) AS depth
      FROM (
        SELECT f.from_id AS id, f.from_type::text AS type, abs(f.depth) AS depth FROM found f
        UNION ALL SELECT f.to_id, f.to_type::text, abs(f.depth) FROM found f
        UNION ALL SELECT b.party_id, b.party_type::text, 0 FROM debt d JOIN books b ON b.id IN (d.debtor, d.creditor)) p
      WHERE p.id IS NOT NULL
      GROUP BY p.id
      ORDER BY min(p.depth), p.id
      LIMIT ${MOST_PARTIES + 1}),
    shown AS (SELECT p.* FROM party p ORDER BY p.depth, p.id LIMIT ${MOST_PARTIES}),
    node AS (SELECT f.id FROM found f UNION ALL SELECT p.id FROM shown p)
    SELECT CASE WHEN EXISTS (SELECT FROM found) THEN json_build_object(
      'transaction_id', ${id}::uuid,
      'nodes', (
        SELECT json_agg(n.node ORDER BY n.place, n.depth, n.id) FROM (
          SELECT 1 AS place, f.depth, f.id, json_build_object('id', f.id, 'kind', 'transaction', 'label', f.description, 'depth', f.depth,
            'type', f.type, 'category', f.category, 'status', f.status, 'effective_date', f.effective_date,
            'amount', CASE WHEN f.amount IS NOT NULL THEN json_build_object('amount', f.amount, 'currency', f.currency) END) AS node
          FROM found f
          UNION ALL
          SELECT 2, p.depth, p.id, json_build_object('id', p.id, 'kind', 'party', 'party_type', p.type, 'label', coalesce(
            (SELECT b.name FROM books b WHERE ${allOf([sql.fragment`b.party_type::text = p.type AND b.party_id = p.id`, names])}),
            (SELECT a.code || ' ' || a.name FROM accounts a JOIN books b ON b.id = a.book_id
              WHERE ${allOf([sql.fragment`p.type = 'account' AND a.id = p.id`, names])})))
          FROM shown p) n),
      'edges', (
        SELECT coalesce(json_agg(json_build_object('source', e.source, 'target', e.target, 'kind', e.kind, 'by', e.by,
          'amount', CASE WHEN e.amount IS NOT NULL THEN json_build_object('amount', e.amount, 'currency', e.currency) END)
          ORDER BY e.place, e.target, e.source), '[]')
        FROM edge e WHERE e.source IN (SELECT n.id FROM node n) AND e.target IN (SELECT n.id FROM node n)),
      'is_cut', (SELECT count(*) FROM reached) > ${MOST_TRANSACTIONS}
        OR (SELECT count(*) FROM party) > ${MOST_PARTIES}) END AS trace`);
  return row.trace;
}

const flowRow = v.object({ report: flowOfFunds });

/** What moved in a period, reversals taken off: all of it by kind of party, and the largest flows party by party. */
export async function selectFlows(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof flowInput>) {
  const ends = {
    from: { book: sql.fragment`payer`, type: sql.fragment`f.from_type`, id: sql.fragment`f.from_id` },
    to: { book: sql.fragment`taker`, type: sql.fragment`f.to_type`, id: sql.fragment`f.to_id` },
  };
  const covers = ({ book }: typeof ends.from) =>
    inScope(scope, sql.fragment`${book}.merchant_org_id`, sql.fragment`${book}.merchant_id`);
  const end = (
    of: typeof ends.from,
  ) => sql.fragment`CASE WHEN ${of.id} IS NOT NULL THEN json_build_object('type', ${of.type},
    'id', ${of.id}, 'name', CASE WHEN ${allOf([covers(of)])} THEN ${of.book}.name END) END`;
  const [payer, taker] = [covers(ends.from), covers(ends.to)];
  const org = input.merchant_org_id;
  const where = [
    payer && taker ? sql.fragment`(${payer} OR ${taker})` : null,
    org ? sql.fragment`(payer.merchant_org_id = ${org} OR taker.merchant_org_id = ${org})` : null,
    equals(sql.fragment`f.currency`, input.currency),
  ];
  const { report } = await tx.one(sql.type(flowRow)`
    WITH period AS MATERIALIZED (
      SELECT coalesce(${input.from ?? null}::date, least(date_trunc('month', n.today)::date, ${input.to ?? null}::date)) AS first,
        coalesce(${input.to ?? null}::date, greatest(n.today, ${input.from ?? null}::date)) AS last
      FROM (SELECT (now() AT TIME ZONE t.time_zone)::date AS today FROM tenant t) n),
    flow AS MATERIALIZED (
      SELECT f.*, ${end(ends.from)} AS payer_end, ${end(ends.to)} AS taker_end
      FROM period p
      CROSS JOIN LATERAL flows_between(p.first, p.last) f
      LEFT JOIN books payer ON payer.party_type::text = f.from_type::text AND payer.party_id = f.from_id
      LEFT JOIN books taker ON taker.party_type::text = f.to_type::text AND taker.party_id = f.to_id
      WHERE ${allOf(where)}),
    largest AS (
      SELECT f.* FROM flow f ORDER BY abs(f.amount) DESC, f.currency, f.type, f.category, f.from_id, f.to_id LIMIT ${MOST_FLOWS})
    SELECT json_build_object('from', p.first, 'to', p.last,
      'totals', (
        SELECT coalesce(json_agg(json_build_object('currency', s.currency, 'type', s.type, 'category', s.category, 'from_type', s.from_type,
          'to_type', s.to_type, 'amount', s.amount, 'transactions', s.transactions) ORDER BY s.currency, s.amount DESC, s.type, s.category), '[]')
        FROM (
          SELECT f.currency, f.type, f.category, f.from_type, f.to_type, sum(f.amount)::bigint AS amount, sum(f.transactions)::bigint AS transactions
          FROM flow f GROUP BY f.currency, f.type, f.category, f.from_type, f.to_type) s),
      'flows', (
        SELECT coalesce(json_agg(json_build_object('currency', l.currency, 'type', l.type, 'category', l.category, 'from', l.payer_end,
          'to', l.taker_end, 'amount', l.amount, 'transactions', l.transactions) ORDER BY abs(l.amount) DESC, l.currency, l.type, l.category), '[]')
        FROM largest l),
      'is_cut', (SELECT count(*) FROM flow) > ${MOST_FLOWS}) AS report
    FROM period p`);
  return report;
}

const indexRow = v.object({ step: v.object({ indexed: v.number(), has_more: v.boolean() }) });

export async function callIndex(tx: CommonQueryMethods) {
  const { step } = await tx.one(sql.type(indexRow)`SELECT index_ledger() AS step`);
  return step;
}
