import { Link } from '@remix-run/react';
import type { Import } from '../../server/contexts/import/schemas.ts';
import type { ImportError } from '../../server/contexts/import-row/schemas.ts';
import { anotherFile, counted } from '../import-words.ts';
import { Card } from './card.tsx';
import { EmptyResult } from './empty.tsx';
import { Filters, SelectFilter } from './filters.tsx';
import { sentence } from './form.tsx';
import { Icon } from './icon.tsx';
import { ListFoot } from './list-foot.tsx';
import { Table } from './table.tsx';
import { useTenant } from './use-tenant.ts';

type Props = {
  found: Import;
  page: { data: ImportError[]; next_cursor: string | null };
  values: Record<string, string>;
  most: number;
};

/** What is wrong with the file, and the way to mend it. */
export function ImportErrors({ found, page, values, most }: Props) {
  const { locale } = useTenant();
  const bad = found.bad_row_count ?? 0;
  const labelOf = (field: string | null) => found.fields.find(({ name }) => name === field)?.label ?? 'The row';
  return (
    <>
      <div className="notice notice-bad" role="status">
        <Icon name="alert" />
        <div>
          <strong>
            {counted(bad, 'row', locale)} of {(found.row_count ?? 0).toLocaleString(locale)} cannot be imported
          </strong>
          <p>
            Nothing was made. Correct the rows in the file and <Link to={anotherFile(found)}>upload it again</Link>, or
            read other columns.
          </p>
        </div>
      </div>
      <Filters values={values}>
        <SelectFilter
          name="field"
          label="Field"
          values={values}
          choices={found.fields.map(({ name, label }) => ({ value: name, label }))}
        />
      </Filters>
      <Card title="What is wrong">
        {page.data.length > 0 ? (
          <Table
            label="What is wrong"
            rows={page.data}
            rowKey={(row) => row.id}
            columns={[
              { head: 'Line', end: true, cell: (row) => row.line.toLocaleString(locale) },
              { head: 'Column', from: 'medium', cell: (row) => row.column ?? <span className="faint">–</span> },
              { head: 'Reason', cell: (row) => sentence(labelOf(row.field), row.message) },
              {
                head: 'In the file',
                from: 'medium',
                cell: (row) =>
                  row.value ? <span className="wrap-anywhere">{row.value}</span> : <span className="faint">–</span>,
              },
            ]}
          />
        ) : (
          <EmptyResult href={`/imports/${found.id}`} />
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download={`/api/imports/${found.id}/errors`} />
      </Card>
      {bad >= most ? <p className="hint">The first {most.toLocaleString(locale)} reasons of a file are kept.</p> : null}
    </>
  );
}
