import { randomBytes } from 'node:crypto';
import type { TestTenant } from '../support/tenant.ts';

export const MAPPING = {
  delimiter: 'comma',
  has_header: true,
  skip_lines: 0,
  date_column: 'Date',
  date_format: 'YYYY-MM-DD',
  decimal_separator: '.',
  amount_column: 'Amount',
  is_sign_reversed: false,
  description_column: 'Text',
};

/** A file with one line that no other file has. */
export const newFile = () => `Date,Amount,Text\n2026-03-01,1.00,${randomBytes(6).toString('hex')}\n`;

/** An account of a book that no source is for yet. */
export async function newAccount({ owner }: TestTenant, bookId: string): Promise<string> {
  const code = `BANK-${randomBytes(6).toString('hex')}`;
  return (await owner.post('/api/accounts', { book_id: bookId, code, name: 'Bank', type: 'asset', currency: 'USD' }))
    .body.id;
}

/** A statement of a source of its own, its line, and a line of the ledger that it is; matched when wanted. */
export async function newStatement(tenant: TestTenant, bookId: string, options: { isMatched: boolean }) {
  const { owner } = tenant;
  const [account, other] = [await newAccount(tenant, bookId), await newAccount(tenant, bookId)];
  const made = { name: 'Bank', account_id: account, mapping: MAPPING };
  const source = (await owner.post('/api/reconciliation/sources', made)).body.id;
  const file = { source_id: source, csv: newFile() };
  const statement = (await owner.post('/api/reconciliation/statements', file)).body.id;
  const [line] = (await owner.get(`/api/reconciliation/statement-lines?statement_id=${statement}`)).body.data;
  const posted = await owner.post('/api/transactions', {
    description: 'Takings',
    effective_date: '2026-03-01',
    lines: [
      { account_id: account, side: 'debit', amount: 100 },
      { account_id: other, side: 'credit', amount: 100 },
    ],
  });
  const [journal] = posted.body.journals as unknown as { id: string }[];
  const body = {
    statement_id: statement,
    statement_line_ids: [line!.id],
    ledger_lines: [{ journal_id: journal!.id, position: 1 }],
  };
  const match = options.isMatched ? (await owner.post('/api/reconciliation/matches', body)).body.id : '';
  return { account, other, source, statement, match, body };
}
