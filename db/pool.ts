import {
  createPool,
  createSqlTag,
  type DatabasePool,
  type DriverFactory,
  type Interceptor,
  SchemaValidationError,
} from 'slonik';
import { withBoundedQueue } from './bounded-queue.ts';
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

/** Together they bound how long a request can wait before it runs: then it is answered 503, and may be tried again. */
const CONNECT_TIMEOUT_MS = 5_000;
const QUEUE_TIMEOUT_MS = 5_000;

/**
 * Opens a pool for one role at one endpoint. Nothing is ever set on a session, which keeps it correct behind
 * transaction-mode poolers: search_path and time-outs belong to the role.
 */
export async function openPool(
  endpoint: Endpoint,
  credentials: { user: string; password: string },
  options: { driverFactory?: DriverFactory; maximumPoolSize?: number; idleTimeoutMs?: number } = {},
): Promise<DatabasePool> {
  const size = options.maximumPoolSize ?? MAXIMUM_POOL_SIZE;
  const pool = await createPool(connectionUrl(endpoint, credentials.user, credentials.password), {
    ...(options.driverFactory ? { driverFactory: options.driverFactory } : {}),
    maxPoolSize: size,
    idleTimeout: options.idleTimeoutMs ?? 10_000,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    connectionRetryLimit: 0,
    statementTimeout: 'DISABLE_TIMEOUT',
    idleInTransactionSessionTimeout: 'DISABLE_TIMEOUT',
    resetConnection: async () => {},
    interceptors: [checkRows],
    typeParsers,
  });
  return withBoundedQueue(pool, size, QUEUE_TIMEOUT_MS);
}
