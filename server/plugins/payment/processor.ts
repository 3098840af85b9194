/** Minor units and ISO 4217. */
export type Money = { readonly amount: number; readonly currency: string };

/** What a processor did, or why it did not. `reference` is the processor's own name for it. */
export type ProcessorAnswer =
  | { readonly outcome: 'succeeded'; readonly reference: string }
  | { readonly outcome: 'declined'; readonly reason: string };

/** `key`: the same request again, after a crash or a time-out, is answered the same and moves no money twice. */
export type Attempt = { readonly key: string };

/**
 * Takes money from cards. Every method may throw: then nobody knows whether it happened, and asking again with the same key
 * tells.
 */
export type PaymentProcessor = {
  /** As payments name it. */
  readonly name: string;
  /** Takes the money at once. */
  charge(request: Attempt & { readonly money: Money; readonly cardToken: string }): Promise<ProcessorAnswer>;
  /** Holds it, to be captured or cancelled. */
  authorise(request: Attempt & { readonly money: Money; readonly cardToken: string }): Promise<ProcessorAnswer>;
  /** Takes what is held, or less; the rest is let go. */
  capture(request: Attempt & { readonly reference: string; readonly money: Money }): Promise<ProcessorAnswer>;
  /** Lets go what is held. */
  cancel(request: Attempt & { readonly reference: string }): Promise<ProcessorAnswer>;
  /** What became of a request with this key; null when it never came. */
  find(request: Attempt): Promise<ProcessorAnswer | null>;
  /** Gives back of what was taken, never more than that in all. */
  refund(request: Attempt & { readonly reference: string; readonly money: Money }): Promise<ProcessorAnswer>;
};
