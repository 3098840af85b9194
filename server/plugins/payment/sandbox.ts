import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { newId } from '../../operations/id.ts';
import type { Attempt, Money, PaymentProcessor, ProcessorAnswer } from './processor.ts';

/** Cards that do not work, by their token; every other one does. */
export const SANDBOX_DECLINES: Readonly<Record<string, string>> = {
  tok_declined: 'The card was declined.',
  tok_insufficient_funds: 'The card has not enough money.',
  tok_expired: 'The card has expired.',
};
/** Takes the money and then does not answer, as a lost connection would; asked again, it tells. */
export const SANDBOX_SILENT_TOKEN = 'tok_silent';

const nothing = v.object({});
const row = v.object({
  reference: v.string(),
  of_reference: v.nullable(v.string()),
  kind: v.string(),
  state: v.string(),
  amount: v.number(),
  currency: v.string(),
  decline_reason: v.nullable(v.string()),
});
type Row = v.InferOutput<typeof row>;

const columns = sql.fragment`reference, of_reference, kind, state, amount, currency, decline_reason`;

/** What is captured or let go keeps the name under which it was held. */
const answerOf = ({ reference, of_reference, kind, decline_reason }: Row): ProcessorAnswer => {
  if (decline_reason !== null) return { outcome: 'declined', reason: decline_reason };
  const isStep = kind === 'capture' || kind === 'cancellation';
  return { outcome: 'succeeded', reference: isStep && of_reference ? of_reference : reference };
};

const declined = (reason: string): ProcessorAnswer => ({ outcome: 'declined', reason });

function known(tx: CommonQueryMethods, key: string) {
  return tx.maybeOne(sql.type(row)`SELECT ${columns} FROM sandbox_charges WHERE idempotency_key = ${key}`);
}

function locked(tx: CommonQueryMethods, reference: string) {
  return tx.maybeOne(sql.type(row)`SELECT ${columns} FROM sandbox_charges WHERE reference = ${reference} FOR UPDATE`);
}

type New = {
  key: string;
  kind: 'charge' | 'authorisation' | 'capture' | 'cancellation' | 'refund';
  state: string;
  money: Money;
  of?: string;
  reason?: string;
};

/** Two callers with the same key get the same row. */
async function write(tx: CommonQueryMethods, { key, kind, state, money, of, reason }: New): Promise<Row> {
  await tx.query(sql.type(nothing)`
    INSERT INTO sandbox_charges (reference, idempotency_key, of_reference, kind, state, amount, currency, decline_reason)
    VALUES (${`sandbox_${newId()}`}, ${key}, ${of ?? null}, ${kind}, ${state}, ${money.amount}, ${money.currency}, ${reason ?? null})
    ON CONFLICT (idempotency_key) DO NOTHING`);
  return tx.one(sql.type(row)`SELECT ${columns} FROM sandbox_charges WHERE idempotency_key = ${key}`);
}

async function setState(tx: CommonQueryMethods, reference: string, state: string, amount: number): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE sandbox_charges SET state = ${state}, amount = ${amount} WHERE reference = ${reference}`);
}

/**
 * A processor without money, so that everything can be tried without an account. It keeps its own record, in transactions of
 * its own, as a real one does at its side.
 */
export function sandboxProcessor(pool: CommonQueryMethods): PaymentProcessor {
  const take = async (
    kind: 'charge' | 'authorisation',
    state: string,
    request: Attempt & { money: Money; cardToken: string },
  ) => {
    const reason = SANDBOX_DECLINES[request.cardToken];
    const wanted = { key: request.key, kind, money: request.money };
    const before = await known(pool, request.key);
    const taken =
      before ?? (await write(pool, reason ? { ...wanted, state: 'declined', reason } : { ...wanted, state }));
    if (!before && request.cardToken === SANDBOX_SILENT_TOKEN) throw new Error('The sandbox does not answer');
    return answerOf(taken);
  };
  /** Takes what is held, or lets it go. `decide`: the amount of it, or why not. */
  const step = (
    asked: Attempt & { reference: string; kind: 'capture' | 'cancellation'; state: string },
    decide: (held: Row) => number | string,
  ) =>
    pool.transaction(async (tx) => {
      // Locked first: who waited for the same request finds its answer.
      const held = await locked(tx, asked.reference);
      const before = await known(tx, asked.key);
      if (before) return answerOf(before);
      if (held?.kind !== 'authorisation') return declined('There is no such authorisation.');
      const decided = decide(held);
      if (typeof decided === 'string') return declined(decided);
      await setState(tx, held.reference, asked.state, decided);
      const { key, kind, state, reference: of } = asked;
      return answerOf(await write(tx, { key, kind, state, money: { amount: decided, currency: held.currency }, of }));
    });
  return {
    name: 'sandbox',
    charge: (request) => take('charge', 'captured', request),
    authorise: (request) => take('authorisation', 'authorised', request),
    capture: ({ key, reference, money }) =>
      step({ key, kind: 'capture', state: 'captured', reference }, (held) => {
        if (held.state !== 'authorised') return `The authorisation is ${held.state}.`;
        if (money.currency !== held.currency || money.amount > held.amount) return 'That is more than is held.';
        return money.amount;
      }),
    cancel: ({ key, reference }) =>
      step({ key, kind: 'cancellation', state: 'canceled', reference }, (held) =>
        held.state === 'captured' ? 'The money was taken already.' : held.amount,
      ),
    find: async ({ key }) => {
      const row = await known(pool, key);
      return row && answerOf(row);
    },
    refund: ({ key, reference, money }) =>
      pool.transaction(async (tx) => {
        const taken = await locked(tx, reference);
        const before = await known(tx, key);
        if (before) return answerOf(before);
        if (taken?.state !== 'captured') return declined('There is no such charge.');
        const given = await tx.oneFirst(sql.type(v.object({ sum: v.number() }))`
          SELECT coalesce(sum(amount), 0)::bigint AS sum FROM sandbox_charges WHERE of_reference = ${reference} AND kind = 'refund'`);
        if (money.currency !== taken.currency || given + money.amount > taken.amount) {
          return declined('That is more than was taken.');
        }
        return answerOf(await write(tx, { key, kind: 'refund', state: 'refunded', money, of: reference }));
      }),
  };
}
