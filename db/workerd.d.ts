// The few shapes of the edge runtime that this code uses; its own type package redefines DOM types that the portal needs.
interface Socket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<unknown>;
  close(): Promise<void>;
  startTls(): Socket;
}

declare module 'cloudflare:sockets' {
  export function connect(
    address: { hostname: string; port: number },
    options?: { secureTransport?: 'on' | 'off' | 'starttls'; allowHalfOpen?: boolean },
  ): Socket;
}

declare module 'cloudflare:workers' {
  export class WorkerEntrypoint<Env = unknown> {
    constructor(context: ExecutionContext, env: Env);
    protected readonly ctx: ExecutionContext;
    protected readonly env: Env;
  }
  export class DurableObject<Env = unknown> {
    constructor(state: DurableObjectState, env: Env);
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
  }
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}

interface DurableObjectState {
  waitUntil(promise: Promise<unknown>): void;
}

interface Fetcher {
  fetch(request: Request | string, init?: RequestInit): Promise<Response>;
}

interface DurableObjectNamespace<Stub = Fetcher> {
  idFromName(name: string): { readonly name?: string };
  get(id: { readonly name?: string }, options?: { locationHint?: string }): Stub;
}
