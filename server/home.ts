import type { DatabasePool } from 'slonik';
import type { TenantRecord } from '../tenants/record.ts';
import { createApp, type RenderPage } from './app.ts';
import { KeyMemory } from './auth/key-memory.ts';
import { identify } from './contexts/health/operations.ts';
import { looksLost, requireOwnLogin } from './isolation.ts';
import { isUnavailable, sqlStateOf } from './operations/database-errors.ts';
import type { Runtime } from './operations/execute.ts';
import { runDueJobs } from './operations/jobs.ts';
import type { Neighbour, Services } from './operations/operation.ts';
import { operations, permissions } from './operations/registry.ts';
import type { RateLimits } from './rate-limit.ts';
import { UsageMeter } from './usage-meter.ts';

/** What a home needs from where it lives: the edge runtime, Vite's dev server, or a script. */
export type HomePorts = {
  openPool(record: TenantRecord): Promise<DatabasePool>;
  /** The record as the catalog has it now, past every cache. */
  readRecord(id: string): Promise<TenantRecord | null>;
  passwords: Services['passwords'];
  /** Derived from the master secret, for this tenant alone. */
  sealer: Services['sealer'];
  outbound: Services['outbound'];
  limits: RateLimits;
  /** Mail stays in the portal's own mailbox; otherwise it waits in the outbox. */
  hasMailbox: boolean;
  paymentProcessor: Services['paymentProcessor'];
  renderPage: RenderPage;
  /** The address of a tenant's portal, for links in what is written without a request. */
  addressOf(slug: string): string;
  /** Where hosts lead and who else lives here; not known to a home that a script opens by itself. */
  around?: {
    tenantAt(slug: string): Promise<string | null>;
    neighbourOf(record: TenantRecord): Promise<Neighbour | null>;
  };
};

/**
 * One tenant's home: a warm pool logged in as the tenant's own role, and the app. Nothing is correct because there is
 * one home: several may run at once and any may vanish; it holds only what Postgres can give again.
 */
export class Home {
  readonly #ports: HomePorts;
  readonly #app: ReturnType<typeof createApp>;
  #record: TenantRecord;
  #pool: Promise<DatabasePool> | undefined;
  #isRunningJobs = false;
  readonly #usage = new UsageMeter((use) => this.#withPool(use));

  constructor(record: TenantRecord, ports: HomePorts) {
    this.#record = record;
    this.#ports = ports;
    this.#app = createApp(this.runtime, ports.limits, ports.renderPage);
  }

  readonly runtime: Runtime = ((home: Home): Runtime => ({
    get tenant() {
      return home.#record;
    },
    get origin() {
      return home.#ports.addressOf(home.#record.slug);
    },
    services: {
      passwords: {
        hash: (password) => home.#ports.passwords.hash(password),
        verify: (stored, password) => home.#ports.passwords.verify(stored, password),
      },
      limit: async (kind, subject) => {
        await home.#ports.limits.take(kind, subject);
      },
      get sealer() {
        return home.#ports.sealer;
      },
      get outbound() {
        return home.#ports.outbound;
      },
      get paymentProcessor() {
        return home.#ports.paymentProcessor;
      },
      flags: { remembered: null },
      usage: home.#usage,
      get hasMailbox() {
        return home.#ports.hasMailbox;
      },
      giveBack: (kind, subject) => home.#ports.limits.giveBack(kind, subject),
      surroundings: {
        catalog: async () => {
          await home.#ports.readRecord(home.#record.id);
        },
        rateLimits: () => home.#ports.limits.ping(),
        tenantAtOwnHost: async () => (await home.#ports.around?.tenantAt(home.#record.slug)) ?? null,
        neighbour: async () => (await home.#ports.around?.neighbourOf(home.#record)) ?? null,
      },
    },
    operations,
    permissions,
    keys: new KeyMemory(),
    withPool: (use) => home.#withPool(use),
  }))(this);

  /** Takes the record that came with a request: another role, key or cluster means another pool. */
  use(record: TenantRecord): void {
    const before = this.#record;
    if (record.key_version < before.key_version && record.cluster.name === before.cluster.name) {
      // From a front that has not heard of the rotation yet; keys only count up.
      return;
    }
    this.#record = record;
    if (
      before.role !== record.role ||
      before.key_version !== record.key_version ||
      before.cluster.url !== record.cluster.url
    ) {
      void this.#closePool();
    }
  }

  async fetch(request: Request): Promise<Response> {
    const since = Date.now();
    try {
      return await this.#app.fetch(request);
    } finally {
      this.#usage.spend(Date.now() - since);
    }
  }

  /** Whose this home's connections are, for the probe of a neighbour. */
  identify(): ReturnType<Neighbour['identify']> {
    return this.#withPool(identify);
  }

  /** Carries out due jobs; a second call while one is at work has nothing to do. */
  async runJobs(): Promise<number> {
    if (this.#isRunningJobs) {
      return 0;
    }
    this.#isRunningJobs = true;
    const since = Date.now();
    try {
      return await runDueJobs(this.runtime);
    } finally {
      this.#isRunningJobs = false;
      this.#usage.spend(Date.now() - since);
    }
  }

  async close(): Promise<void> {
    if (this.#pool) await this.#usage.flush();
    this.#usage.stop();
    await this.#closePool();
  }

  async #closePool(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.then((opened) => opened.end()).catch(() => {});
  }

  #open(): Promise<DatabasePool> {
    if (!this.#pool) {
      const opening = this.#openOwn(this.#record);
      this.#pool = opening;
      opening.catch(() => {
        if (this.#pool === opening) {
          this.#pool = undefined;
        }
      });
    }
    return this.#pool;
  }

  /** A pool that turns out to be another tenant's is never used. */
  async #openOwn(record: TenantRecord): Promise<DatabasePool> {
    const pool = await this.#ports.openPool(record);
    try {
      await requireOwnLogin(pool, record);
      return pool;
    } catch (error) {
      await pool.end().catch(() => {});
      throw error;
    }
  }

  /** A connection that does not find its schema any more is told from a mistake of ours, and not used again. */
  async #refuseLost(): Promise<void> {
    try {
      await requireOwnLogin(await this.#open(), this.#record);
    } catch (error) {
      void this.#closePool();
      throw error;
    }
  }

  /** A refused password means that the key was rotated: the record is read again, once. */
  async #withPool<T>(use: (pool: DatabasePool) => Promise<T>): Promise<T> {
    const { key_version: refused } = this.#record;
    try {
      return await use(await this.#open());
    } catch (error) {
      if (looksLost(error)) {
        await this.#refuseLost();
      }
      if (!isUnavailable(error) || !/^28/.test(sqlStateOf(error) ?? '')) {
        throw error;
      }
      const fresh = await this.#ports.readRecord(this.#record.id);
      if (!fresh || fresh.key_version === refused) {
        throw error;
      }
      this.use(fresh);
      return use(await this.#open());
    }
  }
}
