import { type Books, credit, debit, openBooks } from '../ledger/books.ts';
import type { Answer, Body } from '../support/door.ts';

export const MAPPING = {
  delimiter: 'comma',
  has_header: true,
  skip_lines: 0,
  date_column: 'Date',
  date_format: 'YYYY-MM-DD',
  decimal_separator: '.',
  amount_column: 'Amount',
  is_sign_reversed: false,
  description_column: 'Description',
  reference_column: 'Reference',
} as const;

/** One row of a file: day, minor units, description, reference. */
export type Row = readonly [date: string, amount: number, description?: string, reference?: string];

const decimal = (amount: number) => (amount / 100).toFixed(2);

/** The file of a bank with these rows. */
export function csvOf(rows: readonly Row[]): string {
  const lines = rows.map(([date, amount, text = '', reference = '']) =>
    [date, decimal(amount), text, reference].join(','),
  );
  return ['Date,Amount,Description,Reference', ...lines].join('\n');
}

/** A tenant with accounts that have a bank behind them. */
export type Bank = {
  books: Books;
  /** Opens an account of the tenant with a source of statements; answers both ids. */
  openSource(more?: object): Promise<{ source: string; account: string }>;
  import(source: string, rows: readonly Row[], more?: object): Promise<Answer>;
  /** Posts to the account: a positive amount debits it. Answers the line of the account. */
  post(account: string, date: string, amount: number, more?: object): Promise<{ journal_id: string; position: number }>;
  linesOf(statement: string): Promise<Body[]>;
  match(statement: string, lines: readonly string[], ledger: readonly object[], more?: object): Promise<Answer>;
};

let opened = 0;

export async function openBank(tenants = 1): Promise<Bank> {
  const books = await openBooks(tenants);
  const { owner } = books;
  return {
    books,
    openSource: async (more = {}) => {
      opened += 1;
      const named = { code: `BANK-${opened}`, name: `Bank ${opened}`, type: 'asset', currency: 'USD' };
      const account = (await owner.post('/api/accounts', named)).body.id;
      const made = { name: `Bank ${opened}`, account_id: account, mapping: MAPPING, ...more };
      return { source: (await owner.post('/api/reconciliation/sources', made)).body.id, account };
    },
    import: (source, rows, more = {}) =>
      owner.post('/api/reconciliation/statements', { source_id: source, csv: csvOf(rows), ...more }),
    post: async (account, date, amount, more = {}) => {
      const other = books.account('tenant', 'revenue');
      const lines =
        amount > 0
          ? [debit(account, amount), credit(other, amount)]
          : [credit(account, -amount), debit(other, -amount)];
      const answer = await books.post(lines, { effective_date: date, ...more });
      if (answer.status !== 201) throw new Error(answer.text);
      return { journal_id: String((answer.body.journals[0] as unknown as Body).id), position: 1 };
    },
    linesOf: async (statement) =>
      (await owner.get(`/api/reconciliation/statement-lines?statement_id=${statement}&limit=200`)).body.data,
    match: (statement, lines, ledger, more = {}) =>
      owner.post('/api/reconciliation/matches', {
        statement_id: statement,
        statement_line_ids: lines,
        ledger_lines: ledger,
        ...more,
      }),
  };
}
