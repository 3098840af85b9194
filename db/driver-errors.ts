import {
  BackendTerminatedError,
  CheckExclusionConstraintViolationError,
  CheckIntegrityConstraintViolationError,
  ForeignKeyIntegrityConstraintViolationError,
  IdleTransactionTimeoutError,
  InvalidInputError,
  NotNullIntegrityConstraintViolationError,
  StatementCancelledError,
  StatementTimeoutError,
  UniqueIntegrityConstraintViolationError,
} from 'slonik';

type PostgresError = Error & { code: string };

const constructors: Record<string, new (error: PostgresError) => Error> = {
  '23502': NotNullIntegrityConstraintViolationError,
  '23503': ForeignKeyIntegrityConstraintViolationError,
  '23505': UniqueIntegrityConstraintViolationError,
  '23514': CheckIntegrityConstraintViolationError,
  '23P01': CheckExclusionConstraintViolationError,
  '25P03': IdleTransactionTimeoutError,
  '57P01': BackendTerminatedError,
};

/** Maps an error of the wire protocol to Slonik's classes, as Slonik's stock driver does. */
export function toSlonikError(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return new BackendTerminatedError(new Error('The database connection was lost'));
  }
  if (/connection terminated/i.test(error.message)) {
    return new BackendTerminatedError(error);
  }
  if (!('code' in error) || typeof error.code !== 'string') {
    return error;
  }
  if (error.code === '22P02') {
    return new InvalidInputError(error.message, { cause: error });
  }
  if (error.code === '57014') {
    const isCancelled = error.message.includes('due to user request');
    return isCancelled ? new StatementCancelledError(error) : new StatementTimeoutError(error);
  }
  const errorClass = constructors[error.code];
  return errorClass ? new errorClass(error as PostgresError) : error;
}
