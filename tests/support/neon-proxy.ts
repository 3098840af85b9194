import { connect } from 'node:net';
import { type AddressInfo, type WebSocket, WebSocketServer } from 'ws';

/** A WebSocket server that leads to Postgres, as Neon's does. */
export type NeonProxy = {
  /** For `DATABASE_URL`'s `proxy=`: `ws://127.0.0.1:PORT/v2`. */
  url: string;
  /** How many connections have come through. */
  connections(): number;
  /** Breaks off every connection, and goes on listening. */
  cut(): void;
  stop(): Promise<void>;
};

/**
 * Speaks the protocol of Neon's proxy: `/v2?address=host:port`, then the bytes of the Postgres protocol in binary frames.
 * @see https://github.com/neondatabase/wsproxy
 */
export async function startNeonProxy(port = 0): Promise<NeonProxy> {
  const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false });
  let connections = 0;
  server.on('connection', (socket, request) => {
    connections += 1;
    const url = new URL(request.url ?? '/', 'http://proxy');
    const address = /^(.+):(\d+)$/.exec(url.searchParams.get('address') ?? '');
    if (url.pathname !== '/v2' || !address) {
      socket.close(1008, 'expected /v2?address=host:port');
      return;
    }
    pipe(socket, address[1] ?? '', Number(address[2]));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const cut = () => {
    for (const socket of server.clients) socket.terminate();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v2`,
    connections: () => connections,
    cut,
    stop: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function pipe(socket: WebSocket, host: string, port: number): void {
  const upstream = connect({ host, port, noDelay: true });
  socket.on('message', (data: Buffer) => upstream.write(data));
  socket.on('close', () => upstream.destroy());
  socket.on('error', () => upstream.destroy());
  upstream.on('data', (chunk) => socket.send(chunk, { binary: true }));
  upstream.on('close', () => socket.close());
  // A client sees what Neon's clients see: the socket closes.
  upstream.on('error', () => socket.close(1011));
}
