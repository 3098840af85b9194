import { expect } from 'vitest';
import type { TestTenant } from './tenant.ts';

/** The tables of the tenant's schema in which a row holds the text, in whatever column. */
export async function tablesWith(tenant: TestTenant, text: string): Promise<string[]> {
  const tables = await tenant.rows(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'm')`,
    [tenant.record.schema],
  );
  expect(tables.length).toBeGreaterThan(40);
  const looks = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name WHERE EXISTS (SELECT FROM ${name} t WHERE strpos(lower(t::text), lower($1)) > 0)`,
  );
  const found = await tenant.rows(looks.join(' UNION ALL '), [text]);
  return found.map(({ name }) => String(name)).sort();
}
