/** A column's name in addresses and views: its heading, as a word. */
export function columnName({ head }: { head: string }): string {
  return head
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

type Choosable = { head: string; from?: 'medium' | 'wide' | undefined; isExtra?: boolean | undefined };

/** Names that the address gives; null when it leaves the choice to the page. */
export function chosenNames(values: Record<string, string>): string[] | null {
  return values.columns ? values.columns.split(',') : null;
}

/**
 * The columns to show. The first is always there, since it leads to the row; those that somebody chose are there on
 * every width.
 */
export function shownColumns<Column extends Choosable>(columns: Column[], names: string[] | null): Column[] {
  return columns.flatMap((column, index) => {
    if (!names) return column.isExtra ? [] : [column];
    if (index > 0 && !names.includes(columnName(column))) return [];
    const { from: _, ...everywhere } = column;
    return [everywhere as Column];
  });
}
