import {
  createPool,
  createSqlTag,
  type DatabasePool,
  type DriverFactory,
  type Interceptor,
  SchemaValidationError,
} from 'slonik';
import { connectionUrl, type Endpoint } from './endpoint.ts';
import { typeParsers } from './type-parsers.ts';

/** The only way to write SQL: ``sql.type(rowSchema)`…` `` for rows, ``sql.unsafe`…` `` where none are read, ``sql.fragment`…` `` for parts. */
export const sql = createSqlTag();

/** Checks every row against the schema of its query: a query that answers another shape is a bug found at once. */
const checkRows: Interceptor = {
  name: 'check-rows',
  transformRow: ({ resultParser }, query, row) => {
    if (!resultParser) {
      return row;
    }
    const result = resultParser['~standard'].validate(row);
    if (result instanceof Promise) {
      throw new Error('Row schemas are synchronous');
    }
    if (result.issues) {
      throw new SchemaValidationError(query, row, result.issues);
    }
    return result.value as typeof row;
  },
};

/** At most so many connections per tenant and home; none is kept when idle, so that a thousand tenants share one server. */
export const MAXIMUM_POOL_SIZE = 4;

/**
 * Opens a pool for one role at one endpoint. Nothing is ever set on a session, which keeps it correct behind
 * transaction-mode poolers: search_path and time-outs belong to the role.
 */
export function openPool(
  endpoint: Endpoint,
  credentials: { user: string; password: string },
  options: { driverFactory?: DriverFactory; maximumPoolSize?: number; idleTimeoutMs?: number } = {},
): Promise<DatabasePool> {
  return createPool(connectionUrl(endpoint, credentials.user, credentials.password), {
    ...(options.driverFactory ? { driverFactory: options.driverFactory } : {}),
    maxPoolSize: options.maximumPoolSize ?? MAXIMUM_POOL_SIZE,
    idleTimeout: options.idleTimeoutMs ?? 10_000,
    connectionTimeout: 5_000,
    connectionRetryLimit: 0,
    statementTimeout: 'DISABLE_TIMEOUT',
    idleInTransactionSessionTimeout: 'DISABLE_TIMEOUT',
    resetConnection: async () => {},
    interceptors: [checkRows],
    typeParsers,
  });
}
