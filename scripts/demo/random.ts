/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** A whole number from 0 on, below the limit. */
  below(limit: number): number;
  /** Whether something that happens so many times out of a hundred happens. */
  percent(chance: number): boolean;
  /** One of some. */
  of<T>(choices: readonly T[]): T;
};

/** A small linear congruential generator (Numerical Recipes). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // The high bits: the low ones come round every few numbers.
    return Math.floor((state / 2 ** 32) * limit);
  };
  return { below, percent: (chance) => below(100) < chance, of: (choices) => choices[below(choices.length)]! };
}
