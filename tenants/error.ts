/** What went wrong, in the words of the commands' exit codes (2 usage, 3 not found, 4 conflict, 1 failed). */
export type TenantErrorKind = 'invalid' | 'not_found' | 'conflict' | 'failed';

/** An expected failure of provisioning or fleet work; its message is one line meant for the person at the terminal. */
export class TenantError extends Error {
  readonly kind: TenantErrorKind;

  constructor(kind: TenantErrorKind, message: string) {
    super(message);
    this.name = 'TenantError';
    this.kind = kind;
  }
}

/** The SQLSTATE of a database error, or undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}
