import type { AuditEventDetail } from '../../server/contexts/audit/schemas.ts';
import { humanize } from '../labels.ts';
import { Card } from './card.tsx';
import { TableScroll } from './table.tsx';

type Change = AuditEventDetail['changes'][number];

/** Change with every change, and say nothing about it. */
const UNTOLD = ['updated_at', 'version'];
const BOOKKEEPING = ['id', 'created_at'];
const VERBS = { insert: 'added', update: 'changed', delete: 'removed' };

/** One record that an event changed, column by column; among several that read alike, it is numbered. */
export function ChangeTable({ change, among }: { change: Change; among: Change[] }) {
  const columns = columnsOf(change);
  const alike = among.filter(({ table_name, verb }) => table_name === change.table_name && verb === change.verb);
  const number = alike.length > 1 ? ` (${alike.indexOf(change) + 1} of ${alike.length})` : '';
  const title = `${humanize(change.table_name)}: record ${VERBS[change.verb]}${number}`;
  if (columns.length === 0) {
    return (
      <Card title={title} padded>
        <p className="soft">It was saved as it was.</p>
      </Card>
    );
  }
  return (
    <Card title={title}>
      <TableScroll label={title}>
        <table className="changes">
          <thead>
            <tr>
              <th>Field</th>
              <th>Before</th>
              <th>After</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column}>
                <th scope="row">{column}</th>
                <td>{column in (change.before ?? {}) ? <del>{show(change.before?.[column])}</del> : null}</td>
                <td>{column in (change.after ?? {}) ? <ins>{show(change.after?.[column])}</ins> : null}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Card>
  );
}

/** The columns that it touched; those that only identify the record come last. */
function columnsOf(change: Change): string[] {
  const touched = new Set([...Object.keys(change.before ?? {}), ...Object.keys(change.after ?? {})]);
  const all = [...touched].filter((name) => !UNTOLD.includes(name));
  return [...all.filter((name) => !BOOKKEEPING.includes(name)), ...all.filter((name) => BOOKKEEPING.includes(name))];
}

function show(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
