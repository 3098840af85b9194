import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { PaymentProcessor } from '../../server/plugins/payment/processor.ts';

/** How a processor is driven: cards that it takes, and that it declines. */
export type Cards = { readonly good: string; readonly declined: string };

const usd = (amount: number) => ({ amount, currency: 'USD' });
const key = () => randomUUID();

/** What every implementation of `PaymentProcessor` keeps to. */
export function describeProcessor(processor: () => PaymentProcessor, cards: Cards): void {
  const charge = (amount: number, asked = key()) =>
    processor().charge({ key: asked, money: usd(amount), cardToken: cards.good });
  const hold = (amount: number) => processor().authorise({ key: key(), money: usd(amount), cardToken: cards.good });
  const capture = (reference: string, amount: number, asked = key()) =>
    processor().capture({ key: asked, reference, money: usd(amount) });
  const cancel = (reference: string, asked = key()) => processor().cancel({ key: asked, reference });
  const refund = (reference: string, amount: number, asked = key()) =>
    processor().refund({ key: asked, reference, money: usd(amount) });
  const referenceOf = async (answer: ReturnType<PaymentProcessor['charge']>) => {
    const got = await answer;
    if (got.outcome !== 'succeeded') throw new Error(`Declined: ${got.reason}`);
    return got.reference;
  };
  const outcomes = async (answers: ReturnType<PaymentProcessor['charge']>[]) =>
    (await Promise.all(answers)).map(({ outcome }) => outcome).sort();

  test('charges a card once per key, however often it is asked at once, and finds it by the key', async () => {
    const asked = key();
    expect(await processor().find({ key: asked })).toBeNull();
    const answers = await Promise.all(Array.from({ length: 8 }, () => charge(1_000, asked)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ outcome: 'succeeded' });
    expect(await processor().find({ key: asked })).toEqual(answers[0]);
  });

  test('declines a card with a reason, and says the same again', async () => {
    for (const take of ['charge', 'authorise'] as const) {
      const request = { key: key(), money: usd(1_000), cardToken: cards.declined };
      const answer = await processor()[take](request);
      expect(answer).toMatchObject({ outcome: 'declined', reason: expect.stringMatching(/\w/) });
      expect(await processor()[take](request)).toEqual(answer);
      expect(await processor().find(request)).toEqual(answer);
    }
  });

  test('takes a held amount or less, once, under the name it was held by', async () => {
    const reference = await referenceOf(hold(5_000));
    expect(await outcomes([capture(reference, 5_001), refund(reference, 1)])).toEqual(['declined', 'declined']);
    const asked = key();
    const answers = await Promise.all([capture(reference, 3_000, asked), capture(reference, 3_000, asked)]);
    expect(answers).toEqual([
      { outcome: 'succeeded', reference },
      { outcome: 'succeeded', reference },
    ]);
    expect(await processor().find({ key: asked })).toEqual({ outcome: 'succeeded', reference });
    expect(await outcomes([capture(reference, 1_000), cancel(reference)])).toEqual(['declined', 'declined']);
    expect((await refund(reference, 3_001)).outcome).toBe('declined');
    expect((await refund(reference, 3_000)).outcome).toBe('succeeded');
  });

  test('lets go what is held, and then takes nothing of it', async () => {
    const reference = await referenceOf(hold(5_000));
    const asked = key();
    expect((await cancel(reference, asked)).outcome).toBe('succeeded');
    expect(await cancel(reference, asked)).toEqual(await processor().find({ key: asked }));
    expect(await outcomes([capture(reference, 5_000), refund(reference, 1)])).toEqual(['declined', 'declined']);
  });

  test('of a capture and a cancellation at once, one happens', async () => {
    for (let round = 0; round < 5; round++) {
      const reference = await referenceOf(hold(5_000));
      expect(await outcomes([capture(reference, 5_000), cancel(reference)])).toEqual(['declined', 'succeeded']);
    }
  });

  test('gives back no more than it took, whoever asks at once; the same request gives back once', async () => {
    const reference = await referenceOf(charge(1_000));
    const asked = key();
    const same = await Promise.all([refund(reference, 600, asked), refund(reference, 600, asked)]);
    expect(same[0]).toMatchObject({ outcome: 'succeeded' });
    expect(same[1]).toEqual(same[0]);
    const others = await outcomes(Array.from({ length: 4 }, () => refund(reference, 150)));
    expect(others).toEqual(['declined', 'declined', 'succeeded', 'succeeded']);
  });

  test('knows nothing of what it never heard of', async () => {
    const unknown = `sandbox_${randomUUID()}`;
    expect(await outcomes([capture(unknown, 1), cancel(unknown), refund(unknown, 1)])).toEqual(
      Array(3).fill('declined'),
    );
  });
}
