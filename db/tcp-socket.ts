import { connect } from 'cloudflare:sockets';

type Listener = (event: { data?: ArrayBuffer; message?: string }) => void;

/** What the Neon driver needs of a WebSocket, spoken over a plain TCP socket of the edge runtime. */
export class TcpSocket {
  binaryType = 'arraybuffer';
  readonly #listeners = new Map<string, Listener[]>();
  #socket: Socket | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #pending: Uint8Array[] = [];
  #isClosed = false;

  /** @param address `ws://host:port/?tls=1`: the form in which the Neon driver hands over an address. */
  constructor(address: string) {
    const url = new URL(address);
    void this.#open(url.hostname, Number(url.port || 80), url.searchParams.has('tls'));
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** Writes of one turn leave together: the protocol's parse, bind, execute and sync are one packet. */
  send(data: Uint8Array): void {
    this.#pending.push(data);
    if (this.#pending.length === 1) {
      queueMicrotask(() => this.#flush());
    }
  }

  close(): void {
    this.#flush();
    this.#shut();
  }

  #emit(type: string, event: { data?: ArrayBuffer; message?: string } = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      listener(event);
    }
  }

  #shut(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#socket?.close().catch(() => {});
      this.#emit('close');
    }
  }

  #flush(): void {
    const parts = this.#pending;
    this.#pending = [];
    if (parts.length > 0 && this.#writer && !this.#isClosed) {
      this.#writer.write(parts.length === 1 ? parts[0]! : joined(parts)).catch(() => this.#shut());
    }
  }

  async #open(hostname: string, port: number, isTlsWanted: boolean): Promise<void> {
    try {
      this.#socket = connect(
        { hostname, port },
        { secureTransport: isTlsWanted ? 'starttls' : 'off', allowHalfOpen: false },
      );
      await this.#socket.opened;
      if (isTlsWanted) {
        this.#socket = await startTls(this.#socket);
      }
      this.#writer = this.#socket.writable.getWriter();
      this.#emit('open');
      await this.#read(this.#socket.readable.getReader());
      this.#shut();
    } catch (error) {
      this.#emit('error', { message: error instanceof Error ? error.message : 'socket failed' });
      this.#shut();
    }
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const isWhole = value.byteOffset === 0 && value.byteLength === value.buffer.byteLength;
      this.#emit('message', { data: (isWhole ? value.buffer : value.slice().buffer) as ArrayBuffer });
    }
  }
}

/** Postgres starts TLS on request: SSLRequest, answered by one byte (protocol documentation, "SSL Session Encryption"). */
async function startTls(socket: Socket): Promise<Socket> {
  const writer = socket.writable.getWriter();
  await writer.write(new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]));
  writer.releaseLock();
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  if (value?.[0] !== 83) {
    throw new Error('The database server does not offer TLS');
  }
  return socket.startTls();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
