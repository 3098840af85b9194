import type { PaymentProcessor, ProcessorAnswer } from './processor.ts';

/** So long people wait for their money to move. */
const MOVES_WITHIN_MINUTES = 60;
/** By then no request of that time is under way any more. */
const KNOWN_AFTER_MINUTES = 120;

/**
 * Moves money while somebody waits for it. Later on it is only asked what became of that: nobody's card is charged hours after
 * they left. What the processor then still does not know never happened.
 * @returns null when that cannot be told yet
 */
export async function moveOrFind(
  processor: PaymentProcessor,
  wanted: { readonly key: string; readonly ageMinutes: number },
  move: () => Promise<ProcessorAnswer>,
): Promise<ProcessorAnswer | null> {
  if (wanted.ageMinutes < MOVES_WITHIN_MINUTES) return move();
  const found = await processor.find({ key: wanted.key });
  if (found || wanted.ageMinutes < KNOWN_AFTER_MINUTES) return found;
  return { outcome: 'declined', reason: 'The processor was not reached in time: no money has moved.' };
}
