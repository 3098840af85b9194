import { Client, types } from '@neondatabase/serverless';
import { createDriverFactory, type DriverFactory, parseDsn } from 'slonik';
import { toSlonikError } from './driver-errors.ts';
import type { Endpoint } from './endpoint.ts';
import { typeOids } from './type-parsers.ts';

/** A little more than the statement_timeout of tenants' roles. */
const SILENCE_TIMEOUT_MS = 20_000;

type SocketConstructor = new (address: string) => unknown;

/** Sets one client's transport: Neon's WebSocket (or a proxy of its kind), or a TCP socket in its place. */
function configureTransport(client: Client, endpoint: Endpoint, tcpSocket: SocketConstructor): void {
  const socket = client.neonConfig;
  socket.disableWarningInBrowsers = true;
  if (endpoint.transport === 'tcp') {
    socket.webSocketConstructor = tcpSocket as typeof socket.webSocketConstructor;
    socket.wsProxy = (host, port) => `${host}:${port}/${endpoint.isTlsRequired ? '?tls=1' : ''}`;
    socket.useSecureWebSocket = false;
    // The socket class gathers the writes of a turn itself, without a timer.
    socket.coalesceWrites = false;
    socket.pipelineConnect = false;
  } else if (endpoint.proxy) {
    const { proxy } = endpoint;
    socket.wsProxy = (host, port) => `${proxy.host}${proxy.pathname}?address=${host}:${port}`;
    socket.useSecureWebSocket = proxy.protocol === 'wss:';
    socket.pipelineConnect = false;
  }
}

function typeParserOf(parsers: readonly { name: string; parse: (value: string) => unknown }[]) {
  const byOid = new Map<number, (value: string) => unknown>();
  for (const { name, parse } of parsers) {
    const [scalar, array] = typeOids[name] ?? [];
    if (scalar === undefined || array === undefined) {
      throw new Error(`No type OID is known for ${name}`);
    }
    byOid.set(scalar, parse);
    byOid.set(array, (value) => (types.getTypeParser(1009)(value) as string[]).map(parse));
  }
  return { getTypeParser: (oid: number) => byOid.get(oid) ?? types.getTypeParser(oid) };
}

/** Slonik over the Neon driver, for the edge runtime: one driver, both transports. Streaming queries are not offered. */
export function createNeonDriverFactory(endpoint: Endpoint, tcpSocket: SocketConstructor): DriverFactory {
  return createDriverFactory(async ({ driverConfiguration }) => ({
    createPoolClient: async ({ clientEventEmitter }) => {
      const { username, password } = parseDsn(driverConfiguration.connectionUri);
      const client = new Client({
        host: endpoint.host,
        port: endpoint.port,
        database: endpoint.database,
        user: username,
        password,
        types: typeParserOf(driverConfiguration.typeParsers) as never,
        connectionTimeoutMillis:
          driverConfiguration.connectionTimeout === 'DISABLE_TIMEOUT' ? 0 : driverConfiguration.connectionTimeout,
      });
      configureTransport(client, endpoint, tcpSocket);
      client.on('error', (error: unknown) => clientEventEmitter.emit('error', toSlonikError(error) as Error));
      client.on('notice', ({ message }: { message?: string }) => {
        if (message) {
          clientEventEmitter.emit('notice', { message });
        }
      });
      return {
        connect: async () => {
          await client.connect().catch((error: unknown) => {
            throw toSlonikError(error);
          });
        },
        end: () => client.end(),
        query: async (sql, values) => {
          // A server that has gone silent is noticed here; one that works too long ends the statement itself, before.
          const timer = setTimeout(() => void client.end(), SILENCE_TIMEOUT_MS);
          const result = await client
            .query(sql, values as unknown[])
            .catch((error: unknown) => {
              throw toSlonikError(error);
            })
            .finally(() => clearTimeout(timer));
          return {
            command: result.command as 'SELECT',
            fields: result.fields.map((field) => ({ dataTypeId: field.dataTypeID, name: field.name })),
            rowCount: result.rowCount,
            rows: result.rows,
          };
        },
        stream: () => {
          throw new Error('Streaming queries are not offered by this driver: read pages inside one snapshot instead');
        },
      };
    },
  }));
}
