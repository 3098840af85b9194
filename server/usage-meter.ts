import { countUsage, type UsageReport } from './contexts/usage/operations.ts';
import { MEASURE_LABELS, type Measure, type Quota, stateOf } from './contexts/usage/schemas.ts';
import { DomainError } from './operations/errors.ts';
import type { Runtime } from './operations/execute.ts';
import type { UsageQuotas } from './operations/operation.ts';

/** What was counted here reaches the database this late at most; what a home hears of other homes is this old. */
const EVERY_MS = 10_000;

/**
 * Counts one home's share of what its tenant uses, and holds the quotas against it, with no round trip per request: what
 * was counted goes to the database in batches, whose answer tells what all homes together have used. A home that dies
 * loses what it counted in its last ten seconds. Where the database does not answer, what was last heard tells what is let
 * through, and the health of the system says so.
 */
export class UsageMeter implements UsageQuotas {
  readonly #withPool: Runtime['withPool'];
  #calls = 0;
  #workerMs = 0;
  #report: UsageReport | null = null;
  #reportedAt = 0;
  #isCounting = true;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(withPool: Runtime['withPool']) {
    this.#withPool = withPool;
  }

  /**
   * Counts calls that came with an API key.
   * @throws DomainError quota_exceeded
   */
  async takeCalls(calls = 1): Promise<void> {
    await this.require('worker_time');
    await this.requireRoom('api_calls', calls);
    this.#calls += calls;
    this.#flushLater();
  }

  /** Counts the time that a request or a job took, waiting included: it is what the clock of the edge tells. */
  spend(ms: number): void {
    this.#workerMs += ms;
    this.#flushLater();
  }

  async require(...measures: Measure[]): Promise<void> {
    for (const measure of measures) await this.requireRoom(measure, 1);
  }

  async requireRoom(measure: Measure, more: number): Promise<void> {
    await this.ready();
    if (!this.#isOver(measure, more)) return;
    // Whoever is refused is refused by the latest figures: a day may have ended, a limit been raised.
    if (Date.now() - this.#reportedAt >= EVERY_MS) await this.flush();
    if (this.#isOver(measure, more)) throw this.#refusal(measure);
  }

  exceeded(): Quota[] {
    const quotas = this.#report?.measures.map((each) => {
      const used = this.#used(each.measure);
      return { ...each, used, state: stateOf({ ...each, used }) };
    });
    return quotas?.filter(({ state }) => state !== 'ok') ?? [];
  }

  isCounting(): boolean {
    return this.#isCounting;
  }

  async ready(): Promise<void> {
    if (Date.now() - this.#askedAt >= EVERY_MS) void this.flush();
    if (this.#report === null) await this.#asking;
  }

  flush(): Promise<void> {
    this.#asking ??= this.#flush().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #quota(measure: Measure) {
    return this.#report?.measures.find((each) => each.measure === measure);
  }

  #used(measure: Measure): number {
    const own = { api_calls: this.#calls, worker_time: Math.round(this.#workerMs) };
    return (this.#quota(measure)?.used ?? 0) + (measure in own ? own[measure as keyof typeof own] : 0);
  }

  #isOver(measure: Measure, more: number): boolean {
    const limit = this.#quota(measure)?.hard_limit ?? null;
    return limit !== null && this.#used(measure) + more > limit;
  }

  #refusal(measure: Measure): DomainError {
    const quota = this.#quota(measure);
    const label = MEASURE_LABELS[measure];
    const extra = { measure, hard_limit: quota?.hard_limit };
    if (!quota?.is_daily) {
      return new DomainError('quota_exceeded', `${label}: the quota is used up. What is there can still be read.`, {
        extra,
      });
    }
    const passed = (Date.now() - this.#reportedAt) / 1000;
    const retryAfterSeconds = Math.max(1, Math.ceil((this.#report?.ends_in ?? 0) - passed));
    const words = `${label}: the quota of today is used up. It begins anew at midnight.`;
    return new DomainError('quota_exceeded', words, { extra, retryAfterSeconds });
  }

  #flushLater(): void {
    if (this.#timer !== undefined || (this.#calls === 0 && this.#workerMs < 1)) return;
    this.#timer = setTimeout(() => void this.flush(), EVERY_MS);
    // In Node, nothing waits for it; at the edge there is nothing to keep waiting.
    (this.#timer as Partial<NodeJS.Timeout>).unref?.();
  }

  async #flush(): Promise<void> {
    this.stop();
    this.#askedAt = Date.now();
    const [calls, workerMs] = [this.#calls, Math.round(this.#workerMs)];
    try {
      this.#report = await this.#withPool((pool) => countUsage(pool, calls, workerMs));
      this.#reportedAt = Date.now();
      this.#isCounting = true;
      this.#calls -= calls;
      this.#workerMs -= workerMs;
    } catch (error) {
      this.#isCounting = false;
      console.warn('usage could not be counted', error instanceof Error ? error.name : 'unknown');
    }
    this.#flushLater();
  }
}
