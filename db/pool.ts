import {
  type ConnectionError,
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
const MAXIMUM_POOL_SIZE = 4;

/** Together they bound how long a request can wait before it runs: then it is answered 503, and may be tried again. */
const CONNECT_TIMEOUT_MS = 5_000;
const QUEUE_TIMEOUT_MS = 4_000;

/** Connections are made anew after a while, so that those who hold one meet a full server as everybody else does. */
const OLDEST_CONNECTION_MS = 10_000;
/** For so long after the server was full, a connection is closed after use instead of kept. */
const CROWDED_MS = 30_000;

/** Pauses before a full server is asked again, each up to twice as long by chance, lest all ask at the same time. */
const CROWDED_PAUSES_MS = [200, 500, 1_000];

/** How one tenant gives way to others while the server has too few connections: it waits a little, and keeps none. */
class Courtesy {
  #crowdedUntil = 0;

  /** After how many milliseconds to ask the server again; null when it is not fullness that it refused us for. */
  pauseAfter(error: ConnectionError, attempt: number): number | null {
    const { cause } = error;
    if (typeof cause !== 'object' || cause === null || !('code' in cause) || cause.code !== '53300') {
      return null;
    }
    this.#crowdedUntil = Date.now() + CROWDED_MS;
    const pause = CROWDED_PAUSES_MS[attempt - 1];
    return pause === undefined ? null : pause * (1 + Math.random());
  }

  readonly interceptor: Interceptor = {
    name: 'courtesy',
    beforePoolConnectionRelease: () => {
      if (Date.now() < this.#crowdedUntil) {
        // Slonik closes a connection whose release is refused.
        throw new Error('The server is crowded: this connection is not kept');
      }
      return null;
    },
  };
}

/**
 * Opens a pool for one role at one endpoint. Nothing is ever set on a session, which keeps it correct behind
 * transaction-mode poolers: search_path and time-outs belong to the role.
 * @param options.isKept connections stay open for minutes, whoever else waits for one: for the catalog, which all need
 */
export async function openPool(
  endpoint: Endpoint,
  credentials: { user: string; password: string },
  options: { driverFactory?: DriverFactory; maximumPoolSize?: number; isKept?: boolean } = {},
): Promise<DatabasePool> {
  const size = options.maximumPoolSize ?? MAXIMUM_POOL_SIZE;
  const courtesy = new Courtesy();
  const pool = await createPool(connectionUrl(endpoint, credentials.user, credentials.password), {
    ...(options.driverFactory ? { driverFactory: options.driverFactory } : {}),
    maxPoolSize: size,
    idleTimeout: options.isKept ? 600_000 : 10_000,
    maximumConnectionAge: options.isKept ? 'DISABLE_TIMEOUT' : OLDEST_CONNECTION_MS,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    connectionRetryLimit: 0,
    statementTimeout: 'DISABLE_TIMEOUT',
    idleInTransactionSessionTimeout: 'DISABLE_TIMEOUT',
    resetConnection: async () => {},
    interceptors: options.isKept ? [checkRows] : [checkRows, courtesy.interceptor],
    typeParsers,
  });
  return withBoundedQueue(pool, {
    size,
    waitMs: QUEUE_TIMEOUT_MS,
    onRefused: (error, attempt) => courtesy.pauseAfter(error, attempt),
  });
}
