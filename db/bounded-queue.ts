import { ConnectionError, type DatabasePool } from 'slonik';

/** The methods of a pool that take a connection. */
const TAKING: ReadonlySet<string | symbol> = new Set([
  'any',
  'anyFirst',
  'connect',
  'exists',
  'many',
  'manyFirst',
  'maybeOne',
  'maybeOneFirst',
  'one',
  'oneFirst',
  'query',
  'transaction',
]);

export type QueueOptions = {
  size: number;
  /** How long a caller waits in all: for its turn, and between its attempts. */
  waitMs: number;
  /** Called when no connection could be made. Whether it is worth another try, and after how many milliseconds. */
  onRefused: (error: ConnectionError, attempt: number) => number | null;
};

type Waiting = { go: () => void; refuse: (error: ConnectionError) => void };

/**
 * Callers of the pool wait here for one of its connections: in order, and for so long at most. Slonik has a queue too,
 * but forgets whoever waits in it when a connection cannot be made, so that a request would hang until another succeeds.
 */
export function withBoundedQueue(pool: DatabasePool, options: QueueOptions): DatabasePool {
  const queue = new BoundedQueue(options);
  return new Proxy(pool, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || !TAKING.has(name)) {
        return method;
      }
      return (...args: unknown[]) => queue.run(() => method.apply(target, args));
    },
  });
}

class BoundedQueue {
  readonly #options: QueueOptions;
  readonly #waiting = new Set<Waiting>();
  #free: number;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#free = options.size;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.#options.waitMs;
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await this.#turn();
    }
    try {
      return await this.#attempt(work, deadline);
    } finally {
      this.#leave();
    }
  }

  async #attempt<T>(work: () => Promise<T>, deadline: number): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        // Slonik throws it before the work begins, so that another try does nothing twice.
        if (!(error instanceof ConnectionError)) {
          throw error;
        }
        const delayMs = this.#options.onRefused(error, attempt);
        if (delayMs === null || Date.now() + delayMs > deadline) {
          // The server is away, or full for too long. Those who wait would each ask it once more, one after the other.
          for (const { refuse } of this.#waiting) refuse(error);
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (answer: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        answer();
      };
      const waiting: Waiting = {
        go: () => settle(resolve),
        refuse: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(
        () => waiting.refuse(new ConnectionError('No database connection became free in time')),
        this.#options.waitMs,
      );
      this.#waiting.add(waiting);
    });
  }

  /** Hands the place on, or gives it back. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next) {
      next.go();
    } else {
      this.#free += 1;
    }
  }
}
