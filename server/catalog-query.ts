import type { DatabasePool, QuerySqlToken } from 'slonik';
import type { Query } from '../tenants/resolve.ts';

/** A catalog query of tenants/resolve.ts through Slonik; its rows are checked there. */
export function catalogQuery(pool: DatabasePool): Query {
  return async (text, values) => {
    const query = { type: 'SLONIK_TOKEN_QUERY', sql: text, values: [...values] } as unknown as QuerySqlToken;
    const { rows } = await pool.query(query);
    return rows;
  };
}
