/** Calls per second of `run` by so many callers at once, over a time. The first failure ends the measurement. */
export async function perSecond(run: () => Promise<void>, callers: number, durationMs: number): Promise<number> {
  const start = performance.now();
  const until = start + durationMs;
  let done = 0;
  const caller = async () => {
    while (performance.now() < until) {
      await run();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - start);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
