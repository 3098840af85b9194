/** Every problem code that the product answers, with its HTTP status and title. One table, every door. */
export const problems = {
  malformed: [400, 'The request cannot be read'],
  unauthenticated: [401, 'Sign in or send an API key'],
  invalid_credentials: [401, 'E-mail or password is wrong'],
  second_factor_required: [401, 'The code of the second factor is needed'],
  second_factor_wrong: [401, 'The code of the second factor is wrong'],
  passkey_refused: [401, 'The passkey was refused'],
  passkey_copied: [401, 'The passkey may have been copied'],
  sso_required: [401, 'Sign in through your organisation'],
  sso_refused: [403, 'Single sign-on did not succeed'],
  forbidden: [403, 'You may not do this'],
  step_up_required: [403, 'Prove first who you are'],
  not_while_impersonating: [403, 'Not while you view as somebody else'],
  impersonation_over: [403, 'You no longer view as somebody else'],
  cross_origin: [403, 'The request comes from another site'],
  tenant_suspended: [403, 'This portal is suspended'],
  not_found: [404, 'There is nothing here'],
  method_not_allowed: [405, 'This address does not answer that method'],
  conflict: [409, 'This conflicts with something that exists'],
  not_ready: [409, 'It is not ready to go live'],
  slot_taken: [409, 'Somebody else has this time'],
  idempotency_conflict: [409, 'This Idempotency-Key was used for another request'],
  already_done: [409, 'This was done already and its answer is not shown twice'],
  stale: [412, 'This was changed by somebody else meanwhile'],
  too_large: [413, 'The request is too large'],
  unsupported_media_type: [415, 'Send JSON'],
  invalid: [422, 'Some fields need another value'],
  amount_out_of_range: [422, 'An amount is out of range'],
  unbalanced: [422, 'Debits and credits differ'],
  account_not_found: [422, 'An account does not exist'],
  account_closed: [422, 'An account is closed'],
  book_closed: [422, 'The books are closed'],
  period_closed: [422, 'The period is closed'],
  limit_exceeded: [422, 'A balance would leave its limits'],
  insufficient_funds: [422, 'There is not enough money to pay out'],
  already_settled: [409, 'The payout arrived already'],
  already_returned: [409, 'The payout came back already'],
  already_posted: [409, 'The transaction is posted already'],
  already_voided: [409, 'The transaction was voided'],
  already_reversed: [409, 'The transaction was reversed'],
  not_posted: [409, 'The transaction is not posted yet'],
  account_not_empty: [409, 'The account still holds something'],
  book_not_empty: [409, 'The books still hold something'],
  period_not_ready: [409, 'The period cannot be closed yet'],
  last_owner: [409, 'The tenant would be left without an owner'],
  role_in_use: [409, 'The role is still held'],
  second_person_needed: [409, 'Somebody else has to do this'],
  already_imported: [409, 'This was imported already'],
  already_matched: [409, 'A line is matched already'],
  already_signed_off: [409, 'The statement is signed off'],
  not_signed_off: [409, 'The statement is not signed off'],
  not_reconciled: [409, 'The statement is not reconciled yet'],
  sums_differ: [422, 'The sums of both sides differ'],
  book_not_found: [422, 'The book does not exist'],
  party_not_found: [422, 'A party of the transaction does not exist'],
  currency_mismatch: [422, 'The currencies do not match'],
  rule_violation: [422, 'The posting rule does not allow this'],
  rate_limited: [429, 'Too many requests'],
  quota_exceeded: [429, 'A quota is used up'],
  internal: [500, 'Something went wrong on our side'],
  unavailable: [503, 'The service is not available right now'],
  tenant_upgrading: [503, 'This portal is being upgraded'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problems;

export type FieldErrors = Record<string, string[]>;

type Detail = {
  errors?: FieldErrors;
  retryAfterSeconds?: number;
  /** The RateLimit header of a refusal. */
  rateLimit?: string;
  /** The methods of the Allow header. */
  allow?: readonly string[];
  /** Further members of the problem document. */
  extra?: Record<string, unknown>;
  /** What was tried, for the audit event of a denial; never answered. */
  subject?: string;
  /** Why, in the audit event of a denial, where the operation's summary does not say it. */
  reason?: string;
  /** The personal data behind the subject: in the event too, where an erasure takes it away. */
  about?: string;
};

/** An outcome that the contract names. Anything else that is thrown is a bug and becomes a 500 without a message. */
export class DomainError extends Error {
  readonly code: ProblemCode;
  readonly detail: Detail;

  /** @param message One sentence for the person: what is wrong and what to do. Never the input, never SQL. */
  constructor(code: ProblemCode, message?: string, detail: Detail = {}) {
    super(message ?? problems[code][1]);
    this.name = 'DomainError';
    this.code = code;
    this.detail = detail;
  }
}

/** Absent, foreign and unreadable ids are all this one. */
export function notFound(): DomainError {
  return new DomainError('not_found', 'It does not exist, or you may not see it.');
}

/** Why what was looked for with a scope and a version did not change. */
export function whyUnchanged(found: object | null): DomainError {
  return found ? new DomainError('stale') : notFound();
}

/** One field needs another value. */
export function wrongField(field: string, message: string): DomainError {
  return new DomainError('invalid', undefined, { errors: { [field]: [message] } });
}

/** @param allowed what the address does answer */
export function methodNotAllowed(allowed: readonly string[]): DomainError {
  return new DomainError('method_not_allowed', `This address answers ${allowed.join(', ')}.`, { allow: allowed });
}

/** What was looked for, or `not_found`. */
export function orNotFound<T>(found: T | null): T {
  if (found === null) {
    throw notFound();
  }
  return found;
}

/** RFC 9457, with the members of the outside contract. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id: string;
  errors?: FieldErrors;
  [extra: string]: unknown;
};

export function toProblem(error: DomainError, requestId: string): Problem {
  const [status, title] = problems[error.code];
  const members = {
    type: `/api/docs#problem-${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    request_id: requestId,
    ...(error.detail.errors ? { errors: error.detail.errors } : {}),
  };
  // First for whoever reads it, and last so that nothing given beside replaces a member.
  return { ...members, ...error.detail.extra, ...members };
}
