import { formatMoney } from '../../../app/money.ts';
import type { Query } from './books.ts';

/** Opens a page of the portal as somebody who is signed in. */
export type Open = (path: string) => Promise<string>;

type Amount = { value: unknown; currency: unknown };

const LOCALE = 'en-US';
const shown = ({ value, currency }: Amount) => formatMoney(BigInt(String(value)), String(currency), LOCALE);

/** What a page shows as figures, in its order. */
function figuresIn(html: string): string[] {
  return [...html.matchAll(/<span class="numeric"[^>]*>([^<]*)<\/span>/g)].map(([, text]) =>
    text!.replaceAll('&amp;', '&'),
  );
}

/** The rows of a page's tables, by the address that each leads to. */
function rowsIn(html: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const row of html.split('<tr').slice(1)) {
    const href = row.match(/class="row-link"[^>]*href="([^"]*)"|href="([^"]*)"[^>]*class="row-link"/);
    if (href) rows.set(href[1] ?? href[2]!, figuresIn(row.split('</tr>')[0]!));
  }
  return rows;
}

/** What a page says under a name: of a fact, a statistic or the foot of a table. */
function figureOf(html: string, name: string): string | null {
  const [, rest] = html.split(new RegExp(`>${name}</(?:dt|th)>`));
  return rest === undefined ? null : (figuresIn(rest)[0] ?? null);
}

/** What pages say otherwise than the ledger, and how many figures were compared. */
export class Comparison {
  compared = 0;
  readonly differences: string[] = [];

  expect(where: string, said: unknown, known: unknown): void {
    this.compared += 1;
    const [left, right] = [JSON.stringify(said), JSON.stringify(known)];
    if (left !== right) this.differences.push(`${where} says ${left}, the ledger ${right}`);
  }
}

/**
 * What the ledger says of each invoice, from the lines that name it. The row tells only what is asked for (`total`), whom,
 * and the state.
 */
const INVOICES = `
  WITH line AS (
    SELECT coalesce(CASE WHEN t.to_type = 'merchant' THEN t.to_id END, t.from_id) AS merchant_id, t.metadata ->> 'invoice' AS number, t.type,
      a.purpose, CASE l.side WHEN 'debit' THEN l.amount::bigint ELSE -l.amount::bigint END AS value
    FROM transactions t
    JOIN transaction_journals j ON j.transaction_id = t.id AND j.kind = 'post'
    JOIN transaction_lines l ON l.journal_id = j.id
    JOIN accounts a ON a.id = l.account_id
    WHERE t.metadata ? 'invoice'),
  told AS (
    SELECT l.merchant_id, l.number,
      coalesce(sum(l.value) FILTER (WHERE l.type = 'payment' AND l.purpose IN ('cash', 'processor_clearing')), 0) AS received,
      coalesce(-sum(l.value) FILTER (WHERE l.type = 'refund' AND l.purpose IN ('cash', 'processor_clearing')), 0) AS given,
      coalesce(-sum(l.value) FILTER (WHERE l.type = 'payment' AND l.purpose = 'tips_payable'), 0) AS tips,
      coalesce(sum(l.value) FILTER (WHERE l.type = 'refund' AND l.purpose = 'tips_payable'), 0) AS tips_back,
      coalesce(-sum(l.value) FILTER (WHERE l.purpose = 'customer_deposits'), 0) AS held,
      coalesce(sum(l.value) FILTER (WHERE l.type = 'refund' AND l.purpose = 'customer_deposits'), 0) AS released,
      coalesce(-sum(l.value) FILTER (WHERE l.type = 'payment' AND l.purpose = 'tax_payable'), 0) AS tax,
      coalesce(-sum(l.value) FILTER (WHERE l.type = 'payment' AND l.purpose IN ('revenue', 'no_show_income')), 0) AS earned
    FROM line l GROUP BY 1, 2)
  SELECT i.id, i.merchant_id, i.end_customer_id, i.number, i.currency, i.status, i.total AS asked,
    CASE WHEN i.status IN ('paid', 'refunded') AND t.earned > 0 THEN t.earned + t.tax ELSE i.total END AS total,
    coalesce(t.received - t.tips, 0) AS paid, coalesce(t.held, 0) AS held, coalesce(t.tips - t.tips_back, 0) AS tips,
    coalesce(t.given - t.tips_back, 0) AS refunded,
    CASE i.status WHEN 'open' THEN i.total - coalesce(t.received - t.tips - t.released, 0) ELSE 0 END AS outstanding
  FROM customer_invoices i
  LEFT JOIN told t ON t.merchant_id = i.merchant_id AND t.number = i.number
  ORDER BY i.id DESC`;

type Invoice = Record<
  | 'id'
  | 'merchant_id'
  | 'end_customer_id'
  | 'currency'
  | 'total'
  | 'paid'
  | 'held'
  | 'tips'
  | 'refunded'
  | 'outstanding',
  string
>;

/** Opens the pages of each merchant and compares every figure. `eachInvoice` opens one in so many invoices and customers by itself. */
export async function comparePages(query: Query, open: Open, eachInvoice: number): Promise<Comparison> {
  const comparison = new Comparison();
  await compareDashboard(query, open, comparison);
  await comparePayouts(query, open, comparison);
  const invoices = (await query(INVOICES)) as Invoice[];
  for (const { id } of (await query('SELECT id FROM merchants ORDER BY id')) as { id: string }[]) {
    const own = invoices.filter((invoice) => invoice.merchant_id === id);
    await compareOverview(query, open, comparison, id);
    await compareInvoiceList(open, comparison, id, own);
    for (const [place, invoice] of own.entries()) {
      if (place % eachInvoice !== 0) continue;
      await compareInvoice(query, open, comparison, invoice);
      await compareCustomer(open, comparison, invoice, own);
    }
  }
  return comparison;
}

async function compareDashboard(query: Query, open: Open, comparison: Comparison): Promise<void> {
  const html = await open('/');
  const [figures] = await query(`
    WITH day AS (SELECT (now() AT TIME ZONE t.time_zone)::date AS today FROM tenant t)
    SELECT (SELECT count(*) FROM merchants m WHERE m.archived_at IS NULL) AS merchants,
      (SELECT count(*) FROM transactions t WHERE t.effective_date > day.today - 30 AND t.effective_date <= day.today) AS transactions
    FROM day`);
  const number = new Intl.NumberFormat(LOCALE);
  comparison.expect('dashboard, merchants', figureOf(html, 'Merchants'), number.format(Number(figures?.merchants)));
  const transactions = number.format(Number(figures?.transactions));
  comparison.expect('dashboard, transactions', figureOf(html, 'Transactions, last 30 days'), transactions);
  const revenue = (await query(`
    SELECT l.currency, sum(CASE l.side WHEN 'credit' THEN l.amount::bigint ELSE -l.amount::bigint END)::text AS value
    FROM transaction_lines l
    JOIN accounts a ON a.id = l.account_id
    CROSS JOIN (SELECT (now() AT TIME ZONE t.time_zone)::date AS today FROM tenant t) day
    WHERE a.type = 'revenue' AND l.kind IN ('post', 'reversal') AND l.effective_date > day.today - 30 AND l.effective_date <= day.today
    GROUP BY 1 ORDER BY l.currency = 'USD' DESC, 1`)) as Amount[];
  const [, card = ''] = html.split('Revenue, last 30 days');
  const said = figuresIn(card.split('<dt>')[0]!);
  comparison.expect('dashboard, revenue', said, revenue.map(shown));
}

async function comparePayouts(query: Query, open: Open, comparison: Comparison): Promise<void> {
  const amounts = (await query(`
    SELECT t.id, t.posted_amount::text AS value, t.currency FROM transactions t
    WHERE t.type = 'payout' AND t.category IS NULL ORDER BY t.recorded_at DESC, t.id DESC`)) as (Amount & {
    id: string;
  })[];
  const known = new Map(amounts.map((amount) => [`/payouts/${amount.id}`, [shown(amount)]]));
  let listed = 0;
  for await (const html of pagesOf(open, '/payouts')) {
    for (const [href, figures] of rowsIn(html)) {
      if (!known.has(href)) continue;
      listed += 1;
      comparison.expect(href, figures, known.get(href));
    }
  }
  comparison.expect('/payouts, rows', listed, known.size);
  const html = await open('/payouts');
  const waiting = await query(`
    SELECT b.party_type || ':' || b.party_id || ':' || a.currency AS payee, a.currency,
      sum(CASE l.side WHEN 'debit' THEN l.amount::bigint ELSE -l.amount::bigint END)
        FILTER (WHERE a.purpose = 'processor_clearing' AND l.kind IN ('post', 'reversal'))::text AS available,
      coalesce(sum(CASE l.side WHEN 'debit' THEN l.amount::bigint ELSE -l.amount::bigint END)
        FILTER (WHERE a.purpose = 'payouts_in_transit'), 0)::text AS in_transit
    FROM transaction_lines l JOIN accounts a ON a.id = l.account_id JOIN books b ON b.id = a.book_id
    WHERE a.purpose IN ('processor_clearing', 'payouts_in_transit') GROUP BY 1, 2`);
  const clearing = new Map(waiting.map((row) => [`/payouts/new?to=${row.payee}`, row]));
  const rows = [...rowsIn(html)].map(([href, figures]) => [href.replaceAll('%3A', ':'), figures] as const);
  const wanted = waiting.filter(({ available }) => Number(available) > 0).length;
  comparison.expect('/payouts, waiting', rows.filter(([href]) => clearing.has(href)).length, Math.min(6, wanted));
  for (const [href, figures] of rows) {
    const row = clearing.get(href);
    if (!row) continue;
    const expected = [row.in_transit, row.available].map((value) => shown({ value, currency: row.currency }));
    comparison.expect(href, figures, expected);
  }
}

async function compareOverview(query: Query, open: Open, comparison: Comparison, merchant: string): Promise<void> {
  const html = await open(`/merchants/${merchant}`);
  const amounts = (await query(
    `SELECT t.id, coalesce(t.currency, l.currency) AS currency, (CASE t.type WHEN 'refund' THEN -1 ELSE 1 END * coalesce(
        t.amount::bigint, sum(l.amount::bigint) FILTER (WHERE l.side = 'debit' AND j.kind = 'post')))::text AS value
     FROM transactions t JOIN transaction_journals j ON j.transaction_id = t.id JOIN transaction_lines l ON l.journal_id = j.id
     JOIN books b ON b.id = l.book_id
     WHERE b.party_id = $1 GROUP BY t.id, l.currency`,
    [merchant],
  )) as (Amount & { id: string })[];
  const known = new Map(amounts.map((amount) => [`/transactions/${amount.id}`, [shown(amount)]]));
  const rows = [...rowsIn(html)].filter(([href]) => known.has(href));
  comparison.expect(`/merchants/${merchant}, rows`, rows.length, Math.min(8, known.size));
  for (const [href, figures] of rows) comparison.expect(`/merchants/${merchant}, ${href}`, figures, known.get(href));
}

async function compareInvoiceList(open: Open, comparison: Comparison, merchant: string, own: Invoice[]): Promise<void> {
  const home = `/merchants/${merchant}/invoices`;
  const rows = new Map<string, string[]>();
  for await (const html of pagesOf(open, home)) for (const [href, figures] of rowsIn(html)) rows.set(href, figures);
  comparison.expect(`${home}, rows`, rows.size, own.length);
  for (const invoice of own) {
    const { total, outstanding, currency } = invoice;
    const known = [total, outstanding].map((value) => shown({ value, currency }));
    comparison.expect(`${home}/${invoice.id}`, rows.get(`${home}/${invoice.id}`), known);
  }
}

async function compareInvoice(query: Query, open: Open, comparison: Comparison, invoice: Invoice): Promise<void> {
  const path = `/merchants/${invoice.merchant_id}/invoices/${invoice.id}`;
  const html = await open(path);
  const { currency } = invoice;
  const parts = { Total: 'total', Paid: 'paid', Outstanding: 'outstanding' } as const;
  for (const [name, part] of Object.entries(parts)) {
    comparison.expect(`${path}, ${name}`, figureOf(html, name), shown({ value: invoice[part], currency }));
  }
  // These stand there only when there is something to say.
  const optional = { 'Of that held as a deposit': 'held', Tips: 'tips', 'Given back': 'refunded' } as const;
  for (const [name, part] of Object.entries(optional)) {
    const known = BigInt(invoice[part]) > 0n ? shown({ value: invoice[part], currency }) : null;
    comparison.expect(`${path}, ${name}`, figureOf(html, name), known);
  }
  const booked = (await query(
    `SELECT t.id, CASE t.type WHEN 'refund' THEN -t.posted_amount ELSE t.posted_amount END::text AS value, t.currency FROM transactions t
     WHERE t.metadata ->> 'invoice' = (SELECT i.number FROM customer_invoices i WHERE i.id = $1) AND t.type IN ('payment', 'refund')
       AND $2 IN (t.from_id, t.to_id)`,
    [invoice.id, invoice.merchant_id],
  )) as (Amount & { id: string })[];
  for (const amount of booked) {
    const [before] = html.split(`href="/transactions/${amount.id}"`);
    comparison.expect(`${path}, transaction ${amount.id}`, figuresIn(before!).at(-1), shown(amount));
  }
}

async function compareCustomer(
  open: Open,
  comparison: Comparison,
  { merchant_id, end_customer_id }: Invoice,
  own: Invoice[],
) {
  const home = `/merchants/${merchant_id}`;
  const html = await open(`${home}/customers/${end_customer_id}`);
  const latest = own.filter((invoice) => invoice.end_customer_id === end_customer_id).slice(0, 20);
  for (const { id, total, currency } of latest) {
    const [, after = ''] = html.split(`href="${home}/invoices/${id}"`);
    comparison.expect(
      `${home}/customers/${end_customer_id}, ${id}`,
      figuresIn(after)[0],
      shown({ value: total, currency }),
    );
  }
}

/** A list, page by page. */
async function* pagesOf(open: Open, path: string): AsyncGenerator<string> {
  let next: string | undefined = path;
  while (next) {
    const html = await open(next);
    yield html;
    const cursor = html.match(/href="[^"]*[?&](?:amp;)?cursor=([^"&]+)/)?.[1];
    next = cursor && `${path}?cursor=${cursor}`;
  }
}
