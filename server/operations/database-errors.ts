import {
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  ConnectionError,
  IdleTransactionTimeoutError,
  StatementCancelledError,
  StatementTimeoutError,
  UnexpectedForeignConnectionError,
} from 'slonik';
import { DomainError, notFound, type ProblemCode, problems } from './errors.ts';
import type { Operation } from './operation.ts';

type DatabaseError = {
  code?: unknown;
  constraint?: unknown;
  message?: unknown;
  detail?: unknown;
  name?: unknown;
  cause?: unknown;
};

function* causes(error: unknown): Generator<DatabaseError> {
  let current = error;
  for (let depth = 0; depth < 6 && typeof current === 'object' && current !== null; depth += 1) {
    yield current as DatabaseError;
    current = (current as DatabaseError).cause;
  }
}

/** The SQLSTATE of an error from the database, or null. */
export function sqlStateOf(error: unknown): string | null {
  for (const { code } of causes(error)) {
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
      return code;
    }
  }
  return null;
}

/** Classes 08, 53, 57P and 55P03, 28P01, 3D000, 57014, 25P0x: the database is away, full, busy or refuses us (PostgreSQL appendix A). */
const UNAVAILABLE = /^(08...|53...|57...|55P03|28P01|28000|3D000|25P0.|40...)$/;
const UNAVAILABLE_ERRORS = [
  ConnectionError,
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  IdleTransactionTimeoutError,
  StatementCancelledError,
  StatementTimeoutError,
  UnexpectedForeignConnectionError,
];

/** Whether trying again later may help, because the failure was about reaching or using the server. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== null) {
    return UNAVAILABLE.test(state);
  }
  for (const cause of causes(error)) {
    if (
      UNAVAILABLE_ERRORS.some((errorClass) => cause instanceof errorClass) ||
      /connection|socket|network|ECONN|timeout|cannot connect/i.test(String(cause.message))
    ) {
      return true;
    }
  }
  return false;
}

function domainProblem(error: DatabaseError): DomainError | null {
  if (error.code !== 'SCP01' || typeof error.message !== 'string' || !Object.hasOwn(problems, error.message)) {
    return null;
  }
  if (error.message === 'not_found') {
    return notFound();
  }
  const { errors, message, ...extra } = JSON.parse(typeof error.detail === 'string' ? error.detail : '{}');
  return new DomainError(error.message as ProblemCode, message, { ...(errors ? { errors } : {}), extra });
}

/** What an error from the database means to the caller, or the error itself when it is a bug of ours. */
export function fromDatabase(error: unknown, operation?: Operation): unknown {
  if (error instanceof DomainError) {
    return error;
  }
  for (const cause of causes(error)) {
    const problem = domainProblem(cause);
    if (problem) {
      return problem;
    }
    const conflict = typeof cause.constraint === 'string' ? operation?.onConstraint?.[cause.constraint] : undefined;
    if (conflict) {
      return conflict();
    }
    if (cause.code === 'SCP04') {
      const message = 'Somebody’s rights changed at this very moment. Nothing was done; try again.';
      // With its cause: a door that can tell once more who asks tries again by itself.
      return Object.assign(new DomainError('unavailable', message, { retryAfterSeconds: 1 }), { cause });
    }
    if (cause.name === 'UnsafeIntegerError' || cause.code === '22003') {
      return new DomainError('amount_out_of_range', 'A sum is beyond what can be answered exactly (2^53 - 1).');
    }
  }
  if (isUnavailable(error)) {
    return new DomainError('unavailable', 'The database cannot be reached or is busy. Nothing was lost; try again.', {
      retryAfterSeconds: 2,
    });
  }
  return error;
}
